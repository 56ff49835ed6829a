"""Free words of a command."""

from __future__ import annotations

import pytest

from bench.cli.shared.argv import without_empty


@pytest.mark.parametrize(
    ("arguments", "kept"),
    [
        (["sweep", "x.yaml", "", "--seeds", "", "--jobs", "2"], ["sweep", "x.yaml", "--jobs", "2"]),
        (["run", "--name", "", "--json"], ["run", "--json"]),
        (["", ""], []),
    ],
)
def test_an_option_without_a_value_is_as_good_as_none(
    arguments: list[str], kept: list[str]
) -> None:
    """MLflow hands over parameters that were not given as empty texts."""
    assert without_empty(arguments) == kept
