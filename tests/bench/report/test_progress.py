"""What a person sees while tasks are executed."""

from __future__ import annotations

import pytest

from bench.cli.shared.terminal_listener import TerminalListener
from bench.model.limits import Clock
from bench.model.planned_task import PlannedTask
from bench.model.results.solver_output import TracePoint
from bench.model.running_task import RunningTask
from bench.planning.estimate import Forecast
from bench.report.running_text import running_text


def planned(
    key: str = "a", seed: int = 0, limit_s: float | None = 60.0, clock: Clock = Clock.WALL
) -> PlannedTask:
    """Return a planned task."""
    return PlannedTask(
        key=key,
        instance="pp08a",
        digest="0",
        setting="nocuts",
        seed=seed,
        permutation=0,
        time_limit_s=limit_s,
        grace_s=10.0,
        clock=clock,
    )


def running(
    task: PlannedTask,
    elapsed_s: float = 12.3,
    bounds: TracePoint | None = None,
    *,
    is_solving: bool = True,
    worker: str = "",
) -> RunningTask:
    """Return a task that is being executed."""
    return RunningTask(
        planned=task, elapsed_s=elapsed_s, is_solving=is_solving, bounds=bounds, worker=worker
    )


NONE_YET = TracePoint(1.0, None, 7000.0, 1)
BOTH = TracePoint(1.0, 7350.0, 7276.5, 1)


@pytest.mark.parametrize(
    ("task", "text"),
    [
        (running(planned(seed=1)), "pp08a / nocuts / seed 1  12 s of 60"),
        (running(planned(limit_s=None)), "pp08a / nocuts  12 s"),
        (running(planned(limit_s=3600.0)), "pp08a / nocuts  12 s of 60 min"),
        (running(planned(limit_s=7200.0), 4000.0), "pp08a / nocuts  67 min of 2.0 h"),
        (running(planned(clock=Clock.CPU), 70.0), "pp08a / nocuts  70 s, limit 60 s of CPU time"),
        (running(planned(), 3.0, is_solving=False), "pp08a / nocuts  reading for 3 s"),
        (
            running(planned(), 700.0, is_solving=False, worker="tcp://node1:1"),
            "pp08a / nocuts  sent 12 min ago to tcp://node1:1, which reports no progress",
        ),
        (running(planned(), bounds=NONE_YET), "pp08a / nocuts  12 s of 60  dual 7000"),
        (
            running(planned(), bounds=BOTH),
            "pp08a / nocuts  12 s of 60  primal 7350  dual 7276.5  gap 1 %",
        ),
    ],
)
def test_a_running_task_is_a_line(task: RunningTask, text: str) -> None:
    """Name, time and what the solver has told so far."""
    assert running_text(task) == text


def test_the_forecast_moves_while_nothing_ends() -> None:
    """It falls to 0, and grows again with a task that takes longer than expected."""
    forecast = Forecast([planned("a"), planned("b")])
    forecast.learn("pp08a", 10.0)
    times = [forecast.left({"a": spent}) for spent in (0.0, 4.0, 10.0, 15.0)]
    assert [one.expected_s for one in times] == [20.0, 16.0, 10.0, 15.0]
    assert [one.worst_s for one in times] == [140.0, 136.0, 130.0, 125.0]
    assert forecast.left({"somebody else's": 5.0}).expected_s == 20.0


def test_two_jobs_do_not_halve_the_last_task() -> None:
    """One task cannot be executed by two."""
    forecast = Forecast([planned("a")], jobs=2)
    forecast.learn("pp08a", 10.0)
    assert forecast.left().expected_s == 10.0


def test_without_a_terminal_there_is_a_line_a_minute_also_while_nothing_ends(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says what is running, and how far it is."""
    now = 1000.0
    monkeypatch.setattr("bench.cli.shared.terminal_listener.time.monotonic", lambda: now)
    listener = TerminalListener()
    listener.tasks_started(Forecast([planned("a"), planned("b")]), 3)
    listener._running["a"] = "pp08a / nocuts"
    for now in (1030.0, 1061.0, 1090.0, 1122.0):
        listener.tasks_running([running(planned("a"), now - 1000.0, BOTH)])
    listener.tasks_ended()
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith(
        "3/5 tasks, 0 solved, ETA ?, at most 79 s; pp08a / nocuts  61 s of 60"
    )
    assert "gap 1 %" in lines[1]
