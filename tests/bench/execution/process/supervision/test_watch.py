"""When the supervisor stops a solver, by moments that the test names."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bench.execution.process.supervision.log import BoundedLog
from bench.execution.process.supervision.watch import Watch
from bench.execution.request import ExecutionRequest
from bench.model.limits import Limits
from bench.model.results.process_stats import Termination
from bench.model.task import Task
from bench.model.workspace import Workspace

NOBODY = 2**22 + 1
"""No process has this number."""


@pytest.fixture
def watch(tmp_path: Path, knapsack: Path, scip_task: Callable[..., Task]) -> Iterator[Watch]:
    """Yield the watch over a task with a limit of 10 s and a grace of 2 s, from moment 0 on."""
    task = scip_task(knapsack, limits=Limits(time_s=10, memory_mib=None, grace_s=2))
    request = ExecutionRequest(task=task, folder=tmp_path)
    log = BoundedLog(tmp_path / "solver.log", 1000)
    nobody_wakes = os.open(os.devnull, os.O_RDONLY)
    yield Watch(request=request, pid=NOBODY, log=log, woken=nobody_wakes, start=0.0)
    os.close(nobody_wakes)
    log.close_write_end()
    log.close()


def test_a_solver_is_stopped_after_the_limit_and_half_the_grace(watch: Watch) -> None:
    """And killed after all of the grace."""
    assert watch._hold(None, 10.9, told=False) is None
    stop = watch._hold(None, 11.1, told=False)
    assert stop is not None
    assert stop.reason is Termination.TIME
    assert stop.kill_at == pytest.approx(12.1)
    assert "still reading after 11.10 s" in stop.evidence


def test_what_reading_took_does_not_count_against_the_wall_limit(watch: Watch) -> None:
    """The clock starts anew with the solve."""
    assert watch._hold(None, 9.0, told=False) is None
    Workspace(watch.request.folder).solving.touch()
    assert watch._hold(None, 10.0, told=False) is None
    assert watch._hold(None, 20.9, told=False) is None
    stop = watch._hold(None, 21.1, told=False)
    assert stop is not None
    assert "still solving after 11.10 s" in stop.evidence
