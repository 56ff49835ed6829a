"""CPU quotas of containers and services."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bench.execution.host.quota import halted_s, quota_cpus

Write = Callable[..., Path]
V2 = {"proc/self/mounts": "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0"}
V1 = {
    "proc/self/mounts": "cgroup /sys/fs/cgroup/cpu cgroup rw,cpu,cpuacct 0 0",
    "proc/self/cgroup": "3:cpuacct,cpu:/docker/abc",
}


def test_the_tightest_quota_on_the_way_up_counts(write: Write) -> None:
    """A generous group within a narrow one is narrow."""
    root = write(
        V2
        | {
            "proc/self/cgroup": "0::/a/b",
            "sys/fs/cgroup/a/cpu.max": "250000 100000",
            "sys/fs/cgroup/a/b/cpu.max": "400000 100000",
        }
    )
    assert quota_cpus(root) == 2.5


def test_max_is_no_quota(write: Write) -> None:
    """Most groups have none."""
    root = write(V2 | {"proc/self/cgroup": "0::/", "sys/fs/cgroup/cpu.max": "max 100000"})
    assert quota_cpus(root) is None


def test_a_quota_of_version_1_counts(write: Write) -> None:
    """Also where the container sees its own group as the mount."""
    files = {"cpu.cfs_quota_us": "50000", "cpu.cfs_period_us": "100000"}
    root = write(V1 | {f"sys/fs/cgroup/cpu/{name}": text for name, text in files.items()})
    assert quota_cpus(root) == 0.5


def test_minus_one_is_no_quota(write: Write) -> None:
    """Version 1 says so."""
    files = {"cpu.cfs_quota_us": "-1", "cpu.cfs_period_us": "100000"}
    root = write(V1 | {f"sys/fs/cgroup/cpu/docker/abc/{name}": t for name, t in files.items()})
    assert quota_cpus(root) is None


def test_halted_time_is_in_seconds_in_both_versions(write: Write) -> None:
    """Version 2 counts microseconds, version 1 nanoseconds."""
    root = write(
        V1 | {"sys/fs/cgroup/cpu/docker/abc/cpu.stat": "nr_periods 5\nthrottled_time 2500000000"}
    )
    assert halted_s(root) == 2.5
    stat = "usage_usec 7\nnr_throttled 3\nthrottled_usec 1500000"
    root = write(V2 | {"proc/self/cgroup": "0::/", "sys/fs/cgroup/cpu.stat": stat})
    assert halted_s(root) == 1.5


def test_without_cgroups_there_is_nothing_to_say(tmp_path: Path) -> None:
    """No quota, no halts, no error."""
    assert (quota_cpus(tmp_path), halted_s(tmp_path)) == (None, None)
