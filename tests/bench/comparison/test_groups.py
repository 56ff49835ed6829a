"""Groups of instances."""

from __future__ import annotations

import pandas as pd
import pytest

from bench.comparison.groups import groups
from bench.errors import UsageError
from bench.instances.labels import family


@pytest.mark.parametrize(
    ("instance", "expected"),
    [
        ("gap-5x20", "gap"),
        ("p0033", "p"),
        ("air_04", "air"),
        ("egout", "egout"),
        ("10teams", "10teams"),
    ],
)
def test_a_family_is_the_beginning_of_the_name(instance: str, expected: str) -> None:
    """Up to the first digit, without separators; a name of digits is its own family."""
    assert family(instance) == expected


def test_a_column_of_many_numbers_is_cut_into_quarters() -> None:
    """All results of an instance are in the same group, also those in which it is unknown."""
    frame = pd.DataFrame(
        {
            "instance": [f"i{k}" for k in range(20)] * 2,
            "n_vars": [*range(20), *[None] * 20],
        }
    )
    found = groups(frame, "n_vars")
    assert [len(part) for part in found.values()] == [10, 10, 10, 10]
    assert next(iter(found)) == "0 to 4.75"


def test_an_empty_column_groups_nothing() -> None:
    """It is said."""
    with pytest.raises(UsageError, match="empty"):
        groups(pd.DataFrame({"instance": ["a"], "n_vars": [None]}), "n_vars")
