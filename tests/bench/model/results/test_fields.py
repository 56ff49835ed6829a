"""The fields of a result: each has a place in every form, or a reason why not."""

from __future__ import annotations

import dataclasses
import typing
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bench.errors import TrackingError
from bench.journal.line import from_json, split_line, to_line
from bench.journal.row_reading import NEEDED, results_of
from bench.journal.table import COLUMNS, frame, row
from bench.model.results.fields import FIELDS, NOT_IN_THE_TABLE, Field
from bench.model.results.result import Result
from bench.model.results.verification import Quantity, Violation
from bench.tracking.records.record import Record, task_record
from tests.full_result import UNIONS, full_result

PLACES = {"param": "params", "metric": "metrics", "tag": "tags", "series": "series"}
"""The places in MLflow, and the part of a record that has them."""


def dataclass_in(hint: Any) -> Any:
    """Return the dataclass that a type is, may be, or is a tuple of; None if there is none."""
    if dataclasses.is_dataclass(hint):
        return hint
    if typing.get_origin(hint) in {*UNIONS, tuple}:
        return next(filter(None, map(dataclass_in, typing.get_args(hint))), None)
    return None


def attributes(kind: Any, path: str = "") -> Iterator[str]:
    """Yield the paths of all attributes of a dataclass and of the dataclasses in it."""
    hints = typing.get_type_hints(kind)
    for name in (each.name for each in dataclasses.fields(kind)):
        inner = dataclass_in(hints[name])
        if inner is Violation:
            for one in Quantity:
                yield from attributes(inner, f"{path}worst.{one}.")
        elif inner:
            yield from attributes(inner, f"{path}{name}.")
        elif (kind, name) != (Violation, "quantity"):
            yield f"{path}{name}"


def at(root: Any, path: str) -> Any:
    """Return what is at a path."""
    for name in path.split("."):
        root = root[name] if isinstance(root, dict) else getattr(root, name)
    return root


ATTRIBUTES = list(attributes(Result))
IN_THE_TABLE = [each for each in FIELDS if each.path and each.column]
READ_BACK = [each for each in IN_THE_TABLE if not each.derived]


def reason(path: str) -> str | None:
    """Return why the table leaves out an attribute, or the part that it is in."""
    parts = path.split(".")
    whole = (".".join(parts[:n]) for n in range(1, len(parts) + 1))
    return next((NOT_IN_THE_TABLE[one] for one in whole if one in NOT_IN_THE_TABLE), None)


@pytest.fixture(scope="module")
def full() -> Result:
    """Return a result in which everything has a value of its own; its solution was checked."""
    return full_result()


@pytest.fixture(scope="module")
def table(full: Result) -> pd.DataFrame:
    """Return the table of that result."""
    return frame([full])


@pytest.fixture(scope="module")
def again(table: pd.DataFrame) -> Result:
    """Return that result after it was in a table."""
    (read,) = results_of(table)
    return read


@pytest.fixture(scope="module")
def record(full: Result) -> Record:
    """Return the record of that result."""
    return task_record(full)


@pytest.mark.parametrize("path", ATTRIBUTES)
def test_every_attribute_is_in_the_table_or_left_out_for_a_reason(path: str) -> None:
    """One that is added without a place is named here."""
    assert (path in {each.path for each in IN_THE_TABLE}) != bool(reason(path))


@pytest.mark.parametrize("path", NOT_IN_THE_TABLE)
def test_what_is_left_out_is_an_attribute_or_a_part(path: str) -> None:
    """A reason does not outlive what it is about."""
    assert any(f"{one}.".startswith(f"{path}.") for one in ATTRIBUTES)


def test_a_line_of_the_journal_has_everything(full: Result, tmp_path: Path) -> None:
    """Its fields are the attributes themselves."""
    result = dataclasses.replace(full, folder=tmp_path / "tasks" / "one")
    _, body = split_line(to_line(result, tmp_path))
    assert from_json(body, tmp_path) == result


@pytest.mark.parametrize("field", IN_THE_TABLE, ids=lambda each: each.column)
def test_a_row_has_every_field_of_the_table(full: Result, field: Field) -> None:
    """All but why a solution was not checked, which is null where it was."""
    columns = row(full)
    found = [name for name in columns if matches(field.column, name)]
    assert found
    if field.path != "not_checked":
        assert None not in {columns[name] for name in found}


@pytest.mark.parametrize("field", READ_BACK, ids=lambda each: each.column)
def test_a_field_of_the_table_is_read_back(full: Result, again: Result, field: Field) -> None:
    """With the same value."""
    assert at(again, field.path) == at(full, field.path)


@pytest.mark.parametrize("place", PLACES)
def test_a_record_has_every_name_of_the_list(record: Record, place: str) -> None:
    """Params, metrics, tags and series."""
    names = set(getattr(record, PLACES[place]))
    listed = {getattr(each, place) for each in FIELDS} - {""}
    choices = {"<knob>", "<parameter>"}
    missing = {one for one in listed - choices if not any(matches(one, name) for name in names)}
    assert not missing


def matches(listed: str, name: str) -> bool:
    """Say whether a listed name stands for a real one."""
    before, placeholder, _ = listed.partition("<")
    return name.startswith(before) if placeholder else name == listed


@pytest.mark.parametrize("place", ["path", "column", *PLACES])
def test_a_name_belongs_to_one_field(place: str) -> None:
    """In each of the places."""
    names = Counter(getattr(each, place) for each in FIELDS)
    del names[""]
    assert set(names.values()) == {1}


def test_a_time_and_a_size_have_their_units() -> None:
    """As the ends of their names promise."""
    for end, unit in {"_s": "s", "_mib": "MiB"}.items():
        assert {each.unit for each in FIELDS if each.column.endswith(end)} == {unit}


@pytest.mark.parametrize("name", [name for name in COLUMNS if name not in NEEDED])
def test_a_column_that_an_older_table_lacks_is_null(
    full: Result, table: pd.DataFrame, name: str
) -> None:
    """So that a new field does not make older tables useless."""
    (found,) = results_of(table.drop(columns=name))
    assert row(found)[name] in {None, 0, "wall", "", "{}", "not linted", "reference"}
    assert found.verdict.category is full.verdict.category


@pytest.mark.parametrize("name", NEEDED)
def test_a_table_without_a_column_that_a_verdict_needs_is_refused(
    table: pd.DataFrame, name: str
) -> None:
    """By the name of the column."""
    with pytest.raises(TrackingError, match=f"no column '{name}'"):
        results_of(table.drop(columns=name))
