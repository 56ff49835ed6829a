"""The lint in a process of its own."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from bench.execution import compare_readers
from bench.execution import linter as linting
from bench.execution.linter import Linter
from bench.instances import files
from bench.instances.lint.file import lint
from bench.model.instances.finding import LintFinding, Severity, has_errors
from bench.solvers import registry


def crash(*_: object) -> None:
    """Stand for a reader that takes its process with it."""
    os.abort()


@pytest.fixture(scope="module")
def linter() -> Iterator[Linter]:
    """Yield a linter whose process serves all tests."""
    with Linter() as one:
        yield one


def test_readers_that_agree_have_no_findings(linter: Linter, knapsack: Path) -> None:
    """And what they print does not arrive here."""
    assert linter.lint(knapsack) == []


def test_a_reader_that_refuses_the_file_is_a_warning(linter: Linter, tmp_path: Path) -> None:
    """It names the reader, and no path: findings are kept by content."""
    path = tmp_path / "odd.lp"
    path.write_text("Minimize\n obj: 2 * x\nSubject To\n c: x >= 2\nEnd\n")
    found = linter.lint(path)
    assert found
    assert not has_errors(found)
    assert all("SCIP" in one.message and "odd" not in one.message for one in found)


def test_a_file_that_both_readers_refuse_is_an_error(linter: Linter, tmp_path: Path) -> None:
    """With the reasons of both, and no path."""
    path = tmp_path / "odd.lp"
    path.write_text("Minimize\n obj: x @ 2\nSubject To\n c: x >= 2\nEnd\n")
    (found,) = [one for one in linter.lint(path) if one.severity is Severity.ERROR]
    assert "SCIP refuses the file: " in found.message
    assert "HiGHS refuses the file: " in found.message
    assert "odd" not in found.message


def test_a_text_with_errors_is_read_by_nobody(
    tmp_path: Path, knapsack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such a file may crash a reader."""
    monkeypatch.setattr(registry, "load", crash)
    path = tmp_path / "bad.mps"
    path.write_text(knapsack.read_text().replace("a 1\n", "a 9/10\n"))
    assert [one.severity for one in compare_readers.examine(path)] == [Severity.ERROR]


def test_a_file_that_one_reader_misreads_is_not_compared(tmp_path: Path) -> None:
    """Who reads it right is told that nobody confirms it."""
    path = tmp_path / "max.lp"
    path.write_text("Maximise\n obj: x\nSubject To\n c: x <= 2\nEnd\n")
    error, warning = compare_readers.examine(path)
    assert (error.severity, error.misread_by) == (Severity.ERROR, "scip")
    assert warning.message.startswith("not compared: SCIP misreads the file")


def test_a_large_file_is_not_compared_and_that_is_said(knapsack: Path) -> None:
    """The lint of the text has no such cap."""
    (found,) = compare_readers.examine(knapsack, largest_mib=1e-6)
    assert found.severity is Severity.WARNING
    assert "not compared" in found.message


def test_a_file_that_takes_too_long_is_not_waited_for(
    knapsack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the text tells is there all the same, and the next file has its own process."""
    sleepy = partial(_after, 4.0)
    with Linter(longest_s=1.5) as impatient:
        monkeypatch.setattr(linting, "examine", sleepy)
        (found,) = impatient.lint(knapsack)
        assert "not compared" in found.message
        assert "after 1.5 s" in found.message


def test_a_text_that_takes_too_long_is_not_linted(knapsack: Path) -> None:
    """No process goes on with it, least of all this one."""
    with Linter(longest_s=0.0) as impatient:
        (found,) = impatient.lint(knapsack)
    assert found.rule == "not linted"
    assert "after 0 s" in found.message


def _after(seconds: float, path: Path) -> list[LintFinding]:
    time.sleep(seconds)
    return lint(path)


def test_a_reader_that_crashes_costs_one_comparison(
    knapsack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next file is read by a new process."""
    with Linter() as linter:
        with monkeypatch.context() as patch:
            patch.setattr(linting, "_serve", crash)
            (found,) = linter.lint(knapsack)
        assert "(signal 6)" in found.message
        assert linter.lint(knapsack) == []


def test_no_reading_of_a_good_file_is_an_error(linter: Linter, shared: Path) -> None:
    """No false alarm on files of public test sets."""
    found = files.find([str(shared / "instances" / "visible")])
    assert len(found) == 36
    assert [one.name for one in found if has_errors(linter.lint(one.path))] == []


def test_what_crashes_a_reader_is_found_in_the_text(tmp_path: Path) -> None:
    """A row type without a name makes SCIP crash, and is never given to it."""
    path = tmp_path / "crash.mps"
    path.write_text("NAME\nROWS\n N obj\n N\nCOLUMNS\n x obj 1\nRHS\nENDATA\n")
    assert has_errors(lint(path))
