"""Declarations, and the command line over the file."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.planning.command_line import declare
from bench.planning.declaration import Declaration, NamedSetting, merged
from bench.planning.sweep_file import from_yaml

NAMES = st.text("abc", min_size=1, max_size=2)
VALUES = st.lists(st.integers(0, 9).map(str), min_size=1, max_size=3).map(tuple)
DECLARATIONS = st.builds(
    Declaration,
    name=st.none() | NAMES,
    baseline=st.none() | NAMES,
    instances=st.lists(NAMES, max_size=2).map(tuple),
    grid=st.dictionaries(NAMES, VALUES, max_size=3),
    zips=st.lists(st.dictionaries(NAMES, VALUES, max_size=2), max_size=2).map(tuple),
    settings=st.lists(st.builds(NamedSetting, name=NAMES), max_size=2).map(tuple),
    seeds=st.none() | st.just((0, 1)),
    limits=st.dictionaries(st.sampled_from(["time_s", "gap"]), st.floats(0, 9), max_size=2),
    shuffle_seed=st.none() | st.integers(0, 3),
)


@given(DECLARATIONS)
def test_what_says_nothing_changes_nothing(declaration: Declaration) -> None:
    """On either side."""
    assert merged(declaration, Declaration()) == declaration
    assert merged(Declaration(), declaration) == declaration


@pytest.mark.slow
@given(DECLARATIONS, DECLARATIONS)
def test_all_that_the_command_line_says_holds(file: Declaration, typed: Declaration) -> None:
    """Entries of mappings one by one, the rest as a whole."""
    both = merged(file, typed)
    assert both.grid == {**file.grid, **typed.grid}
    assert both.limits == {**file.limits, **typed.limits}
    assert both.settings == (typed.settings or file.settings)
    assert both.instances == (typed.instances or file.instances)
    assert both.name == (file.name if typed.name is None else typed.name)
    wanted = file.shuffle_seed if typed.shuffle_seed is None else typed.shuffle_seed
    assert both.shuffle_seed == wanted


@given(DECLARATIONS, DECLARATIONS, DECLARATIONS)
def test_merging_is_associative(a: Declaration, b: Declaration, c: Declaration) -> None:
    """It does not matter which two are merged first."""
    assert merged(merged(a, b), c) == merged(a, merged(b, c))


def test_a_message_begins_with_file_line_and_key_of_what_stands_in_a_file() -> None:
    """What was typed has no place, also where it replaced what stands in the file."""
    file = from_yaml("seeds: 2\ngrid:\n  alpha: 0.1\n  a/b: 2", Path("s.yaml"))
    both = merged(file, declare(lists={"alpha": "0.2"}, seeds="3"))
    assert file.at("grid", "alpha") == "s.yaml:3: grid: "
    assert both.at("grid", "a/b") == "s.yaml:4: grid: "
    assert both.at("seeds") == both.at("grid", "alpha") == both.at("name") == ""


def test_the_solvers_are_the_sweeps_own_and_those_of_its_settings() -> None:
    """SCIP where nothing is said."""
    settings = (NamedSetting(name="a", solver="fake"), NamedSetting(name="b"))
    assert Declaration(settings=settings).solvers == ("scip", "fake")
    assert Declaration(settings=settings, own_solvers=("fake",)).solvers == ("fake",)
