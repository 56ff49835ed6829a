"""Giving cores to tasks."""

from __future__ import annotations

from collections import Counter

import pytest

from bench.errors import UsageError
from bench.execution.host import topology
from bench.execution.host.cores import allocate, default_jobs, request
from bench.execution.host.topology import Core, Topology


def _machine(*cores: Core, quota: float | None = None) -> Topology:
    return Topology(cores, "sysfs", quota)


def _core(
    *cpus: int, node: int = 0, package: int = 0, cache: int = 0, capacity: int = 1024
) -> Core:
    return Core(
        cpus=frozenset(cpus),
        n_threads=len(cpus),
        node=node,
        package=package,
        cache=cache,
        capacity=capacity,
    )


PLAIN = _machine(*(_core(cpu) for cpu in range(4)))
SMT = _machine(*(_core(cpu, cpu + 4) for cpu in range(4)))
TWO_NODES = _machine(*(_core(cpu, cpu + 8, node=cpu // 4, package=cpu // 4) for cpu in range(8)))


def _sets(given: tuple[frozenset[int], ...]) -> list[set[int]]:
    return [set(cpus) for cpus in given]


def test_the_only_core_is_given_to_the_only_job() -> None:
    """One core, one job."""
    assert _sets(allocate(_machine(_core(0)), 1)) == [{0}]


def test_a_job_gets_all_threads_of_its_core() -> None:
    """No other job runs on the siblings."""
    given = allocate(SMT, 4)
    assert sorted(map(sorted, given)) == [[0, 4], [1, 5], [2, 6], [3, 7]]


def test_the_first_cpu_is_left_to_the_system_as_long_as_possible() -> None:
    """Three jobs on four cores leave CPU 0 alone."""
    assert _sets(allocate(PLAIN, 3)) == [{1}, {2}, {3}]
    assert _sets(allocate(PLAIN, 4))[-1] == {0}


@pytest.mark.parametrize("jobs", range(1, 9))
def test_jobs_are_spread_evenly_over_nodes(jobs: int) -> None:
    """The two nodes differ by one job at most, and no CPU is given twice."""
    given = allocate(TWO_NODES, jobs)
    per_node = Counter(min(cpus) // 4 for cpus in given)
    assert abs(per_node[0] - per_node[1]) <= 1
    assert len(frozenset().union(*given)) == 2 * jobs


def test_jobs_are_spread_over_packages_then_nodes_then_caches() -> None:
    """Four jobs on two packages of two nodes with two caches meet in no node."""
    cores = (_core(i, package=i // 8, node=i // 4, cache=i // 2 * 2) for i in range(16))
    given = allocate(_machine(*cores), 8)
    first_four, all_eight = given[:4], given
    assert {min(cpus) // 8 for cpus in given[:2]} == {0, 1}
    assert {min(cpus) // 4 for cpus in first_four} == {0, 1, 2, 3}
    assert len({min(cpus) // 2 for cpus in all_eight}) == 8


def test_uneven_nodes_are_filled_as_evenly_as_they_allow() -> None:
    """Four cores and two: the fifth job goes where there is room."""
    cores = (_core(i, node=i // 4) for i in range(6))
    given = allocate(_machine(*cores), 5)
    assert Counter(min(cpus) // 4 for cpus in given) == {0: 3, 1: 2}


def test_fast_cores_come_before_slow_ones() -> None:
    """Two jobs on a hybrid processor get the two fast cores, though one of them is the first."""
    hybrid = _machine(
        _core(0, 1), _core(2, 3), _core(4, capacity=640, cache=4), _core(5, capacity=640)
    )
    assert _sets(allocate(hybrid, 2)) == [{2, 3}, {0, 1}]


def test_more_jobs_than_cores_are_refused_with_the_way_out() -> None:
    """The message says how many cores there are, and names the option."""
    with pytest.raises(UsageError) as caught:
        allocate(SMT, 5)
    assert str(caught.value) == (
        "--jobs 5: only 4 physical cores can be used; give --jobs 4 or less, or let tasks share "
        "cores with --oversubscribe (their times then vary)"
    )


def test_a_single_core_is_singular() -> None:
    """The message reads well on the smallest machine."""
    with pytest.raises(UsageError, match="only 1 physical core can be used"):
        allocate(_machine(_core(0)), 2)


@pytest.mark.parametrize("jobs", [0, -1])
def test_no_job_at_all_is_refused(jobs: int) -> None:
    """There is nothing to allocate for."""
    with pytest.raises(UsageError, match="expected at least 1"):
        allocate(SMT, jobs, oversubscribe=True)


def test_oversubscribed_cores_are_shared_in_turn() -> None:
    """Six jobs on four cores: two cores have two."""
    given = allocate(PLAIN, 6, oversubscribe=True)
    assert sorted(Counter(given).values()) == [1, 1, 2, 2]
    assert given[4:] == given[:2]


def test_oversubscribe_changes_nothing_where_there_are_enough_cores() -> None:
    """It is a permission, not a wish."""
    assert allocate(TWO_NODES, 5, oversubscribe=True) == allocate(TWO_NODES, 5)


def test_cores_that_nobody_knows_are_empty_sets() -> None:
    """Each job stays where the system puts it; how many there may be is limited all the same."""
    unknown = _machine(*[Core(cpus=frozenset(), n_threads=2)] * 2)
    assert _sets(allocate(unknown, 2)) == [set(), set()]
    with pytest.raises(UsageError, match="only 2 physical cores"):
        allocate(unknown, 3)


@pytest.mark.parametrize(
    ("n_cores", "quota", "jobs"),
    [(1, None, 1), (2, None, 1), (8, None, 7), (8, 3.5, 2), (8, 0.5, 1)],
)
def test_by_default_a_core_is_left_free(n_cores: int, quota: float | None, jobs: int) -> None:
    """All cores but one, or all that a quota allows but one; never none."""
    assert default_jobs(_machine(*[_core(0)] * n_cores, quota=quota)) == jobs


def test_this_machine_has_a_core_for_the_default_number_of_jobs() -> None:
    """What is the default can be allocated."""
    here = topology.read()
    assert len(allocate(here, default_jobs(here))) >= 1


def test_each_thread_of_a_task_takes_a_core_of_its_own() -> None:
    """Both hardware threads of a core belong to it; by default one core is left to the system."""
    assert _sets(request(SMT, 2, threads=2).slots()) == [{1, 5, 2, 6}, {3, 7, 0, 4}]
    assert _sets(request(PLAIN, threads=2).slots()) == [{1, 2}]
    assert _sets(request(PLAIN, threads=4).slots()) == [{0, 1, 2, 3}]
    assert request(PLAIN, threads=3).n_spare == 1
    assert request(PLAIN, threads=4).n_spare == 0


def test_a_task_gets_all_its_cores_or_none() -> None:
    """Of what is free, only whole tasks are used."""
    found = request(TWO_NODES, threads=3)
    assert (found.n_least, found.n_most) == (3, 6)
    assert len(found.slots(found.cores[:6])) == 2
    assert len(found.slots(found.cores[:3])) == 1


@pytest.mark.parametrize(
    ("jobs", "threads", "words"),
    [
        (None, 5, r"--threads 5: only 4 physical cores can be used, and each thread takes one"),
        (1, 5, "--threads 4 or less"),
        (2, 3, r"--jobs 2: only 4 physical cores can be used, and a task of 3 threads takes 3"),
        (3, 2, "--jobs 2 or less"),
    ],
)
def test_more_threads_than_cores_are_refused(jobs: int | None, threads: int, words: str) -> None:
    """The message says what fits; ``--oversubscribe`` lets them share."""
    with pytest.raises(UsageError, match=words):
        request(SMT, jobs, threads=threads)
    slots = request(SMT, jobs, threads=threads, oversubscribe=True).slots()
    assert len(slots) == (jobs or 1)
    assert all(slots)
