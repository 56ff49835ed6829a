"""Numbers beyond all measure in a journal: refused, or every form of the result is made."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.journal.line import from_json, split_line, to_line
from bench.journal.row_reading import results_of
from bench.journal.table import frame, row
from bench.model.results.result import Result
from bench.tracking.records.metric_points import metric_points
from bench.tracking.records.record import task_record
from tests.full_result import full_result

FOLDER = Path("/work/sweep")
REFUSED = [10**32, -(10**32), 10**400, 2**63]
"""In whole numbers; times are refused from 1e12 on, dates beyond the year 9999."""


def places(node: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield where numbers are."""
    if isinstance(node, dict | list):
        items = node.items() if isinstance(node, dict) else enumerate(node)
        for name, child in items:
            yield from places(child, (*path, name))
    elif isinstance(node, int | float) and not isinstance(node, bool):
        yield path


def with_number(tree: Any, path: tuple[str | int, ...], value: float | None) -> bytes:
    """Return the JSON text of a result with another number in one place."""
    tree = deepcopy(tree)
    node = tree
    for part in path[:-1]:
        node = node[part]
    node[path[-1]] = value
    return json.dumps(tree).encode()


@pytest.fixture(scope="module")
def tree() -> Any:
    """Return a result in which nothing is missing, as JSON."""
    result = replace(full_result(), folder=FOLDER / "tasks" / "one")
    return json.loads(split_line(to_line(result, FOLDER))[1])


def read(text: bytes) -> Result | None:
    """Return the result of a JSON text, None where it is refused."""
    try:
        return from_json(text, FOLDER)
    except ValueError:
        return None


@pytest.mark.parametrize("value", [*REFUSED, 2**62, 1e300, -1e300, -1e11, -1, 0, None])
def test_every_form_is_made_of_what_is_read(tree: Any, value: float | None) -> None:
    """In each place of a result: line, row, table, table read back, and MLflow's record."""
    read_in = {path: read(with_number(tree, path, value)) for path in places(tree)}
    accepted = [result for result in read_in.values() if result is not None]
    for result in accepted:
        assert to_line(result, FOLDER)
        assert row(result)
        assert metric_points(task_record(result), {}, 0)
    if accepted:
        assert len(results_of(frame(accepted))) == len(accepted)


@pytest.mark.parametrize("value", REFUSED)
def test_whole_numbers_have_64_bits(tree: Any, value: int) -> None:
    """Wherever a number is a whole one: MLflow's database and tables hold no more."""
    whole = [
        path
        for path in places(tree)
        if read(with_number(tree, path, 1.5)) is None and path[-1] not in {"seed", "permutation"}
    ]
    assert len(whole) > 20
    assert [path for path in whole if read(with_number(tree, path, value))] == []


@pytest.mark.parametrize("value", [1e300, 1e13])
@pytest.mark.parametrize("name", ["started_at", "wall_s"])
def test_dates_and_what_moves_them_are_within_reason(tree: Any, name: str, value: float) -> None:
    """No calendar has the year 30,000."""
    assert read(with_number(tree, ("execution", name), value)) is None
