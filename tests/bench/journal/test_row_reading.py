"""Results read back from rows."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bench.errors import TrackingError
from bench.journal.row_reading import results_of, with_verdicts
from bench.journal.table import frame
from bench.model.instances.problem import Sense
from bench.model.instances.reference import Known, Reference
from bench.model.results.process_stats import ProcessStats, Termination
from bench.model.results.result import Result
from bench.model.results.verdict import Category, Verdict, VerdictKind
from bench.model.results.verification import Level, Quantity, Verification, Violation
from bench.store.run_keys import digest_of
from bench.verification.judge import judge

MakeResult = Callable[..., Result]

NOT_READ = ["lint", "machine"]
MISSED = Violation(Quantity.ROW, 3.0, 0.5, "room", "c17")


def changed(result: Result, **changes: Any) -> Result:
    """Return a result of a maximisation with another answer."""
    assert result.answer.problem is not None
    problem = replace(result.answer.problem, sense=Sense.MAXIMIZE, objective_offset=7.5)
    return replace(result, answer=replace(result.answer, problem=problem, **changes))


def ended(result: Result, signal: str) -> Result:
    """Return a result whose process was ended by a signal."""
    execution = ProcessStats(
        termination=Termination.SIGNAL,
        evidence=f"ended by {signal}",
        started_at=1.25,
        wall_s=math.nan,
        signal=signal,
        noise=("loud", "louder"),
    )
    return replace(result, answer=replace(result.answer, status=None), execution=execution)


@pytest.fixture
def several(result: Result, crashed: Result) -> list[Result]:
    """Return results on which the rules depend on all that a row has."""
    not_held = Verification(level=Level.NONE, violations=(MISSED,), reader="highs", exact=True)
    infinite = replace(not_held, violations=(replace(MISSED, absolute=math.inf, relative=1e30),))
    return [
        result,
        crashed,
        ended(result, "SIGKILL"),
        ended(result, "SIGSEGV"),
        changed(result, primal_bound=3081.5, dual_bound=3081.5),
        changed(result, status="infeasible", primal_bound=None, dual_bound=None),
        changed(result, status="gaplimit", primal_bound=4000.0, dual_bound=4100.0),
        replace(result, verification=not_held),
        replace(result, verification=infinite),
        replace(result, verification=None),
        replace(
            result, verification=Verification(level=Level.NONE, skipped="lost"), reference=None
        ),
        replace(result, reference=Reference(Known.BEST, 3000.0, 2990.0)),
    ]


def judged(result: Result) -> Verdict:
    """Return today's verdict on a result."""
    limit = result.task.limits.gap
    parts = (result.answer, result.execution, result.reference, result.verification)
    return judge(*parts, gap_limit=limit)


def test_a_result_read_back_makes_the_same_row_and_the_same_verdict(several: list[Result]) -> None:
    """Word for word: directions, offsets, signals and the places of violations are in it."""
    again = results_of(frame(several))
    assert frame(again).drop(columns=NOT_READ).equals(frame(several).drop(columns=NOT_READ))
    told = [judged(one) for one in again]
    finite = several[:8] + several[9:]
    assert told[:8] + told[9:] == [judged(one) for one in finite]
    assert told[8].kind is VerdictKind.INFEASIBLE_SOLUTION
    assert digest_of(again) == digest_of(several)


def test_a_key_is_that_of_the_task_that_was_executed(result: Result) -> None:
    """Even where a table cannot hold all that it was made from."""
    setting = replace(result.task.setting, params={"cutoff": math.inf})
    executed = replace(result, task=replace(result.task, setting=setting))
    (again,) = results_of(frame([executed]))
    assert again.task.key == executed.task.key


def test_other_verdicts_stand_in_the_same_table(make_result: MakeResult) -> None:
    """Whatever else there is in it stays: columns of others, and the machine."""
    results = [make_result(seed=seed) for seed in (1, 2)]
    table = frame(results, lambda _: {"machine": "node7"}).assign(mine=[1, 2])
    wrong = Verdict(
        Category.WRONG, "too good", VerdictKind.OBJECTIVE, scip_check="fail", ipet="fail"
    )
    now = [results[0], replace(results[1], verdict=wrong, reference=None)]
    corrected = with_verdicts(table, now)
    assert corrected.equals(frame(now, lambda _: {"machine": "node7"}).assign(mine=[1, 2]))
    assert results_of(corrected)[1].verdict == wrong


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"verdict": "grand"}, "verdict.category: Input should be"),
        ({"params": "{"}, "cannot be read"),
    ],
)
def test_what_is_no_such_table_is_one_line(
    result: Result, change: dict[str, str], words: str
) -> None:
    """Nor one of an earlier version, without the direction of the objective."""
    table = frame([result])
    with pytest.raises(TrackingError, match=words):
        results_of(table.assign(**change))
    with pytest.raises(TrackingError, match="no column 'sense'"):
        results_of(table.drop(columns="sense"))
