"""Noticing what disturbs a measurement."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bench.execution.host import noise
from bench.execution.host.noise import HostCounters, Noise

Write = Callable[..., Path]
QUIET = HostCounters(
    moment_s=100.0,
    n_cpus=2,
    pinned=False,
    busy_s=50.0,
    steal_s=1.0,
    cpu_waited_s=5.0,
    memory_waited_s=0.0,
    io_waited_s=3.0,
    halted_s=0.0,
    n_throttled=7,
    n_pages_swapped=1000,
    load=0.5,
)
STAT = """\
cpu  300 0 100 9000 0 0 0 40 0 0
cpu0 100 10 50 4500 5 4 6 15 0 0
cpu1 200 0 50 4500 0 0 0 25 0 0
intr 12345 0 0
"""


def _later(seconds: float = 10.0, **more: float) -> HostCounters:
    changes = {name: getattr(QUIET, name) + value for name, value in more.items()}
    return replace(QUIET, moment_s=QUIET.moment_s + seconds, **changes)


def _reasons(**more: float) -> tuple[str, ...]:
    return noise.noise(QUIET, _later(**more), own_cpu_s=0.0).reasons


def test_a_quiet_machine_is_ok() -> None:
    """Nothing but our own work: no reason."""
    found = noise.noise(QUIET, _later(busy_s=9.9), own_cpu_s=9.9)
    assert (found.ok, found.reasons, found.tag) == (True, (), "ok")


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"busy_s": 5.0}, "other processes used 50% of a core"),
        ({"steal_s": 1.0}, "the hypervisor took 5.0% of the CPU time"),
        ({"memory_waited_s": 0.5}, "processes waited for memory 5% of the time"),
        ({"io_waited_s": 4.0}, "processes waited for disks 40% of the time"),
        ({"halted_s": 0.3}, "a CPU quota halted processes 3.0% of the time"),
        ({"n_throttled": 2}, "the processor throttled itself 2 times"),
        ({"n_pages_swapped": 2560}, "10 MiB were swapped"),
    ],
)
def test_each_disturbance_is_a_reason_of_its_own(more: dict[str, float], reason: str) -> None:
    """With the figure in words."""
    assert _reasons(**more) == (reason,)


@pytest.mark.parametrize(
    "more",
    [
        {"busy_s": 0.9},
        {"steal_s": 0.1},
        {"memory_waited_s": 0.09},
        {"io_waited_s": 1.9},
        {"n_pages_swapped": 100},
        {"cpu_waited_s": 10.0},
    ],
)
def test_traces_are_no_reason(more: dict[str, float]) -> None:
    """What every machine does a little is measured but not blamed; nor is waiting of others."""
    assert _reasons(**more) == ()


def test_of_a_pinned_task_a_busy_core_is_others_less_than_a_busy_machine() -> None:
    """One core is judged by 5 % of one CPU, a machine of two by 5 % of both."""
    before, after = replace(QUIET, pinned=True), replace(_later(busy_s=10.8), pinned=True)
    assert noise.noise(before, after, own_cpu_s=10.0).reasons == (
        "other processes used 8% of a core",
    )
    assert noise.noise(QUIET, _later(busy_s=10.8), own_cpu_s=10.0).reasons == ()


def test_without_our_own_cpu_time_pressure_and_switches_stand_in() -> None:
    """A task that is not pinned cannot tell its neighbours' load from that of strangers."""
    after = _later(busy_s=15.0, cpu_waited_s=5.0)
    found = noise.noise(QUIET, after, own_cpu_s=None, n_involuntary_switches=900)
    assert found.reasons == (
        "processes waited for a CPU 50% of the time",
        "preempted 90 times a second",
    )
    assert "others_cpus" not in found.figures


def test_what_is_too_short_for_the_clock_is_not_judged() -> None:
    """One tick of 10 ms in a window of 20 ms is no proof of load."""
    found = noise.noise(QUIET, _later(0.02, busy_s=0.03), own_cpu_s=0.01)
    assert found.reasons == ()
    assert found.figures["others_cpus"] == pytest.approx(1.0)


def test_a_machine_that_tells_nothing_is_unknown() -> None:
    """Neither ok nor not: nobody can tell."""
    bare = HostCounters(moment_s=1.0, n_cpus=4, pinned=False)
    found = noise.noise(bare, replace(bare, moment_s=2.0), own_cpu_s=0.5)
    assert (found.ok, found.tag, found.figures) == (None, "unknown", {})


def test_figures_have_what_was_measured() -> None:
    """CPUs, shares, MiB, load."""
    found = noise.noise(QUIET, _later(busy_s=6.0, steal_s=0.2, cpu_waited_s=1.0), own_cpu_s=5.0)
    assert found.figures == {
        "others_cpus": pytest.approx(0.1),
        "steal_share": pytest.approx(0.01),
        "cpu_pressure": pytest.approx(0.1),
        "memory_pressure": 0.0,
        "io_pressure": 0.0,
        "halted_share": 0.0,
        "n_throttled": 0,
        "swapped_mib": 0.0,
        "load": 0.5,
    }


def test_all_counters_are_read(write: Write) -> None:
    """From the files that the kernel has for them, in seconds."""
    throttle = "sys/devices/system/cpu/cpu{}/thermal_throttle/{}_throttle_count"
    pressure = "some avg10=0.00 avg60=0.00 avg300=0.00 total=2500000\nfull avg10=0.00 total=9"
    root = write(
        {
            "proc/stat": STAT,
            "proc/vmstat": "nr_free_pages 1\npswpin 3\npswpout 4",
            **{f"proc/pressure/{what}": pressure for what in ("cpu", "memory", "io")},
            throttle.format(0, "core"): 1,
            throttle.format(0, "package"): 2,
            throttle.format(1, "core"): 5,
        }
    )
    found = noise.read_counters(root=root)
    assert (found.n_cpus, found.pinned, found.busy_s, found.steal_s) == (2, False, 4.2, 0.4)
    assert (found.cpu_waited_s, found.memory_waited_s, found.io_waited_s) == (2.5, 2.5, 2.5)
    assert (found.n_throttled, found.n_pages_swapped) == (8, 7)


def test_only_the_wanted_cpus_are_read(write: Write) -> None:
    """A task's supervisor looks at its own core."""
    found = noise.read_counters(frozenset({1}), write({"proc/stat": STAT}))
    assert (found.n_cpus, found.pinned, found.busy_s, found.steal_s) == (1, True, 2.5, 0.25)


def test_a_cpu_that_is_not_shown_has_no_load(write: Write) -> None:
    """A container may show other CPUs than it gives: no figure is better than a wrong one."""
    assert noise.read_counters(frozenset({0, 9}), write({"proc/stat": STAT})).busy_s is None


def test_without_sources_all_counters_are_none(tmp_path: Path) -> None:
    """On macOS there is only the load."""
    found = noise.read_counters(root=tmp_path)
    bare = HostCounters(moment_s=found.moment_s, n_cpus=1, pinned=False, load=found.load)
    assert found == bare


def test_the_cpu_time_of_a_tree_counts_the_living_and_the_dead() -> None:
    """A child that burns, one that has ended, and ourselves."""
    before = noise.tree_cpu_s(os.getpid())
    burn = "import time\nwhile time.process_time() < 0.3: pass"
    subprocess.run([sys.executable, "-c", burn], check=True)
    assert noise.tree_cpu_s(os.getpid()) - before > 0.25


def test_a_rival_on_the_same_core_is_found_on_this_machine() -> None:
    """A process pinned to our core is noise for it."""
    core = max(os.sched_getaffinity(0))
    spin = f"import os\nos.sched_setaffinity(0, {{{core}}})\nprint(flush=True)\nwhile True: pass"
    rival = subprocess.Popen([sys.executable, "-c", spin], stdout=subprocess.PIPE)
    try:
        assert rival.stdout is not None
        rival.stdout.readline()
        before = noise.read_counters(frozenset({core}))
        time.sleep(0.5)
        found = noise.noise(before, noise.read_counters(frozenset({core})), own_cpu_s=0.0)
    finally:
        rival.kill()
        rival.communicate()
    assert not found.ok
    assert found.reasons[0].startswith("other processes used")


def test_readings_and_noise_travel_between_processes() -> None:
    """Both can be pickled."""
    found = noise.noise(noise.read_counters(), noise.read_counters(), own_cpu_s=0.0)
    copy: Noise = pickle.loads(pickle.dumps(found))  # noqa: S301
    assert copy == found
