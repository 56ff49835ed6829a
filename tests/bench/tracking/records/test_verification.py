"""What stands in MLflow and in tables of the check of a solution."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.journal.table import frame, row
from bench.model.results.fields import VERIFICATION
from bench.model.results.result import Result
from bench.model.results.verification import Level, Quantity, Verification, Violation
from bench.tracking.records.details import DETAILS
from bench.tracking.records.record import task_record
from bench.verification.solutions import describe_verification

WRONG = Verification(
    level=Level.NONE,
    violations=(
        Violation(Quantity.ROW, 3.0, 0.25, "room"),
        Violation(Quantity.OBJECTIVE, 9.0, 0.75),
        Violation(Quantity.BOUND, 1e30, 0.125, "x"),
    ),
    reader="scip",
)
SKIPPED = Verification(level=Level.NONE, skipped="no solution was written")


def test_the_worst_violations_are_metrics(result: Result) -> None:
    """Of each quantity, absolute and relative."""
    metrics = task_record(result).metrics
    assert metrics["verification/row_violation_abs"] == 2e-4
    assert metrics["verification/row_violation_rel"] == 1e-7
    violations = {name: v for name, v in metrics.items() if name.startswith("verification/")}
    assert 0.0 not in violations.values()
    assert len(violations) <= 2 * len(Quantity)


def test_the_level_is_a_tag_and_how_it_was_found_a_detail(result: Result) -> None:
    """One filters by the level."""
    record = task_record(result)
    assert record.tags["bench.verification"] == "1e-6"
    expected = {"reader,highs", "independent,true", "exact,true"}
    assert {f"verification_{one}" for one in expected} <= set(record.texts[DETAILS].splitlines())


@pytest.mark.parametrize(
    ("found", "reason"), [(None, "not asked for"), (SKIPPED, "no solution was written")]
)
def test_a_solution_that_was_not_checked_says_why(
    result: Result, found: Verification | None, reason: str
) -> None:
    """It is never taken for one that does not hold."""
    unchecked = replace(result, verification=found)
    record = task_record(unchecked)
    assert record.tags["bench.verification"] == f"not checked: {reason}"
    assert f"Its solution was not checked: {reason}." in record.description
    assert not any("verification" in name for name in record.metrics)
    columns = row(unchecked)
    assert (columns["verification_level"], columns["verification_skipped"]) == (None, reason)


def test_a_row_of_the_table_has_level_and_violations(result: Result) -> None:
    """What is too large for a table is missing, as everywhere."""
    columns = row(replace(result, verification=WRONG))
    expected = {
        "verification_level": "none",
        "verification_reader": "scip",
        "verification_independent": False,
        "verification_exact": False,
        "verification_skipped": None,
        "violation_row_abs": 3.0,
        "violation_objective_rel": 0.75,
        "violation_bound_abs": None,
        "violation_integrality_abs": None,
    }
    assert expected.items() <= columns.items()


def test_the_columns_keep_their_types_without_any_check(result: Result) -> None:
    """A table of unchecked results can be joined with one of checked ones."""
    table = frame([replace(result, verification=None)])
    kinds = {field.column: field.kind.dtype for field in VERIFICATION if field.column}
    assert {name: str(table[name].dtype) for name in kinds} == kinds


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (
            WRONG,
            (
                "fails the check: objective is off by 9, relative to its size 0.75 "
                "(double precision, instance read by scip, not independent)"
            ),
        ),
        (SKIPPED, "was not checked: no solution was written"),
    ],
)
def test_a_verification_in_words(found: Verification, words: str) -> None:
    """What is off the most, or why nothing is known."""
    assert describe_verification(found) == words
