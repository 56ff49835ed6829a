"""Two readings of a file have the same identity only where nothing can differ between them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bench.execution import compare_readers, read_ahead
from bench.instances.lint.identical import identity
from bench.model.instances.program_arrays import ProgramArrays
from bench.solvers import registry

LP = """Minimize
 obj: 3 x + 2 y - z + 5
Subject To
 first: x + y <= 4
 second: 2 x - y + 3 z >= -2
 third: y + z <= 6
Bounds
 x <= 3
 -2 <= y <= 5
General
 x
End
"""


@pytest.fixture
def read(tmp_path: Path) -> Callable[[str, str], ProgramArrays]:
    """Return a function that lets a solver read a text."""

    def reading(solver: str, text: str) -> ProgramArrays:
        path = tmp_path / "problem.lp"
        path.write_text(text)
        found = registry.load(solver).read_arrays(path)  # type: ignore[attr-defined]
        assert isinstance(found, ProgramArrays)
        return found

    return reading


def test_both_readers_of_a_file_have_one_identity(
    read: Callable[[str, str], ProgramArrays],
) -> None:
    """They keep rows and entries in other orders of their own."""
    assert identity(read("scip", LP)) == identity(read("highs", LP)) is not None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("3 x", "3.0000000000000004 x"),
        ("- z", "+ z"),
        ("Minimize", "Maximize"),
        ("+ 5", "+ 6"),
        ("first", "fist"),
        ("x + y <= 4", "x + y <= 5"),
        ("2 x - y", "2 x - 2 y"),
        ("x <= 3", "x <= 2"),
        ("-2 <= y", "-3 <= y"),
        (" x\nEnd", " z\nEnd"),
        ("second: 2 x - y + 3 z", "second: 2 x + 3 z"),
    ],
)
def test_every_difference_is_another_identity(
    read: Callable[[str, str], ProgramArrays], before: str, after: str
) -> None:
    """Of numbers to their last digit."""
    assert before in LP
    assert identity(read("highs", LP)) != identity(read("highs", LP.replace(before, after)))


@pytest.mark.parametrize("solver", ["scip", "highs"])
def test_what_does_not_fit_into_arrays_has_no_identity(solver: str, tmp_path: Path) -> None:
    """It is read again, and compared in all detail."""
    path = tmp_path / "quadratic.lp"
    path.write_text("Minimize\n obj: x + [ x^2 ] / 2\nSubject To\n c: x >= 1\nEnd\n")
    assert registry.load(solver).read_arrays(path) is None  # type: ignore[attr-defined]


@pytest.mark.parametrize("smallest_mib", [0.0, 1.0])
def test_identities_are_the_same_in_processes_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, smallest_mib: float
) -> None:
    """A large file is read by all readers at a time."""
    monkeypatch.setattr(read_ahead, "SMALLEST_MIB", smallest_mib)
    path = tmp_path / "problem.lp"
    path.write_text(LP)
    with read_ahead.reading_ahead(path, ("scip", "highs", "fake")) as identities:
        one, other, none = identities()
    assert one == other is not None
    assert none is None
    assert compare_readers.examine(path) == []


def test_a_reader_that_crashes_has_no_identity(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is one waited for that nobody asks."""
    monkeypatch.setattr(read_ahead, "SMALLEST_MIB", 0.0)
    monkeypatch.setattr(read_ahead, "_identity", lambda _solver, _path: memoryview(b"")[1:][99])
    path = tmp_path / "problem.lp"
    path.write_text(LP)
    with read_ahead.reading_ahead(path, ("scip", "highs")) as identities:
        assert identities() == [None, None]
    with read_ahead.reading_ahead(path, ("scip", "highs")):
        pass
