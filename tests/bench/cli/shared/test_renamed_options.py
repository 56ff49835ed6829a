"""Old names of options."""

from __future__ import annotations

import pytest

from bench.cli.main import MODULES, command
from bench.cli.shared.renamed_options import RENAMED, RENAMED_VARIABLES, with_new_names


def test_an_old_name_works_with_a_notice() -> None:
    """Also with its value behind a sign; a value that looks alike stays."""
    for old, new in (
        (["--alpha", "0.1"], ["--level", "0.1"]),
        (["--alpha=0.1"], ["--level=0.1"]),
    ):
        given, (notice,) = with_new_names(["compare", "mine", *old])
        assert given == ["compare", "mine", *new]
        assert notice == "Note: --alpha of bench compare is now --level; please use the new name"


def test_the_same_name_elsewhere_is_another_option() -> None:
    """The knob keeps its name, and nothing to do is nothing."""
    assert with_new_names(["run", "--alpha", "0.1"]) == (["run", "--alpha", "0.1"], [])
    assert with_new_names([]) == ([], [])


@pytest.mark.parametrize("name", RENAMED)
def test_the_new_names_are_options_and_the_old_ones_are_not(name: str) -> None:
    """Of a command that exists."""
    assert name in MODULES
    found = command.get_command(None, name)  # type: ignore[arg-type]
    assert found is not None
    options = {option for parameter in found.params for option in parameter.opts}
    assert set(RENAMED[name].values()) <= options
    assert options.isdisjoint(RENAMED[name])


@pytest.mark.parametrize("name", RENAMED_VARIABLES)
def test_the_new_variables_are_read_and_the_old_ones_are_not(name: str) -> None:
    """Of a command that exists."""
    found = command.get_command(None, name)  # type: ignore[arg-type]
    assert found is not None
    variables = {each.envvar for each in found.params if isinstance(each.envvar, str)}
    assert set(RENAMED_VARIABLES[name].values()) <= variables
    assert variables.isdisjoint(RENAMED_VARIABLES[name])
