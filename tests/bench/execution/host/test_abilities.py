"""What can be enforced and measured."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.execution.host import cgroup, linux
from bench.execution.host.abilities import Abilities, Ability, abilities

Write = Callable[..., Path]


def _how(found: Abilities) -> dict[str, str]:
    return {ability.name: ability.how for ability in (*found.enforced, *found.measured)}


def test_a_machine_that_shows_everything_lacks_cgroups_at_most(write: Write) -> None:
    """All other abilities are there, with nothing amiss."""
    me, cpu = os.getpid(), min(os.sched_getaffinity(0))
    folders = [f"sys/devices/system/cpu/cpu{cpu}" for cpu in os.sched_getaffinity(0)]
    root = write(
        {
            f"proc/{me}/task/{me}/children": "",
            "proc/self/status": "VmHWM: 7 kB",
            "proc/self/clear_refs": "",
            "proc/stat": "cpu",
            "proc/pressure/cpu": "some",
            f"sys/devices/system/cpu/cpu{cpu}/thermal_throttle/core_throttle_count": 0,
            **{f"{path}/topology/thread_siblings_list": path[-1] for path in folders},
        }
    )
    found = abilities(root)
    assert _how(found) == {
        "wall": "supervisor",
        "cpu": "sampling + rlimit",
        "memory": "rlimit + sampling",
        "leftovers": "subreaper",
        "cores": "affinity",
        "peak memory": "VmHWM",
        "load": "/proc/stat",
        "pressure": "PSI",
        "throttling": "thermal_throttle",
    }
    amiss = [ability.name for ability in (*found.enforced, *found.measured) if ability.amiss]
    assert amiss == ["memory"]


def test_a_machine_that_shows_nothing_says_so(tmp_path: Path) -> None:
    """What has no source has no way, and a reason."""
    found = abilities(tmp_path)
    for ability in found.measured:
        assert ability.how == ""
        assert ability.amiss


def test_memory_is_limited_by_a_cgroup_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless it turned out that it cannot be used after all."""
    monkeypatch.setattr(cgroup, "find", lambda _: (cgroup.Delegation(Path("group")), ""))
    assert _how(abilities())["memory"] == "cgroup"
    refused = abilities(refusal="the cgroup cannot be divided")
    assert _how(refused)["memory"] == "rlimit + sampling"
    memory = next(ability for ability in refused.enforced if ability.name == "memory")
    assert "the cgroup cannot be divided" in memory.amiss


def test_elsewhere_than_on_linux_no_tree_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """CPU, memory, leftovers and cores are only Linux's."""
    monkeypatch.setattr(linux, "LINUX", False)
    found = abilities()
    assert [ability.name for ability in found.enforced if not ability.how] == [
        "cpu",
        "memory",
        "leftovers",
        "cores",
    ]


def test_tags_say_how_or_why_not() -> None:
    """They are stored with the results."""
    found = Abilities(
        (Ability("memory", "rlimit + sampling", "coarse"),), (Ability("peak memory", "", "why"),)
    )
    assert found.tags() == {
        "bench.enforced.memory": "rlimit + sampling",
        "bench.measured.peak_memory": "no: why",
    }


def test_this_machine_enforces_every_limit() -> None:
    """However well it does."""
    assert all(ability.how for ability in abilities().enforced)
