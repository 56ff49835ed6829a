"""What version 0.1 wrote is read, and all forms of a result still have its names and values."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bench.journal.counted_results import counted_results
from bench.journal.row_reading import results_of
from bench.journal.table import frame, read_parquet, row
from bench.model.results.result import Result
from bench.store.truncation import rounded
from bench.tracking.client import NOTE
from bench.tracking.records.details import DETAILS
from bench.tracking.records.record import task_record

DATA = Path(__file__).parents[2] / "data" / "version-0.1"
FORMS = json.loads((DATA / "forms.json").read_text())
OF_THE_SWEEP = ["machine", "primal_integral", "dual_integral"]
"""Columns that a result alone does not tell."""
OF_THE_LINT = ["lint"]
"""Columns that are not read back."""


@pytest.fixture(scope="module")
def journal() -> list[Result]:
    """Return the results in the journal of version 0.1."""
    return list(counted_results(DATA / "mixed").results)


def old_table() -> pd.DataFrame:
    """Return the table of version 0.1."""
    return read_parquet(DATA / "mixed" / "results.parquet")


def of_setting(results: list[Result], name: str) -> Result:
    """Return the result of a setting on the instance that the forms are about."""
    (found,) = (
        one
        for one in results
        if (one.task.instance.name, one.task.setting.name) == ("mkp-5x40", name)
    )
    return found


def test_its_journal_is_read(journal: list[Result]) -> None:
    """Twelve settings, among them all ways of a solver to fail; all results are in its plan."""
    assert counted_results(DATA / "mixed").left_out == ()
    assert len({one.task.setting.name for one in journal}) == 12
    verdicts = {one.verdict.category.value for one in journal}
    assert verdicts == {"solved", "limit", "wrong", "crashed", "killed", "unreadable"}


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form["name"])
def test_a_row_has_the_same_columns(journal: list[Result], form: dict[str, Any]) -> None:
    """With the same values in the same order, perhaps with others between them."""
    made = row(of_setting(journal, form["name"]))
    assert [(name, made[name]) for name in made if name in form["row"]] == [*form["row"].items()]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form["name"])
def test_a_record_has_what_one_compares_by_under_the_same_names(
    journal: list[Result], form: dict[str, Any]
) -> None:
    """With the same values but for their digits, and nothing is lost: the rest is in a table."""
    record = task_record(of_setting(journal, form["name"]))
    params, metrics = form["params"], form["metrics"]
    details = dict(list(csv.reader(record.texts[DETAILS].splitlines()))[1:])
    for name, value in params.items():
        detail = name if name.startswith("presolved/") else f"problem/{name}"
        assert record.params.get(name, details.get(detail)) == value
    kept = metrics.keys() & record.metrics.keys()
    assert {"result/solved", "time/wall_s"} <= kept
    assert {n: record.metrics[n] for n in kept} == {n: rounded(metrics[n]) for n in kept}
    for name in ("bench.kind", "bench.verdict", "bench.verdict_reason", "bench.termination"):
        assert record.tags[name] == form["tags"][name]
    assert record.description == form["tags"][NOTE]


def test_its_table_is_that_of_the_journal(journal: list[Result]) -> None:
    """With the same types."""
    table = old_table().drop(columns=OF_THE_SWEEP)
    made = frame(journal)[list(table)]
    by_key = [each.sort_values("key", ignore_index=True) for each in (table, made)]
    assert by_key[0].equals(by_key[1])


def test_its_table_is_read_back() -> None:
    """Into results that make the same rows."""
    table = old_table().drop(columns=[*OF_THE_SWEEP, *OF_THE_LINT])
    again = frame(results_of(old_table()))[list(table)]
    assert again.equals(table)
