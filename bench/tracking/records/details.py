"""Tables of facts in a run's artifacts: data that is rarely needed in filters or comparisons.

A param or tag costs a store as much as twenty lines of such a table, which MLflow displays.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from bench.model.results.fields import FIELDS, Kind, named, values
from bench.store.run_keys import CAMPAIGN_NAME, HIDDEN
from bench.store.truncation import text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.model.results.result import Result

DETAILS = "details.csv"
"""The artifact of a task with its problem and further measurements."""
ENVIRONMENT = "environment.csv"
"""The artifact of a setting or sweep with machine and versions."""

_DETAILS = tuple(field for field in FIELDS if field.detail)


def task_details(result: Result) -> str:
    """Return the details of a task as CSV, without those that have no value."""
    rows: dict[str, object] = {}
    for field, value in values(_DETAILS, result):
        joined = field.separator.join(map(str, value or ())) if field.kind is Kind.TEXTS else value
        rows |= named(field.detail, joined)
    return _table(rows)


def environment(provenance: Mapping[str, object]) -> dict[str, str]:
    """Return the file with machine and versions, by its name; empty without any."""
    facts = {name: fact for name, fact in provenance.items() if not _is_tag(name)}
    table = _table({name.removeprefix("bench."): fact for name, fact in facts.items()})
    return {ENVIRONMENT: table} if table else {}


def provenance_tags(provenance: Mapping[str, str]) -> dict[str, str]:
    """Return the part of the provenance that remains a tag: the campaign, and MLflow's own."""
    return {name: value for name, value in provenance.items() if _is_tag(name)}


def _is_tag(name: str) -> bool:
    return name.startswith(HIDDEN) or name == CAMPAIGN_NAME


def _table(rows: Mapping[str, object]) -> str:
    """Return two columns, in the given order; empty if there are no rows."""
    told = [(name, text(value)) for name, value in rows.items() if value not in {None, ""}]
    if not told:
        return ""
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows([("name", "value"), *told])
    return written.getvalue()
