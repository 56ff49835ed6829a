"""The names under which a verdict appears in MLflow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.store.run_keys import RESULTS, digest_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.model.result import Result

VERDICT = "bench.verdict"
KIND = "bench.verdict_kind"
REFERENCE = "bench.reference"
SOLVED = "result/solved"
"""The metric: 1 if the task counts as solved, else 0."""


def verdict_tags(result: Result) -> dict[str, object]:
    """Return the tags that another verdict or reference changes."""
    verdict = result.verdict
    return {
        RESULTS: digest_of([result]),
        VERDICT: verdict.category.value,
        KIND: verdict.kind,
        "bench.verdict_reason": verdict.reason,
        "bench.scip_check_status": verdict.scip_check,
        "bench.ipet_status": verdict.ipet,
        REFERENCE: _reference(result),
    }


def outdated_tags(wanted: Mapping[str, str], known: Mapping[str, str]) -> list[str]:
    """Return the known tags of a run that are not true of the wanted verdict any more.

    Not every verdict has a kind or a reference. Empty where no verdict is wanted.
    """
    if VERDICT not in wanted:
        return []
    return [name for name in (KIND, REFERENCE) if name in known and name not in wanted]


def _reference(result: Result) -> str | None:
    reference = result.reference
    if reference is None:
        return None
    value = "" if reference.value is None else f" {reference.value!r}"
    return f"{reference.known.value}{value}"
