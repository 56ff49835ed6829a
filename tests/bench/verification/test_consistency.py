"""Results of one instance against each other."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.model.instances.instance import Instance
from bench.model.instances.problem import ProblemStatistics, Sense
from bench.model.results.process_stats import ProcessStats, Termination
from bench.model.results.result import Result
from bench.model.results.solver_output import SolverOutput
from bench.model.results.verdict import Category, Verdict, VerdictKind
from bench.model.results.verification import Level, Quantity, Verification, Violation
from bench.model.setting import Setting
from bench.model.task import Task
from bench.verification.consistency import reconsidered
from bench.verification.judge import judge

Claim = tuple[str, float | None, float | None]
EXECUTION = ProcessStats(
    termination=Termination.NORMAL, evidence="seen", started_at=0.0, wall_s=1.0
)


def result(claim: Claim, name: str = "a", digest: str = "d1", seed: int = 0) -> Result:
    """Return a judged result of a setting."""
    status, primal, dual = claim
    answer = SolverOutput(status=status, primal_bound=primal, dual_bound=dual)
    return Result(
        task=Task(
            instance=Instance(name="p", path=Path("p.mps"), digest=digest),
            setting=Setting(name=name, solver="scip"),
            solver_version="1",
            seed=seed,
        ),
        answer=answer,
        execution=EXECUTION,
        verdict=judge(answer, EXECUTION),
        folder=Path("p"),
    )


CODE_BASES = {"scip": "scip", "scip9": "scip", "highs": "highs"}.get


def by_solver(claim: Claim, solver: str, **verification: Any) -> Result:
    """Return a judged result of a solver."""
    found = result(claim, solver)
    setting = Setting(name=solver, solver=solver)
    checked = Verification(level=Level.CLAIMED, **verification)
    return replace(found, task=replace(found.task, setting=setting), verification=checked)


@pytest.mark.parametrize(
    ("one", "other", "confirmed"),
    [
        (("optimal", 3, 3), ("optimal", 3.0001, 3), True),
        (("infeasible", None, None), ("infeasible", None, None), True),
        (("unbounded", None, None), ("unbounded", None, None), True),
        (("optimal", 3, 3), ("timelimit", 3, 1), False),
        (("optimal", 3, 3), ("gaplimit", 3, 2.999), False),
        (("infeasible", None, None), ("inforunbd", None, None), False),
    ],
)
def test_a_solver_of_another_code_base_confirms_the_same_answer(
    one: Claim, other: Claim, confirmed: bool
) -> None:
    """What has only stopped at a limit confirms nothing."""
    found, _ = reconsidered([by_solver(one, "scip"), by_solver(other, "highs")], CODE_BASES)
    assert found.verdict.confirmed_by == ("highs" if confirmed else "")
    assert (found.verdict.category is Category.SOLVED) is confirmed
    assert ("confirmed by another solver: highs" in found.verdict.reason) is confirmed


@pytest.mark.parametrize("other", ["scip9", "unheard-of"])
def test_no_version_of_a_solver_confirms_another_nor_does_an_unknown_one(other: str) -> None:
    """They may have their mistakes in common."""
    results = [by_solver(("optimal", 3, 3), name) for name in ("scip", other)]
    assert {one.verdict.confirmed_by for one in reconsidered(results, CODE_BASES)} == {""}


def test_a_wrong_answer_confirms_nothing_and_a_reference_goes_before_a_solver() -> None:
    """Two solvers that contradict a third are all wrong."""
    results = [by_solver(("optimal", 3, 3), name) for name in ("scip", "highs")]
    torn = [*results, by_solver(("optimal", 2, 2), "other")]
    assert {one.verdict.category for one in reconsidered(torn, CODE_BASES)} == {Category.WRONG}
    known = replace(results[0], verdict=Verdict(Category.SOLVED, "optimal, as known"))
    found, confirmed = reconsidered([known, results[1]], CODE_BASES)
    assert found.verdict.confirmed_by == "reference"
    assert confirmed.verdict.confirmed_by == "scip"


def test_a_file_with_one_reader_is_confirmed_by_nobody() -> None:
    """Who solved it all the same did not use all of it."""
    results = [
        by_solver(("optimal", 3, 3), "scip", one_reader=True),
        by_solver(("optimal", 3, 3), "highs"),
    ]
    found, _ = reconsidered(results, CODE_BASES)
    assert found.verdict.category is Category.UNCONFIRMED


def mirrored(found: Result) -> Result:
    """Return the result of the same instance as a maximisation."""
    names = ("n_vars", "n_bins", "n_ints", "n_conts", "n_conss", "n_nonzeros", "n_equalities")
    sizes: dict[str, Any] = dict.fromkeys((*names, "n_bins_declared", "n_ints_declared"), 1)
    answer = found.answer
    primal, dual = answer.primal_bound, answer.dual_bound
    turned = replace(
        answer,
        primal_bound=None if primal is None else -primal,
        dual_bound=None if dual is None else -dual,
        problem=ProblemStatistics(**sizes, sense=Sense.MAXIMIZE, objective_offset=0),
    )
    return replace(found, answer=turned, verdict=judge(turned, EXECUTION))


CONTRADICTING: list[tuple[Claim, Claim]] = [
    (("optimal", 100, 100), ("optimal", 99, 99)),
    (("timelimit", 120, 101), ("optimal", 100, 100)),
    (("timelimit", 99, None), ("optimal", 100, 100)),
    (("infeasible", None, None), ("optimal", 100, 100)),
    (("infeasible", None, None), ("timelimit", 100, None)),
    (("infeasible", None, None), ("unbounded", None, None)),
    (("unbounded", None, None), ("optimal", 100, 100)),
    (("unbounded", None, None), ("timelimit", None, 5)),
    (("inforunbd", None, None), ("optimal", 100, 100)),
    (("inforunbd", None, None), ("timelimit", 120, 5)),
]
AGREEING: list[tuple[Claim, Claim]] = [
    (("optimal", 100, 100), ("optimal", 100.005, 100.005)),
    (("optimal", 100, 100), ("timelimit", 120, 90)),
    (("infeasible", None, None), ("timelimit", None, 90)),
    (("infeasible", None, None), ("inforunbd", None, None)),
    (("unbounded", None, None), ("inforunbd", None, None)),
    (("inforunbd", None, None), ("timelimit", 5, None)),
    (("inforunbd", None, None), ("timelimit", None, 90)),
    (("unbounded", None, None), ("timelimit", 5, None)),
    (("timelimit", None, None), ("memlimit", None, None)),
]


@pytest.mark.parametrize("turn", [lambda found: found, mirrored])
@pytest.mark.parametrize(("one", "other"), CONTRADICTING)
def test_both_of_two_that_contradict_each_other_are_wrong(
    one: Claim, other: Claim, turn: Any
) -> None:
    """Nobody can tell which; each names the other."""
    found = reconsidered([turn(result(one, "a")), turn(result(other, "b", seed=7))])
    assert [each.verdict.kind for each in found] == [VerdictKind.INCONSISTENT] * 2
    assert {each.verdict.category for each in found} == {Category.WRONG}
    assert "by b (scip, seed 7)" in found[0].verdict.reason
    assert "by a (scip, seed 0)" in found[1].verdict.reason
    assert {each.verdict.ipet for each in found} == {"fail_inconsistent"}


@pytest.mark.parametrize("turn", [lambda found: found, mirrored])
@pytest.mark.parametrize(("one", "other"), AGREEING)
def test_what_agrees_stays_as_it_is(one: Claim, other: Claim, turn: Any) -> None:
    """Bounds that leave room for each other, up to the tolerance."""
    before = [turn(result(one, "a")), turn(result(other, "b"))]
    assert reconsidered(before) == before


def test_only_those_involved_are_wrong() -> None:
    """A third one that fits both is not."""
    found = reconsidered(
        [
            result(("optimal", 100, 100), "a"),
            result(("timelimit", 120, 90), "loose"),
            result(("optimal", 99, 99), "b"),
        ]
    )
    assert [each.verdict.category.value for each in found] == ["wrong", "limit", "wrong"]


def test_a_solution_and_a_dual_bound_of_two_runs_contradict_infeasible_or_unbounded() -> None:
    """It is one of the two where there is only one of them; with both it is neither."""
    claims: list[Claim] = [
        ("timelimit", 120, None),
        ("timelimit", None, 90),
        ("inforunbd", None, None),
        ("timelimit", None, None),
    ]
    found = reconsidered(result(claim, "abcd"[i]) for i, claim in enumerate(claims))
    assert [one.verdict.kind is VerdictKind.INCONSISTENT for one in found] == [
        True,
        True,
        True,
        False,
    ]
    assert [one.verdict.reason for one in found[:3]] == [
        "inconsistent: a solution of value 120, but infeasible or unbounded by c (scip, seed 0)",
        "inconsistent: the dual bound 90, but infeasible or unbounded by c (scip, seed 0)",
        (
            "inconsistent: infeasible or unbounded, but a solution of value 120 by a (scip, seed 0)"
            " and the dual bound 90 by b (scip, seed 0)"
        ),
    ]


def test_other_instances_have_nothing_to_do_with_it() -> None:
    """The content of the file counts, not its name."""
    before = [result(("optimal", 100, 100)), result(("optimal", 99, 99), digest="d2")]
    assert reconsidered(before) == before


def test_what_is_wrong_already_accuses_nobody() -> None:
    """Its bounds are worth nothing: an open gap, a solution that does not hold."""
    open_gap = result(("optimal", 100, 50), "liar")
    honest = result(("optimal", 70, 70), "a")
    checked = Verification(level=Level.NONE, violations=(Violation(Quantity.ROW, 1.0, 1.0, "r"),))
    claim = result(("timelimit", 10, None), "cheat")
    cheat = replace(claim, verdict=judge(claim.answer, EXECUTION, None, checked))
    assert cheat.verdict.kind is VerdictKind.INFEASIBLE_SOLUTION
    before = [open_gap, honest, cheat]
    assert reconsidered(before) == before


def test_the_order_makes_no_difference() -> None:
    """Results come as tasks end; who is named in the reason is the same, too."""
    claims: list[Claim] = [pair[0] for pair in CONTRADICTING] + [pair[1] for pair in AGREEING]
    results = [result(claim, seed=seed) for seed, claim in enumerate(claims + claims)]
    found = {each.task.seed: each.verdict for each in reconsidered(results)}
    random.Random(1).shuffle(results)
    assert {each.task.seed: each.verdict for each in reconsidered(results)} == found


def test_the_reason_says_how_well_the_other_solution_holds() -> None:
    """Who has an exact solution in the hand knows which of two is wrong."""
    checked = Verification(level=Level.CLAIMED)
    proven = replace(result(("optimal", 99, 99), "b"), verification=checked)
    accused, _ = reconsidered([result(("optimal", 100, 100), "a"), proven])
    assert "the dual bound 100, but a solution of value 99 by b" in accused.verdict.reason
    assert "the solution is feasible to 1e-9" in accused.verdict.reason


def imported(status: str, primal: float, dual: float, name: str) -> Result:
    """Return a result whose source does not tell the direction of the objective."""
    found = result((status, primal, primal), name)
    limit = Verdict(Category.LIMIT, "timeout, says a.res:1", VerdictKind.TIME)
    answer = replace(found.answer, dual_bound=dual)
    return replace(found, answer=answer, verdict=limit if status == "timelimit" else found.verdict)


def test_where_nobody_knows_the_direction_the_bounds_tell_it() -> None:
    """Results of a maximisation that agree, imported from a table, are not held to be wrong."""
    agreeing = [imported("timelimit", 5, 9, "old"), imported("optimal", 7, 7, "new")]
    assert reconsidered(agreeing) == agreeing
    own = mirrored(result(("optimal", -7, -7), "own"))
    assert reconsidered([*agreeing, own]) == [*agreeing, own]
    wrong = reconsidered([*agreeing, imported("optimal", 11, 11, "odd")])
    assert [one.verdict.category is Category.WRONG for one in wrong] == [True, True, True]
