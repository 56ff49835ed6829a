"""Free words of a command."""

from __future__ import annotations

import pytest

from bench.cli.shared.argv import without_empty, without_separator


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


@pytest.mark.parametrize(
    ("arguments", "kept"),
    [
        (["run", "-q", "--", "-x.mps", "y.mps"], ["run", "-q", "./-x.mps", "y.mps"]),
        (["run", "y.mps", "--"], ["run", "y.mps"]),
        (["run", "-q"], ["run", "-q"]),
    ],
)
def test_what_follows_the_separator_is_a_file(arguments: list[str], kept: list[str]) -> None:
    """Options can then still be added at the end."""
    assert without_separator(arguments) == kept
