"""Facts about the machine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bench.execution.host import machine

Write = Callable[..., Path]
CPU = "sys/devices/system/cpu"


def test_the_different_governors_are_listed(write: Write) -> None:
    """Each once."""
    governors = {0: "powersave", 1: "performance", 2: "powersave"}
    root = write({f"{CPU}/cpu{i}/cpufreq/scaling_governor": text for i, text in governors.items()})
    assert machine.read(root).governors == ("performance", "powersave")


@pytest.mark.parametrize(
    ("file", "text", "on"),
    [
        ("cpufreq/boost", "1", True),
        ("cpufreq/boost", "0", False),
        ("intel_pstate/no_turbo", "0", True),
        ("intel_pstate/no_turbo", "1", False),
    ],
)
def test_turbo_is_read_from_either_file(write: Write, file: str, text: str, on: bool) -> None:
    """One says whether it is on, the other whether it is off."""
    assert machine.read(write({f"{CPU}/{file}": text})).turbo is on


@pytest.mark.parametrize(
    ("cpuinfo", "virtual"),
    [
        ("flags\t\t: fpu hypervisor sse", True),
        ("flags\t\t: fpu sse", False),
        ("Features\t: fp asimd", None),
    ],
)
def test_a_hypervisor_shows_itself_among_the_flags(
    write: Write, cpuinfo: str, virtual: bool | None
) -> None:
    """Other processors than x86 do not say."""
    assert machine.read(write({"proc/cpuinfo": f"processor\t: 0\n{cpuinfo}"})).virtual is virtual


def test_the_tightest_memory_limit_around_counts(write: Write) -> None:
    """In MiB; what is larger than the machine is no limit."""
    root = write(
        {
            "proc/self/mounts": "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0",
            "proc/self/cgroup": "0::/a/b",
            "sys/fs/cgroup/a/memory.max": 64 * 2**20,
            "sys/fs/cgroup/a/b/memory.max": "max",
        }
    )
    assert machine.read(root).allowed_mib == 64


def test_the_unlimited_of_version_1_is_no_limit(write: Write) -> None:
    """It is a very large number there."""
    root = write(
        {
            "proc/self/mounts": "cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0",
            "proc/self/cgroup": "4:memory:/",
            "sys/fs/cgroup/memory/memory.limit_in_bytes": 9223372036854771712,
        }
    )
    assert machine.read(root).allowed_mib is None


def test_what_is_not_shown_is_not_known(tmp_path: Path) -> None:
    """Nothing is guessed."""
    found = machine.read(tmp_path)
    assert (found.governors, found.turbo, found.virtual, found.clock) == ((), None, None, None)


def test_the_figures_of_this_machine_are_sane() -> None:
    """Some memory is free, and the clock ticks within a millisecond."""
    found = machine.read()
    assert 0 < found.available_mib <= found.memory_mib
    assert 0 < found.clock_resolution_s < 1e-3
