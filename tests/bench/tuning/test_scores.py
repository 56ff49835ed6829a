"""What a solve costs in a race."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from bench.model.limits import Limits
from bench.model.results.process_stats import Termination
from bench.model.results.result import Result
from bench.model.results.solver_output import TracePoint
from bench.model.results.verdict import Category, Verdict
from bench.tuning.scores import PENALTY, Cost, Objective, cost_of


def solved(result: Result, cpu_s: float, n_nodes: int = 1) -> Result:
    """Return a solve of so many CPU seconds and nodes."""
    answer = replace(result.answer, solve_cpu_s=cpu_s, n_nodes=n_nodes)
    task = replace(result.task, limits=Limits(time_s=10.0))
    execution = replace(result.execution, cpu_s=cpu_s + 0.1)
    return replace(result, task=task, answer=answer, execution=execution)


def judged(result: Result, category: Category, termination: Termination) -> Result:
    """Return the result with another verdict and end."""
    execution = replace(result.execution, termination=termination)
    return replace(result, verdict=Verdict(category, "told"), execution=execution)


def test_fewer_nodes_with_more_cpu_time_lose(result: Result) -> None:
    """A setting that games a proxy gains nothing: CPU time alone counts."""
    stock, gaming = solved(result, 1.0, n_nodes=1000), solved(result, 1.5, n_nodes=1)
    assert cost_of(gaming, Objective.CPU, None).log > cost_of(stock, Objective.CPU, None).log


def test_a_wrong_answer_costs_infinitely_much_however_fast(result: Result) -> None:
    """But only what it took of the budget."""
    wrong = judged(solved(result, 0.01), Category.WRONG, Termination.NORMAL)
    found = cost_of(wrong, Objective.CPU, None)
    assert math.isinf(found.score)
    assert math.isinf(found.log)
    assert found.cpu_s == pytest.approx(0.11)


@pytest.mark.parametrize(
    ("cap_s", "score"), [(None, PENALTY * 10.0), (3.0, 6.0)], ids=["limit", "cap"]
)
def test_what_ends_at_its_limit_costs_more_than_any_solve_within(
    result: Result, cap_s: float | None, score: float
) -> None:
    """Ten times the usual limit, twice a cap."""
    late = judged(solved(result, 10.0), Category.LIMIT, Termination.TIME)
    expected = Cost(cpu_s=10.1, score=score, at_limit=True)
    assert cost_of(late, Objective.CPU, cap_s) == expected


def test_a_crash_costs_as_much_as_the_worst_solve(result: Result) -> None:
    """It is no way to be fast."""
    crashed = judged(solved(result, 0.01), Category.CRASHED, Termination.SIGNAL)
    assert cost_of(crashed, Objective.CPU, None).score == PENALTY * 10.0


def test_the_integral_goes_to_the_time_limit(result: Result) -> None:
    """Gap 1 for two seconds, then a half for eight."""
    late = judged(solved(result, 10.0), Category.LIMIT, Termination.TIME)
    trace = (TracePoint(2.0, 10.0, 5.0, 1),)
    late = replace(late, answer=replace(late.answer, trace=trace))
    assert cost_of(late, Objective.INTEGRAL, None).score == pytest.approx(2 + 8 * 0.5)
