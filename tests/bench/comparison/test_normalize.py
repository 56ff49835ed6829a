"""Results from anywhere, made uniform."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from bench.comparison.normalize import newest, normalize
from bench.errors import UsageError


def rows(*changes: dict[str, Any]) -> pd.DataFrame:
    """Return results that differ in these columns."""
    plain = {"instance": "i", "setting": "s", "verdict": "solved", "solve_time_s": 1.0}
    return pd.DataFrame([plain | change for change in changes])


def identities(*changes: dict[str, Any]) -> list[str]:
    """Return what tells the instances of results apart."""
    return [str(each) for each in normalize(rows(*changes))[0]["identity"]]


def test_an_instance_is_its_content_whatever_it_is_called() -> None:
    """A copy is the same experiment; another content of the same name is not."""
    copies = {"instance": "a", "instance_sha256": "1"}, {"instance": "b", "instance_sha256": "1"}
    assert identities(*copies) == ["1", "1"]
    assert identities({"instance_sha256": "1"}, {"instance_sha256": "2"}) == ["1", "2"]


def test_a_result_without_a_digest_belongs_to_the_instance_of_its_name() -> None:
    """So that imported tables are compared with our own; not where the name is ambiguous."""
    assert identities({"instance_sha256": "1"}, {"instance_sha256": None}) == ["1", "1"]
    assert identities({}, {}) == ["i", "i"]
    ambiguous = {"instance_sha256": "1"}, {"instance_sha256": "2"}, {"instance_sha256": None}
    assert identities(*ambiguous) == ["1", "2", "i"]


def test_without_times_of_start_the_last_row_is_the_newest() -> None:
    """As in a journal."""
    kept, notes = newest(normalize(rows({}, {"solve_time_s": 2.0}))[0])
    assert list(kept["solve_time_s"]) == [2.0]
    assert len(notes) == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"instance": None}, "column 'instance' is empty in row 2"),
        ({"setting": ""}, "column 'setting' is empty in row 2"),
        ({"n_nodes": "many"}, "column 'n_nodes' has a value that is not a number: 'many'"),
        ({"time_limit_s": -1}, "column 'time_limit_s' has a negative value: -1"),
    ],
)
def test_a_value_that_cannot_be_is_named(changes: dict[str, Any], message: str) -> None:
    """With its column, and the value or the row."""
    with pytest.raises(UsageError, match=message):
        normalize(rows({}, changes))
