"""Spaces: what ships, what a file may say, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.errors import UsageError
from bench.model.parameters import Catalogue, Parameter, ParameterKind
from bench.model.setting import ParameterValue
from bench.solvers import registry
from bench.tuning.candidate import Candidate, check_settings, setting_of, start_candidate
from bench.tuning.space import Dimension, Space, default_space, denied, read_space

CATALOGUE = Catalogue(
    [
        Parameter(name="on", kind=ParameterKind.BOOL, default=True, description=""),
        Parameter(name="n", kind=ParameterKind.INT, default=5, description="", low=0, high=9),
        Parameter(name="open", kind=ParameterKind.REAL, default=1.0, description="", low=0.0),
        Parameter(
            name="way", kind=ParameterKind.CHAR, default="a", description="", choices=("a", "b")
        ),
        Parameter(
            name="limits/time", kind=ParameterKind.REAL, default=9.0, description="", low=0.0
        ),
    ]
)


def space_of(tmp_path: Path, text: str) -> Space:
    """Return the space that a text declares."""
    path = tmp_path / "space.yaml"
    path.write_text(text)
    return read_space(path, "fake", CATALOGUE, {"n-off": {"n": 0}})


@pytest.mark.parametrize("solver", ["scip", "highs"])
def test_what_ships_has_a_reason_for_each_parameter_and_changes_no_meaning(solver: str) -> None:
    """All names are known to the solver, and none is on the deny-list."""
    catalogue = registry.load(solver).parameters()
    space = default_space(solver, catalogue)
    knobs = {"alpha", "l1_ratio"}
    assert len(space.dimensions) >= (40 if solver == "scip" else 15)
    for dimension in space.dimensions:
        assert dimension.why
        assert dimension.is_free
        assert dimension.name in catalogue or dimension.name in knobs
        assert denied(dimension.name) is None


def test_every_emphasis_that_leaves_the_meaning_alone_is_a_starting_point() -> None:
    """Pairs of them come last; the one that changes tolerances is none."""
    scip = registry.load("scip")
    emphases = scip.emphases()  # type: ignore[attr-defined]
    space = default_space("scip", scip.parameters(), emphases)
    names = list(space.starts)
    assert {"heuristics-off", "separating-aggressive", "emphasis-hardlp"} <= set(names[:16])
    assert {"emphasis-numerics", "emphasis-counter"}.isdisjoint(names)
    assert "heuristics-off separating-off" in names[16:]
    assert "heuristics-off heuristics-fast" not in names
    made = setting_of(start_candidate("heuristics-off separating-off"), space, scip.parameters())
    assert made.params["heuristics/alns/freq"] == -1
    assert any(name.startswith("separating/") for name in made.params)


def test_a_knob_goes_over_what_the_starting_point_says_of_its_parameters() -> None:
    """The phase emphasis sets cut selection; alpha then takes its place."""
    scip = registry.load("scip")
    start: dict[str, ParameterValue] = {"cutselection/hybrid/objparalweight": 0.9}
    space = Space(solver="scip", dimensions=(), starts={"s": start})
    made = setting_of(
        Candidate(name="c", start="s", changes={"alpha": 0.1}), space, scip.parameters()
    )
    assert made.params["cutselection/hybrid/objparalweight"] == pytest.approx(0.05)


def test_types_and_ranges_come_from_the_catalogue(tmp_path: Path) -> None:
    """A switch has both values, a choice all of them, a number its range."""
    space = space_of(tmp_path, "parameters: {on: , n: , way: , open: {low: 0.001, high: 10}}")
    on, n, way, number = space.dimensions
    assert on.choices == (False, True)
    assert (n.low, n.high, n.whole) == (0, 9, True)
    assert way.choices == ("a", "b")
    assert number.log


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("parameters: {open: }", "its range has no end"),
        ("parameters: {m: [1]}", "expected a mapping"),
        ("parameters: {m: }", "unknown parameter 'm'"),
        ("parameters: {n: {values: [1, 10]}}", "outside [0, 9]"),
        ("parameters: {n: {lo: 1}}", "did you mean 'low'"),
        ("parameters: {n: {low: 7, high: 3}}", "is above"),
        ("parameters: {n: {log: true}}", "above 0"),
        ("parameters: {n: {if: {m: 1}}}", "not another parameter"),
        ("parameters: {n: {if: {on: maybe}}, on: }", "takes False, True"),
        ("parameters: {limits/time: {values: [1, 2]}}", "changes what solved means"),
        ("starts: {a: {limits/time: 3}}", "changes what solved means"),
        ("parameters: {n: {values: [3]}}", "no parameter has more than one value"),
        ("{}", "no parameter has more than one value"),
        ("params: {n: }", "unknown key 'params'"),
        ("solver: highs", "the space is for highs"),
        ("parameters: {n: {values: [1, 2], low: 1}}", "low is for a range"),
        ("parameters: {on: {low: 0, high: 1}}", "low is for a range"),
        ("parameters: {way: {log: true}}", "log is for a range"),
        ("parameters: {n: {log: ture}}", "log: expected true or false, not 'ture'"),
        ("{parameters: {n: }, knobs: {k: {open: value}}}", "k is not among the parameters"),
        ("{parameters: {n: }, starts: {default: {n: 1}}}", "cannot be the name of a starting"),
        ("{parameters: {n: }, starts: {c001: {n: 1}}}", "cannot be the name of a starting"),
        ("{parameters: {n: }, starts: {winner: {n: 1}}}", "cannot be the name of a starting"),
        ("{parameters: {n: }, starts: {no n: {n: 1}}}", "cannot be the name of a starting"),
        ("{parameters: {n: }, starts: {n-off: {n: 1}}}", "n-off is an emphasis of fake"),
        ("- 1", "not a space"),
        ("a: [", "space.yaml"),
    ],
)
def test_what_is_wrong_is_one_line_with_the_place(tmp_path: Path, text: str, told: str) -> None:
    """File, line, and what to do."""
    with pytest.raises(UsageError) as caught:
        space_of(tmp_path, text)
    assert told in str(caught.value)
    assert str(tmp_path / "space.yaml") in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{parameters: {k: {low: 0, high: 9}}, knobs: {k: {open: 5 - value}}}", "outside"),
        ("{parameters: {k: {values: [0, 1]}}, knobs: {k: {open: 1 / value}}}", "not a finite"),
        ("{parameters: {k: {low: 0, high: 1}}, knobs: {k: {n: value}}}", "whole number"),
        ("{parameters: {k: {low: 0, high: 1}}, knobs: {k: {m: value}}}", "unknown parameter 'm'"),
        (
            "{parameters: {k: {low: 1, high: 2}, open: {high: 2}}, knobs: {k: {open: value}}}",
            "parameter open is already set",
        ),
    ],
)
def test_a_knob_that_makes_no_setting_is_refused_before_the_race(
    tmp_path: Path, text: str, told: str
) -> None:
    """It would end the race at the first candidate with such a value."""
    space = space_of(tmp_path, text)
    with pytest.raises(UsageError, match=told):
        check_settings(space, CATALOGUE)


@pytest.mark.parametrize("solver", ["scip", "highs"])
def test_what_ships_makes_settings(solver: str) -> None:
    """Also with everything changed at once."""
    catalogue = registry.load(solver).parameters()
    check_settings(default_space(solver, catalogue), catalogue)


def test_alpha_beyond_its_range_is_refused() -> None:
    """It is no parameter of the solver, so that no catalogue has its range."""
    space = Space(solver="scip", dimensions=(Dimension(name="alpha", low=0.0, high=2.0),))
    with pytest.raises(UsageError, match=r"alpha = .*outside \[0, 1\]"):
        check_settings(space, registry.load("scip").parameters())


def test_a_solver_without_a_catalogue_is_one_line() -> None:
    """There is nothing to tune."""
    with pytest.raises(UsageError, match="does not list its parameters"):
        default_space("mute", Catalogue([]))


def test_a_solver_without_a_shipped_space_is_tuned_by_its_catalogue() -> None:
    """What must not be tuned and what has no end is left out."""
    space = default_space("other", CATALOGUE)
    assert [one.name for one in space.dimensions] == ["on", "n", "way"]
