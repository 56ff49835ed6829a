"""The state of a campaign names workers of a cluster that are slow or disturbed."""

from __future__ import annotations

from bench.comparison.machines.workers import WorkerState
from bench.report.terminal.status import State, state_lines, state_object


def worker(name: str, *findings: str) -> WorkerState:
    """Return a worker with what was found about it."""
    return WorkerState(
        worker=name,
        machine_class="Xeon, 8 cores",
        reference_s=0.1,
        reference_spread=0.02,
        n_results=3,
        n_disturbed=0,
        findings=findings,
    )


def test_workers_that_are_slow_or_disturbed_have_a_line() -> None:
    """A program gets all of them."""
    state = State(
        name="s",
        folder="bench-work/s",
        pid=None,
        running=(),
        settings=(),
        expected_s=None,
        worst_s=None,
        command="",
        workers=(worker("job 1"), worker("job 2", "slow, twice")),
    )
    assert "worker job 2 (3 results): slow, twice" in state_lines(state)
    assert not [line for line in state_lines(state) if "job 1" in line]
    assert [one["worker"] for one in state_object(state)["workers"]] == ["job 1", "job 2"]
