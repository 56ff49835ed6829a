"""Integrals for all results of a study."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from bench.comparison.integrals import with_integrals
from bench.journal.table import frame
from bench.model.instances.instance import Instance
from bench.model.instances.reference import Known, Reference
from bench.model.limits import Limits
from bench.model.results.process_stats import ProcessStats, Termination
from bench.model.results.result import Result
from bench.model.results.solver_output import SolverOutput, TracePoint
from bench.model.results.verdict import Category, Verdict
from bench.model.setting import Setting
from bench.model.task import Task


def result(
    primal: float | None,
    category: Category = Category.LIMIT,
    reference: Reference | None = None,
    *,
    seed: int = 0,
    traced: bool = True,
) -> Result:
    """Return a result whose primal bound and dual bound 5 are there from second 2 of 10 on."""
    point = TracePoint(time_s=2.0, primal_bound=primal, dual_bound=5.0, n_nodes=1)
    return Result(
        task=Task(
            instance=Instance(name="p", path=Path("p.mps"), digest="a" * 64),
            setting=Setting(name="s", solver="scip"),
            solver_version="10",
            seed=seed,
            limits=Limits(time_s=10.0),
        ),
        answer=SolverOutput(
            status="timelimit", primal_bound=primal, trace=(point,) if traced else ()
        ),
        execution=ProcessStats(
            termination=Termination.TIME, evidence="", started_at=0.0, wall_s=1.0
        ),
        verdict=Verdict(category, ""),
        folder=Path(),
        reference=reference,
    )


def integrals(*results: Result) -> list[tuple[float, float]]:
    """Return primal and dual integral of each."""
    found = with_integrals(frame(results), results)
    return list(zip(found["primal_integral"], found["dual_integral"], strict=True))


def test_the_reference_is_what_all_are_held_against() -> None:
    """2 s without a bound, then 8 s with a gap of 1/5 (primal 10 against 8) and 3/8 (dual 5)."""
    (found,) = integrals(result(10.0, reference=Reference(Known.OPTIMAL, 8.0)))
    assert found == pytest.approx((2 + 8 * 0.2, 2 + 8 * 0.375))


def test_without_a_reference_it_is_the_best_solution_of_the_study() -> None:
    """That of a wrong result does not count."""
    found = integrals(result(10.0), result(8.0, seed=1), result(1.0, Category.WRONG, seed=2))
    assert found[0] == pytest.approx((2 + 8 * 0.2, 2 + 8 * 0.375))
    assert found[1] == pytest.approx((2.0, 2 + 8 * 0.375))


def test_without_trace_or_value_there_is_none() -> None:
    """Nothing is guessed."""
    found = integrals(result(None), result(None, seed=1, traced=False))
    assert all(math.isnan(value) for pair in found for value in pair)
