"""HiGHS's options as a catalogue."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest
from highspy import HighsStatus

from bench.errors import UsageError
from bench.model.parameters import Catalogue, ParameterKind
from bench.solvers.highs.catalogue import list_options, read_catalogue
from bench.solvers.highs.reading import new


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """All options of the installed HiGHS."""
    return read_catalogue()


def test_every_option_that_highs_lists_is_there_in_its_order(catalogue: Catalogue) -> None:
    """What it does not list comes after, marked as advanced."""
    listed = re.findall(r"^(\w+) ?=", list_options(), re.MULTILINE)
    assert list(catalogue)[: len(listed)] == listed
    assert len(listed) > 80
    assert all(catalogue[name].advanced for name in list(catalogue)[len(listed) :])


def test_to_ask_for_it_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    """Whatever HiGHS likes to tell: a command's output may be JSON that another program reads."""
    read_catalogue()
    assert capfd.readouterr() == ("", "")


def test_every_option_has_a_description_and_highs_own_default(catalogue: Catalogue) -> None:
    """In value and in type."""
    highs = new()
    for name, known in catalogue.items():
        assert known.description
        assert "[type:" not in known.description
        assert (HighsStatus.kOk, known.default) == highs.getOptionValue(name)


def test_every_finite_default_is_allowed(catalogue: Catalogue) -> None:
    """A range never excludes the default; "no limit" is said by not setting it."""
    for name, known in catalogue.items():
        if not (isinstance(known.default, float) and math.isinf(known.default)):
            assert catalogue.check(name, known.default) == known.default


def test_choices_and_ranges_are_read(catalogue: Catalogue) -> None:
    """Texts have the choices that HiGHS accepts, numbers their bounds."""
    assert catalogue["presolve"].choices == ("off", "choose", "on")
    assert "simplex" in catalogue["solver"].choices
    assert catalogue["log_file"].choices == ()
    assert (catalogue["mip_rel_gap"].low, catalogue["mip_rel_gap"].high) == (0, None)
    assert catalogue["mip_max_nodes"].kind is ParameterKind.INT
    assert catalogue["mip_max_nodes"].high == 2**31 - 1
    assert catalogue["mip_heuristic_effort"].high == 1


def test_reading_the_catalogue_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HiGHS makes its log file as soon as it has the name."""
    monkeypatch.chdir(tmp_path)
    read_catalogue()
    assert list(tmp_path.iterdir()) == []


def test_highs_itself_refuses_what_the_catalogue_refuses(catalogue: Catalogue) -> None:
    """One beyond either bound, and a text that is no choice."""
    highs = new(log_to_console=False)
    for name, known in catalogue.items():
        beyond = [known.low - 1] if known.low is not None else []
        if known.choices:
            with pytest.raises(UsageError):
                catalogue.check(name, "nonsense")
            assert highs.setOptionValue(name, "nonsense") == HighsStatus.kError
        for value in beyond:
            with pytest.raises(UsageError):
                catalogue.check(name, value)
            if abs(value) < 2**31:
                assert highs.setOptionValue(name, value) == HighsStatus.kError
