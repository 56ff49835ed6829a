"""The verdict on an answer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.model.instances.problem import ProblemStatistics, Sense
from bench.model.instances.reference import Known, Reference
from bench.model.results.process_stats import ProcessStats, Termination
from bench.model.results.solver_output import SolverOutput
from bench.model.results.verdict import Category, VerdictKind
from bench.model.results.verification import Level, Quantity, Verification, Violation
from bench.verification.judge import judge

NAN = float("nan")
OPT = Reference(Known.OPTIMAL, 100.0)
INF = Reference(Known.INFEASIBLE)
UNBD = Reference(Known.UNBOUNDED)
FEAS = Reference(Known.FEASIBLE)
UNKN = Reference(Known.UNKNOWN)
BEST = Reference(Known.BEST, 50.0, 40.0)
PRIMAL_ONLY = Reference(Known.BEST, 50.0)
DUAL_ONLY = Reference(Known.BEST_DUAL, dual_value=40.0)

SOLVED, UNCONFIRMED, LIMIT = Category.SOLVED, Category.UNCONFIRMED, Category.LIMIT


def execution(
    termination: Termination = Termination.NORMAL, signal: str | None = None
) -> ProcessStats:
    """Return an execution that ended so."""
    return ProcessStats(
        termination=termination, evidence="seen", started_at=0.0, wall_s=1.0, signal=signal
    )


def answer(
    status: str | None, primal: float | None = None, dual: float | None = None
) -> SolverOutput:
    """Return an answer with these claims."""
    return SolverOutput(status=status, primal_bound=primal, dual_bound=dual)


CASES: list[tuple[SolverOutput, Reference | None, Category | VerdictKind]] = [
    (answer("optimal", 100, 100), OPT, SOLVED),
    (answer("optimal", 100, 100), None, UNCONFIRMED),
    (answer("optimal", 100.000001, 100), OPT, SOLVED),
    (answer("optimal", 45, 45), BEST, UNCONFIRMED),
    (answer("optimal", 50, 50), Reference(Known.BEST, 50.0, 50.0), SOLVED),
    (answer("optimal", 4, 4), FEAS, UNCONFIRMED),
    (answer("optimal", 4, 4), UNKN, UNCONFIRMED),
    (answer("infeasible"), INF, SOLVED),
    (answer("infeasible"), UNKN, UNCONFIRMED),
    (answer("infeasible"), DUAL_ONLY, UNCONFIRMED),
    (answer("infeasible"), None, UNCONFIRMED),
    (answer("inforunbd"), INF, SOLVED),
    (answer("inforunbd"), UNBD, SOLVED),
    (answer("inforunbd"), DUAL_ONLY, UNCONFIRMED),
    (answer("unbounded"), UNBD, SOLVED),
    (answer("unbounded"), FEAS, UNCONFIRMED),
    (answer("unbounded"), PRIMAL_ONLY, UNCONFIRMED),
    (answer("timelimit", 120, 90), OPT, VerdictKind.TIME),
    (answer("memlimit"), OPT, VerdictKind.MEMORY),
    (answer("gaplimit", 101, 99), OPT, VerdictKind.GAP),
    (answer("nodelimit"), OPT, VerdictKind.NODES),
    (answer("stallnodelimit"), OPT, VerdictKind.NODES),
    (answer("sollimit", 120), OPT, VerdictKind.SOLUTIONS),
    (answer("iterlimit"), OPT, VerdictKind.OTHER),
    (answer("timelimit", 48, 42), BEST, VerdictKind.TIME),
    (answer("userinterrupt", 120, 90), OPT, Category.INTERRUPTED),
    (answer("unknown"), None, Category.CRASHED),
    (answer("optimal", 100, 90), None, VerdictKind.GAP_NOT_CLOSED),
    (answer("optimal", 100, 90), OPT, VerdictKind.GAP_NOT_CLOSED),
    (answer("optimal"), None, VerdictKind.GAP_NOT_CLOSED),
    (answer("timelimit", 90, 100), None, VerdictKind.INCONSISTENT),
    (answer("infeasible", 90), None, VerdictKind.INCONSISTENT),
    (answer("optimal", 101, 101), OPT, VerdictKind.DUAL_BOUND),
    (answer("optimal", 100.015, 100.009), OPT, VerdictKind.OBJECTIVE),
    (answer("optimal", 99, 99), OPT, VerdictKind.OBJECTIVE),
    (answer("timelimit", 99, 90), OPT, VerdictKind.OBJECTIVE),
    (answer("timelimit", 120, 101), OPT, VerdictKind.DUAL_BOUND),
    (answer("timelimit", 39, 30), BEST, VerdictKind.OBJECTIVE),
    (answer("timelimit", 39, 30), DUAL_ONLY, VerdictKind.OBJECTIVE),
    (answer("timelimit", 60, 51), BEST, VerdictKind.DUAL_BOUND),
    (answer("infeasible"), OPT, VerdictKind.DUAL_BOUND),
    (answer("infeasible"), FEAS, VerdictKind.DUAL_BOUND),
    (answer("infeasible"), UNBD, VerdictKind.DUAL_BOUND),
    (answer("unbounded"), OPT, VerdictKind.OBJECTIVE),
    (answer("unbounded"), DUAL_ONLY, VerdictKind.OBJECTIVE),
    (answer("inforunbd"), OPT, VerdictKind.OBJECTIVE),
    (answer("optimal", 1, 1), UNBD, VerdictKind.DUAL_BOUND),
    (answer("timelimit", 1, 0), UNBD, VerdictKind.DUAL_BOUND),
    (answer("optimal", 1, 1), INF, VerdictKind.SOLUTION_ON_INFEASIBLE),
    (answer("timelimit", 1, 0), INF, VerdictKind.SOLUTION_ON_INFEASIBLE),
    (answer("unbounded"), INF, VerdictKind.SOLUTION_ON_INFEASIBLE),
    (answer("optimal", NAN, NAN), None, VerdictKind.INVALID_NUMBERS),
    (answer("timelimit", None, float("inf")), OPT, VerdictKind.INVALID_NUMBERS),
]


@pytest.mark.parametrize(("claim", "reference", "expected"), CASES)
def test_an_answer_is_held_against_the_reference_and_itself(
    claim: SolverOutput, reference: Reference | None, expected: Category | VerdictKind
) -> None:
    """Each claim gets the category, or the kind of limit or error, that is known of it."""
    found = judge(claim, execution(), reference)
    assert expected in {found.category, found.kind}
    assert (found.kind is not None) == (found.category in {LIMIT, Category.WRONG})


@pytest.mark.parametrize(("claim", "reference", "expected"), CASES)
def test_a_maximisation_is_judged_the_other_way_round(
    claim: SolverOutput, reference: Reference | None, expected: Category | VerdictKind
) -> None:
    """With all signs turned round, and the sense, every verdict is the same."""
    mirrored = replace(
        claim,
        primal_bound=_negative(claim.primal_bound),
        dual_bound=_negative(claim.dual_bound),
        problem=problem(Sense.MAXIMIZE),
    )
    known = reference and Reference(
        reference.known, _negative(reference.value), _negative(reference.dual_value)
    )
    found = judge(mirrored, execution(), known)
    assert expected in {found.category, found.kind}
    assert found.ipet == judge(claim, execution(), reference).ipet
    assert found.scip_check == judge(claim, execution(), reference).scip_check


@pytest.mark.parametrize(
    ("termination", "signal", "expected"),
    [
        (Termination.TIME, "SIGKILL", VerdictKind.TIME),
        (Termination.MEMORY, "SIGKILL", VerdictKind.MEMORY),
        (Termination.SIGNAL, "SIGSEGV", Category.CRASHED),
        (Termination.SIGNAL, "SIGABRT", Category.CRASHED),
        (Termination.SIGNAL, "SIGKILL", Category.KILLED),
        (Termination.SIGNAL, "SIGTERM", Category.KILLED),
        (Termination.ERROR, None, Category.CRASHED),
        (Termination.REFUSED, None, Category.UNREADABLE),
        (Termination.UNSUPPORTED, None, Category.UNSUPPORTED),
        (Termination.INTERRUPT, "SIGKILL", Category.INTERRUPTED),
        (Termination.SKIPPED, None, Category.SKIPPED),
    ],
)
def test_without_a_status_what_ended_the_process_decides(
    termination: Termination, signal: str | None, expected: Category | VerdictKind
) -> None:
    """What bench killed for a limit is at that limit, not killed."""
    found = judge(answer(None), execution(termination, signal), OPT)
    assert expected in {found.category, found.kind}
    assert found.reason == "seen"


def test_an_outer_limit_goes_over_the_status() -> None:
    """The solver says it was interrupted: by bench, at the time limit."""
    found = judge(answer("userinterrupt", 120, 90), execution(Termination.TIME), OPT)
    assert (found.category, found.kind) == (LIMIT, VerdictKind.TIME)


@pytest.mark.parametrize(
    ("gap_limit", "expected"),
    [
        (None, VerdictKind.GAP_NOT_CLOSED),
        (0.01, VerdictKind.GAP_NOT_CLOSED),
        (0.2, VerdictKind.GAP),
    ],
)
def test_optimal_within_the_gap_that_was_asked_for_is_a_limit(
    gap_limit: float | None, expected: VerdictKind
) -> None:
    """It is what the user wanted, and still not solved."""
    found = judge(answer("optimal", 100, 90), execution(), OPT, gap_limit=gap_limit)
    assert found.kind is expected
    closed = judge(answer("optimal", 100, 100), execution(), OPT, gap_limit=gap_limit)
    assert closed.category is SOLVED


@pytest.mark.parametrize(
    ("quantity", "level", "relative", "expected"),
    [
        (Quantity.ROW, Level.NONE, 1e-3, VerdictKind.INFEASIBLE_SOLUTION),
        (Quantity.BOUND, Level.NONE, 1e-3, VerdictKind.INFEASIBLE_SOLUTION),
        (Quantity.INTEGRALITY, Level.NONE, NAN, VerdictKind.INFEASIBLE_SOLUTION),
        (Quantity.OBJECTIVE, Level.NONE, 1e-3, VerdictKind.OBJECTIVE),
        (Quantity.ROW, Level.MIPLIB, 1e-5, SOLVED),
        (Quantity.ROW, Level.SOLVER, 1e-7, SOLVED),
    ],
)
def test_a_solution_that_does_not_hold_is_wrong(
    quantity: Quantity, level: Level, relative: float, expected: Category | VerdictKind
) -> None:
    """Up to MIPLIB's tolerance it holds, whatever the reference says of its value."""
    violation = Violation(quantity, relative, relative, "c7")
    checked = Verification(level=level, violations=(violation,))
    found = judge(answer("optimal", 100, 100), execution(), OPT, checked)
    assert expected in {found.category, found.kind}
    assert "c7" in found.reason or quantity is Quantity.OBJECTIVE or found.solved


def test_the_reason_says_how_well_the_solution_holds() -> None:
    """Only MIPLIB's tolerance, and a row that is off by 1 where numbers are a million."""
    violation = Violation(Quantity.ROW, 1.0, 1e-6, "c7")
    checked = Verification(level=Level.MIPLIB, violations=(violation,))
    found = judge(answer("optimal", 100, 100), execution(), OPT, checked)
    assert found.category is SOLVED
    assert "is feasible to 1e-4, MIPLIB's tolerance, and not to 1e-6" in found.reason
    assert "row c7 is off by 1" in found.reason


def test_a_check_that_was_skipped_decides_nothing() -> None:
    """Nobody has seen a violation."""
    skipped = Verification(level=Level.NONE, skipped="no reader")
    assert judge(answer("optimal", 100, 100), execution(), OPT, skipped).category is SOLVED


def test_better_than_the_best_known_value_is_said() -> None:
    """Of an optimal solution, and of one found at a limit."""
    assert "better than the best" in judge(answer("optimal", 45, 45), execution(), BEST).reason
    assert "better than the best" in judge(answer("timelimit", 45, 41), execution(), BEST).reason
    assert judge(answer("timelimit", 60, 41), execution(), BEST).reason == "timelimit"


@given(st.floats(-1e9, 1e9), st.floats(0, 1e-2))
def test_which_of_two_values_is_the_reference_makes_no_difference(value: float, by: float) -> None:
    """The slack is that of the larger one, as ipet has it."""
    other = value + by * max(abs(value), 1.0)
    one = judge(answer("optimal", other, other), execution(), Reference(Known.OPTIMAL, value))
    two = judge(answer("optimal", value, value), execution(), Reference(Known.OPTIMAL, other))
    assert one.category is two.category


def problem(sense: Sense) -> ProblemStatistics:
    """Return the statistics of a problem of which only the sense matters."""
    names = ("n_vars", "n_bins", "n_ints", "n_conts", "n_conss", "n_nonzeros", "n_equalities")
    facts: dict[str, Any] = dict.fromkeys((*names, "n_bins_declared", "n_ints_declared"), 1)
    return ProblemStatistics(**facts, sense=sense, objective_offset=0)


def _negative(value: float | None) -> float | None:
    return None if value is None else -value
