"""Reading which physical cores there are."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from bench.execution.host import topology
from bench.execution.host.topology import Core, Topology

Machine = Callable[..., Path]
FOUR_WITH_SMT = [(0, 4), (1, 5), (2, 6), (3, 7)]


def _read(root: Path, *allowed: int) -> Topology:
    return topology.read(root, frozenset(allowed))


def _cpus(found: Topology) -> list[set[int]]:
    return [set(core.cpus) for core in found.cores]


def test_one_cpu_is_one_core(machine: Machine) -> None:
    """The smallest machine has nothing to doubt."""
    found = _read(machine([0]), 0)
    assert found == Topology((Core(cpus=frozenset({0})),), "sysfs")
    assert found.doubts == ()


def test_without_smt_each_cpu_is_a_core(machine: Machine) -> None:
    """Two CPUs, two cores."""
    assert _cpus(_read(machine([0], [1]), 0, 1)) == [{0}, {1}]


def test_with_smt_siblings_are_one_core(machine: Machine) -> None:
    """Eight CPUs, four cores of two threads."""
    found = _read(machine(*FOUR_WITH_SMT), *range(8))
    assert _cpus(found) == [{0, 4}, {1, 5}, {2, 6}, {3, 7}]
    assert {core.n_threads for core in found.cores} == {2}
    assert found.doubts == ()


def test_each_core_knows_its_node_package_and_cache(machine: Machine) -> None:
    """What lies close together is read from three places; the cache is the last, not the first."""
    root = machine([0], [1], [2], [3], nodes=[0, 0, 1, 1], packages=[0, 0, 7, 7], caches=[0] * 4)
    found = _read(root, *range(4))
    assert [(c.node, c.package, c.cache) for c in found.cores] == [(0, 0, 0)] * 2 + [(1, 7, 0)] * 2


def test_only_allowed_cpus_make_cores(machine: Machine) -> None:
    """An affinity of two whole cores gives two cores."""
    found = _read(machine(*FOUR_WITH_SMT), 1, 5, 3, 7)
    assert _cpus(found) == [{1, 5}, {3, 7}]
    assert found.doubts == ()


def test_half_a_core_is_a_doubt(machine: Machine) -> None:
    """The other thread belongs to somebody else, who will be felt."""
    found = _read(machine(*FOUR_WITH_SMT), 1, 3, 7)
    assert _cpus(found) == [{1}, {3, 7}]
    assert ["shared" in doubt for doubt in found.doubts] == [True]


def test_cores_of_different_kinds_are_a_doubt(machine: Machine) -> None:
    """A core with SMT and one without, or with another capacity, are not alike."""
    asymmetric = _read(machine([0, 1], [2]), 0, 1, 2)
    assert ["different kinds" in doubt for doubt in asymmetric.doubts] == [True]
    hybrid = _read(machine([0], [1], capacities=[1024, 640]), 0, 1)
    assert ["different kinds" in doubt for doubt in hybrid.doubts] == [True]


def test_nodes_of_different_size_are_a_doubt(machine: Machine) -> None:
    """Three usable cores on two nodes cannot be spread evenly."""
    found = _read(machine([0], [1], [2], nodes=[0, 0, 1]), 0, 1, 2)
    assert ["NUMA" in doubt for doubt in found.doubts] == [True]


def test_a_cpu_quota_below_the_cores_is_a_doubt(
    machine: Machine, write: Callable[..., Path]
) -> None:
    """A container that sees four cores and may use one and a half says so."""
    root = machine([0], [1], [2], [3])
    write(
        {
            "proc/self/mounts": "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0",
            "proc/self/cgroup": "0::/",
            "sys/fs/cgroup/cpu.max": "150000 100000",
        }
    )
    found = _read(root, *range(4))
    assert found.quota_cpus == 1.5
    assert found.doubts == ("a CPU quota allows 1.5 of 4 cores at a time",)


def test_without_sysfs_and_smt_psutil_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many cores as CPUs: each CPU is a core."""
    monkeypatch.setattr(psutil, "cpu_count", lambda **_: 4)
    found = _read(tmp_path, 1, 3)
    assert (_cpus(found), found.source) == ([{1}, {3}], "psutil")


@pytest.mark.parametrize(("physical", "n_cores"), [(4, 4), (None, 8)])
def test_without_sysfs_siblings_are_never_guessed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, physical: int | None, n_cores: int
) -> None:
    """Fewer cores than CPUs: how many is known, which is not. Nothing known: all may be cores."""
    monkeypatch.setattr(psutil, "cpu_count", lambda logical=True: 8 if logical else physical)
    found = _read(tmp_path, *range(8))
    assert len(found.cores) == n_cores
    assert _cpus(found) == [set()] * n_cores


def test_without_affinity_nothing_is_pinned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On macOS there are numbers only."""
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(psutil, "cpu_count", lambda logical=True: 8 if logical else 4)
    found = topology.read(tmp_path)
    assert _cpus(found) == [set()] * 4
    assert ["not pinned" in doubt for doubt in found.doubts] == [True]


@pytest.mark.parametrize(
    ("text", "cpus"), [("0", {0}), ("0-2,8\n", {0, 1, 2, 8}), ("", set()), ("\n", set())]
)
def test_cpu_lists_are_read_as_the_kernel_writes_them(text: str, cpus: set[int]) -> None:
    """Ranges, single numbers, and nothing."""
    assert topology.cpu_list(text) == cpus


def test_the_cores_of_this_machine_are_the_cpus_allowed_here() -> None:
    """Every allowed CPU is in one core, and the whole travels between processes."""
    found = topology.read()
    cpus = [cpu for core in found.cores for cpu in core.cpus]
    assert sorted(cpus) == sorted(os.sched_getaffinity(0))
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301
