"""SCIP's parameter catalogue."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyscipopt import Model

from bench.model.parameters import Catalogue, ParameterKind
from bench.solvers.scip.catalogue import Listed, list_parameters, parse, read_catalogue


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """All parameters of the installed SCIP."""
    return read_catalogue()


def test_every_parameter_of_scip_is_there_in_its_order(catalogue: Catalogue) -> None:
    """No name is missing, none is added, none has moved."""
    assert list(catalogue) == list(Model().getParams())


def test_every_default_is_the_value_of_a_fresh_model(catalogue: Catalogue) -> None:
    """Defaults are equal in value and in type, whatever SCIP's text rounds."""
    expected = {name: (type(value), value) for name, value in Model().getParams().items()}
    assert {
        name: (type(known.default), known.default) for name, known in catalogue.items()
    } == expected


def test_no_line_of_scips_own_list_is_left_unparsed() -> None:
    """What SCIP prints about its parameters is understood completely."""
    assert parse(list_parameters()).unparsed == ()


def test_every_default_is_allowed(catalogue: Catalogue) -> None:
    """A range never excludes the default."""
    assert all(
        catalogue.check(name, known.default) == known.default for name, known in catalogue.items()
    )


def test_every_parameter_has_a_description(catalogue: Catalogue) -> None:
    """No description is empty, and none contains the line of facts."""
    assert all(known.description for known in catalogue.values())
    assert not any("[type:" in known.description for known in catalogue.values())


def test_choices_and_ranges_are_read(catalogue: Catalogue) -> None:
    """A char has its choices, a number its bounds, the largest double means unbounded."""
    assert catalogue["branching/scorefunc"].choices == ("s", "p", "q")
    assert (catalogue["limits/gap"].low, catalogue["limits/gap"].high) == (0, None)
    assert catalogue["limits/nodes"].kind is ParameterKind.INT
    assert catalogue["limits/nodes"].high == 2**63 - 1
    assert catalogue["nlp/solver"].choices == ()


def test_scip_itself_refuses_what_lies_beyond_a_bound(catalogue: Catalogue) -> None:
    """The upper bound of an integer is accepted by SCIP, one more is not."""
    known = catalogue["separating/maxrounds"]
    model = Model()
    model.setParam(known.name, known.high)
    assert known.high is not None
    with pytest.raises((ValueError, OverflowError)):
        model.setParam(known.name, known.high + 1)


def test_comment_lines_of_one_description_are_joined() -> None:
    """A description over several lines becomes one line, without the version header."""
    listing = parse(
        "# SCIP version 10.0.2\n\n# first\n# second\n"
        "# [type: int, advanced: TRUE, range: [0,5], default: 1]\na/b = 1\n"
    )
    assert listing.unparsed == ()
    assert listing.catalogue["a/b"].description == "first second"
    assert listing.catalogue["a/b"].advanced


def test_a_type_that_is_not_known_is_reported_as_unparsed() -> None:
    """A parameter of a future type is left out and its lines are given back."""
    text = "# new\n# [type: complex, advanced: FALSE, default: 1i]\na = 1i\n"
    listing = parse(text)
    assert dict(listing.catalogue) == {}
    assert "\n".join([*listing.unparsed, ""]).replace("new", "# new", 1) == text


@pytest.mark.slow
def test_one_parameter_is_read_as_it_is_among_all() -> None:
    """Whether it stands first, last or in between."""
    text = list_parameters()
    listed = Listed(lambda: text)
    assert {name: listed[name] for name in parse(text).catalogue} == dict(parse(text).catalogue)


@pytest.mark.parametrize("name", ["", "#", "separating", "maxrounds", "a\nb", "# [type: int"])
def test_what_is_no_name_is_not_found(name: str) -> None:
    """Nor is a part of a name, or of a comment."""
    listed = Listed(list_parameters)
    assert name not in listed
    assert name not in dict(listed)


def test_nothing_is_listed_before_it_is_asked_for() -> None:
    """Stock SCIP needs no parameter checked; what is asked for is listed once."""
    n_listings = 0

    def write() -> str:
        nonlocal n_listings
        n_listings += 1
        return list_parameters()

    catalogue = Catalogue(Listed(write))
    assert n_listings == 0
    catalogue.check("separating/maxrounds", 0)
    assert "separating/maxrounds" in catalogue
    assert len(catalogue) > 2000
    assert n_listings == 1


@given(st.text())
def test_no_text_makes_the_parser_fail(text: str) -> None:
    """Any text gives a listing, whatever is in it."""
    parse(text)


@given(st.lists(st.sampled_from(list_parameters().splitlines()), max_size=30))
def test_no_mixture_of_real_lines_makes_the_parser_fail(lines: list[str]) -> None:
    """Lines of SCIP's list in any order give a listing."""
    parse("\n".join(lines))
