"""The verdict on an answer."""

from __future__ import annotations

from typing import Any

import pytest

from bench.model.answer import Answer
from bench.model.execution import Execution, Termination
from bench.model.reference import Known, Reference
from bench.model.verdict import Category
from bench.verification.judge import judge

OPT = Reference(Known.OPTIMAL, 100.0)
INF = Reference(Known.INFEASIBLE)


def execution(termination: Termination = Termination.NORMAL) -> Execution:
    """Return an execution that ended so."""
    return Execution(termination=termination, evidence="seen", started_at=0.0, wall_s=1.0)


def answer(status: str | None, primal: float | None = None, dual: float | None = None) -> Answer:
    """Return an answer with these claims."""
    return Answer(status=status, primal_bound=primal, dual_bound=dual)


CASES: list[tuple[Answer, Reference | None, Category]] = [
    (answer("optimal", 100, 100), OPT, Category.SOLVED),
    (answer("optimal", 100, 100), None, Category.UNVERIFIED),
    (answer("optimal", 100.000001, 100), OPT, Category.SOLVED),
    (answer("infeasible"), INF, Category.SOLVED),
    (answer("inforunbd"), INF, Category.SOLVED),
    (answer("inforunbd"), Reference(Known.UNBOUNDED), Category.SOLVED),
    (answer("infeasible"), None, Category.UNVERIFIED),
    (answer("timelimit", 120, 90), OPT, Category.LIMIT),
    (answer("gaplimit", 101, 99), OPT, Category.LIMIT),
    (answer("nodelimit"), OPT, Category.LIMIT),
    (answer("optimal", 100, 90), None, Category.WRONG),
    (answer("optimal"), None, Category.WRONG),
    (answer("optimal", 101, 101), OPT, Category.WRONG),
    (answer("optimal", 99, 99), OPT, Category.WRONG),
    (answer("timelimit", 99, 90), OPT, Category.WRONG),
    (answer("timelimit", 120, 101), OPT, Category.WRONG),
    (answer("infeasible"), OPT, Category.WRONG),
    (answer("unbounded"), OPT, Category.WRONG),
    (answer("inforunbd"), OPT, Category.WRONG),
    (answer("optimal", 1, 1), INF, Category.WRONG),
    (answer("timelimit", 1, 0), INF, Category.WRONG),
    (answer("optimal", float("nan"), float("nan")), None, Category.WRONG),
]


@pytest.mark.parametrize(("claim", "reference", "category"), CASES)
def test_an_answer_is_held_against_the_reference(
    claim: Answer, reference: Reference | None, category: Category
) -> None:
    """Each claim gets the category that the reference allows."""
    assert judge(claim, execution(), reference).category is category


@pytest.mark.parametrize(
    ("termination", "category"),
    [
        (Termination.TIME, Category.LIMIT),
        (Termination.MEMORY, Category.LIMIT),
        (Termination.SIGNAL, Category.FAILED),
        (Termination.ERROR, Category.FAILED),
        (Termination.INTERRUPT, Category.FAILED),
    ],
)
def test_no_answer_is_a_limit_or_a_failure(termination: Termination, category: Category) -> None:
    """What ended the process decides."""
    assert judge(answer(None), execution(termination), OPT).category is category


def test_a_maximisation_is_judged_the_other_way_round() -> None:
    """A larger value than the known maximum is wrong, a smaller one is only not optimal yet."""
    from bench.model.problem import ProblemStatistics, Sense

    facts: dict[str, Any] = dict.fromkeys(
        ("n_vars", "n_bins", "n_ints", "n_conts", "n_conss", "n_nonzeros", "n_equalities"), 1
    )
    problem = ProblemStatistics(
        **facts, n_bins_declared=1, n_ints_declared=0, sense=Sense.MAXIMIZE, objective_offset=0
    )
    better = Answer(status="timelimit", primal_bound=101, dual_bound=120, problem=problem)
    worse = Answer(status="timelimit", primal_bound=99, dual_bound=120, problem=problem)
    assert judge(better, execution(), OPT).category is Category.WRONG
    assert judge(worse, execution(), OPT).category is Category.LIMIT
