"""Results as a table for the terminal."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bench.model.instances.instance import Instance
from bench.model.results.process_stats import ProcessStats, Termination
from bench.model.results.result import Result
from bench.model.results.solver_output import SolverOutput
from bench.model.results.verdict import Category, Verdict
from bench.model.results.verification import Level, Quantity, Verification, Violation
from bench.model.setting import Setting
from bench.model.task import Task
from bench.report.terminal.results import problems, results_table


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
def test_a_column_says_whether_the_solution_is_feasible(
    verification: Verification | None, cell: str
) -> None:
    """An unchecked solution is never taken for one that does not hold."""
    header, _, row, *_ = results_table([result(verification)]).splitlines()
    assert (header.split()[-2], row.split()[-2]) == ("feasible", cell)


def test_a_violation_that_is_large_in_itself_is_marked_and_told() -> None:
    """Above 1e-4, however small it is for its row; the reason stands beneath the table."""
    off = Violation(Quantity.ROW, absolute=1.0, relative=1e-12, where="sum")
    near = Violation(Quantity.ROW, absolute=1e-5, relative=1e-12, where="sum")
    plain, marked = (
        results_table([result(Verification(level=Level.CLAIMED, violations=(one,)))])
        for one in (near, off)
    )
    assert "*" not in plain
    *_, row, remark = marked.splitlines()
    assert "1e-9*" in row
    assert "row sum is off by 1," in remark


def test_why_a_solution_was_not_checked_is_beneath_the_table() -> None:
    """With --no-verify nothing is checked, and nothing has to be explained."""
    unchecked = result(Verification(level=Level.NONE, skipped="HiGHS refuses i.lp: line 3"))
    remark = results_table([unchecked]).splitlines()[-1]
    assert remark.endswith("(s): the solution was not checked: HiGHS refuses i.lp: line 3")
    *_, last = results_table([unchecked] * 7).splitlines()
    assert last == "2 more solutions were not checked; see bench show INSTANCE"
    assert "not checked" not in results_table([result(None)])


@pytest.mark.parametrize(
    ("confirmed_by", "one_reader", "cell"),
    [("", False, "-"), ("highs", False, "highs"), ("", True, "one reader")],
)
def test_the_last_column_says_who_confirms_the_answer(
    confirmed_by: str, one_reader: bool, cell: str
) -> None:
    """Where nobody else can read the file that is said in its place."""
    found = result(Verification(level=Level.CLAIMED, one_reader=one_reader))
    verdict = replace(found.verdict, confirmed_by=confirmed_by)
    header, _, row = results_table([replace(found, verdict=verdict)]).splitlines()
    assert header.endswith("confirmed")
    assert row.endswith(f" {cell}")


def test_a_line_has_at_most_a_hundred_characters() -> None:
    """With long names and large numbers."""
    text = results_table([result(Verification(level=Level.CLAIMED))])
    assert max(map(len, text.splitlines())) <= 100


def test_a_failed_result_is_named_as_far_as_there_are_others() -> None:
    """Several solvers may fail on one instance, each for a reason of its own."""
    failed = replace(result(None), verdict=Verdict(Category.CRASHED, "exit code 3"))
    name = "an-instance-with-a-very-long-name"
    other = replace(failed, task=replace(failed.task, setting=Setting(name="t", solver="highs")))
    later = replace(failed, task=replace(failed.task, seed=1))
    assert problems([failed]) == [f"{name}: crashed: exit code 3"]
    failed = replace(failed, verdict=Verdict(Category.CRASHED, "exit code 4"))
    assert problems([failed, other])[1] == f"{name} (t): crashed: exit code 3"
    assert problems([failed, later])[1] == f"{name} (seed 1): crashed: exit code 3"
    assert problems([failed, other, later])[0] == f"{name} (s, seed 0): crashed: exit code 4"


def test_tasks_of_an_instance_that_fail_alike_share_a_line() -> None:
    """A file that cannot be read would be one for each setting and seed."""
    failed = replace(result(None), verdict=Verdict(Category.UNREADABLE, "empty file"))
    later = replace(failed, task=replace(failed.task, seed=1))
    assert problems([failed, later]) == [
        f"{failed.task.instance.name} (all 2 tasks): unreadable: empty file"
    ]


def test_where_only_some_tasks_of_an_instance_fail_each_is_named() -> None:
    """Otherwise nobody could tell which setting is wrong."""
    wrong = replace(result(None), verdict=Verdict(Category.CRASHED, "exit code 4"))
    later = replace(wrong, task=replace(wrong.task, seed=1))
    good = result(None)
    good = replace(good, task=replace(good.task, setting=replace(good.task.setting, name="t")))
    name = wrong.task.instance.name
    assert problems([wrong, later, good]) == [
        f"{name} (s, seed 0): crashed: exit code 4",
        f"{name} (s, seed 1): crashed: exit code 4",
    ]
