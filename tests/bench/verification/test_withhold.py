"""A result without texts that may quote names of rows and columns."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import replace
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from bench.model.results.process_stats import Termination
from bench.model.results.result import Result
from bench.model.results.verdict import VerdictKind
from bench.verification.judge import judge
from bench.verification.withhold import WITHHELD, withhold_texts
from tests.full_result import full_result

KEPT = {
    "folder",
    "task.instance.name",
    "task.instance.path",
    "task.instance.digest",
    "task.instance.label",
    "task.instance.misread_by.name",
    "task.setting.name",
    "task.setting.solver",
    "task.setting.params",
    "task.setting.start",
    "task.setting.include.digest",
    "task.setting.include.function",
    "task.setting.include.module",
    "task.setting.include.name",
    "task.setting.include.path",
    "task.start.digest",
    "task.start.path",
    "task.setting.knobs",
    "task.solver_version",
    "answer.params",
    "answer.versions",
    "answer.normalized_by",
    "answer.problem.classes",
    "execution.machine",
    "execution.signal",
    "execution.noise",
    "execution.worker.machine_class",
    "execution.worker.name",
    "execution.worker.reference_solver",
    "reference.source",
    "verdict.scip_check",
    "verdict.ipet",
    "verdict.confirmed_by",
    "verification.reader",
}
"""Names of files, settings, solvers and machines, and words that bench has made up."""


def texts(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield all texts below a value, with the attributes that lead to them."""
    if dataclasses.is_dataclass(value):
        for each in dataclasses.fields(value):
            yield from texts(getattr(value, each.name), f"{path}.{each.name}".lstrip("."))
    elif isinstance(value, Mapping):
        for each in (*value.keys(), *value.values()):
            yield from texts(each, path)
    elif isinstance(value, (tuple, list)):
        for each in value:
            yield from texts(each, path)
    elif isinstance(value, (str, Path)) and not isinstance(value, Enum):
        yield path, str(value)


def test_every_text_is_withheld_or_known_to_name_no_row_and_no_column() -> None:
    """A new text has to be looked at before it is recorded at the lower levels."""
    full = full_result()
    before, after = dict(texts(full)), set(texts(withhold_texts(full)))
    kept = {path for path, text in after if text and before.get(path) == text}
    assert kept <= KEPT, kept - KEPT


@pytest.mark.parametrize("termination", Termination)
def test_what_a_solver_says_is_withheld_however_its_process_ended(
    make_result: Any, termination: Termination
) -> None:
    """Its error, a status of its own, and evidence that repeats them."""
    result: Result = make_result()
    for error, status in (
        ("row secret is odd", None),
        (None, "secret"),
        ("no answer: secret", None),
    ):
        answer = replace(result.answer, error=error, status=status)
        evidence = error or f"the solver reports {status}"
        execution = replace(result.execution, termination=termination, evidence=evidence)
        verdict = judge(answer, execution)
        found = withhold_texts(replace(result, answer=answer, execution=execution, verdict=verdict))
        said = [text for _, text in texts(found) if "secret" in text]
        assert said == []
        assert found.verdict.category == verdict.category


def test_the_reason_for_a_verdict_stays_as_far_as_it_names_nothing(make_result: Any) -> None:
    """What bench has found out by itself may be recorded."""
    result: Result = make_result()
    verdict = judge(result.answer, result.execution, result.reference, result.verification)
    reason = withhold_texts(replace(result, verdict=verdict)).verdict.reason
    assert "row c7 is off by 0.0002" in verdict.reason
    assert reason == verdict.reason.replace("row c7", "row")
    odd = replace(
        result, verdict=replace(verdict, kind=VerdictKind.OBJECTIVE, reason="column secret")
    )
    assert withhold_texts(odd).verdict.reason == WITHHELD
