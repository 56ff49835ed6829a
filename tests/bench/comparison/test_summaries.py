"""The table of settings in MLflow's description of a sweep."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bench.comparison.summary.summaries import settings_table
from bench.model.instances.instance import Instance
from bench.model.results.process_stats import ProcessStats, Termination
from bench.model.results.result import Result
from bench.model.results.solver_output import SolverOutput
from bench.model.results.verdict import Category, Verdict
from bench.model.setting import Setting
from bench.model.task import Task


def result(setting: str, seconds: float, category: Category = Category.SOLVED) -> Result:
    """Return a result of a setting."""
    return Result(
        task=Task(
            instance=Instance(name="i", path=Path("i.mps"), digest="0"),
            setting=Setting(name=setting, solver="scip"),
            solver_version="10",
        ),
        answer=SolverOutput(status="optimal", solve_time_s=seconds, n_nodes=100),
        execution=ProcessStats(
            termination=Termination.NORMAL, evidence="", wall_s=seconds, started_at=0.0
        ),
        verdict=Verdict(category, ""),
        folder=Path(),
    )


def table(*results: Result) -> list[str]:
    """Return the lines of the table, without the space that MLflow needs between columns."""
    return [
        line if line.startswith("| -") else line.replace("&ensp;", "")
        for line in settings_table(results).splitlines()
    ]


def test_the_best_setting_stands_first_and_is_the_measure() -> None:
    """Ratios are to the shortest mean time."""
    rows = table(result("slow", 8.0), result("fast", 4.0))
    assert set(rows[1]) == set("| -:")
    assert rows[0].startswith("| setting | solved | limits | wrong |")
    assert rows[2] == "| fast | 1 of 1 | 0 | 0 | 0 | 4.00 | 1.00 | 100 |"
    assert rows[3] == "| slow | 1 of 1 | 0 | 0 | 0 | 8.00 | 2.00 | 100 |"


def test_a_setting_without_a_mean_stands_last() -> None:
    """Wrong answers are in no mean."""
    rows = table(result("liar", 0.1, Category.WRONG), result("slow", 8.0))
    assert rows[3] == "| liar | 0 of 1 | 0 | 1 | 0 | - | - | - |"


def test_a_bar_in_a_name_breaks_no_table() -> None:
    """It is escaped."""
    one = result("x", 1.0)
    odd = replace(one, task=replace(one.task, setting=Setting(name="a|b", solver="scip")))
    assert table(odd)[2].startswith("| a\\|b | 1 of 1 |")
