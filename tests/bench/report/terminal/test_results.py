"""Results as a table for the terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.model.instance import Instance
from bench.model.process_stats import ProcessStats, Termination
from bench.model.result import Result
from bench.model.setting import Setting
from bench.model.solver_output import SolverOutput
from bench.model.task import Task
from bench.model.verdict import Category, Verdict
from bench.model.verification import Level, Verification
from bench.report.terminal.results import results_table


def result(verification: Verification | None) -> Result:
    """Return a result with long names and large numbers."""
    instance = Instance(name="an-instance-with-a-very-long-name", path=Path("i.mps"), digest="0")
    return Result(
        task=Task(instance=instance, setting=Setting(name="s", solver="scip"), solver_version="1"),
        answer=SolverOutput(
            status="timelimit",
            primal_bound=-123456.789,
            dual_bound=-234567.891,
            gap=0.9,
            n_nodes=1_234_567,
            n_lp_iterations=12_345_678,
            solve_time_s=3600.0,
        ),
        execution=ProcessStats(
            termination=Termination.TIME, evidence="", started_at=0, wall_s=3601, peak_mib=1234
        ),
        verdict=Verdict(Category.LIMIT, "timelimit"),
        folder=Path(),
        verification=verification,
    )


@pytest.mark.parametrize(
    ("verification", "cell"),
    [
        (Verification(level=Level.SOLVER), "1e-6"),
        (Verification(level=Level.NONE), "NO"),
        (Verification(level=Level.NONE, skipped="no solution was written"), "-"),
        (None, "-"),
    ],
)
def test_the_last_column_says_whether_the_solution_holds(
    verification: Verification | None, cell: str
) -> None:
    """An unchecked solution is never taken for one that does not hold."""
    header, _, row = results_table([result(verification)]).splitlines()
    assert (header.split()[-1], row.split()[-1]) == ("holds", cell)


def test_a_line_has_at_most_a_hundred_characters() -> None:
    """With long names and large numbers."""
    text = results_table([result(Verification(level=Level.CLAIMED))])
    assert max(map(len, text.splitlines())) <= 100
