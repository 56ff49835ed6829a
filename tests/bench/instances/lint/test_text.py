"""Lint of LP and CIP text."""

from __future__ import annotations

import pytest

from bench.instances.lint.findings import Notes
from bench.instances.lint.text import lint_cip, lint_lp
from bench.model.finding import LintFinding, Severity

LP = "\\ a comment\nMinimize\n obj: x + y\nSubject To\n c1: x + y >= 1\nBounds\n -inf <= x\nEnd\n"
CIP = """\
STATISTICS
  Problem name     : t
OBJECTIVE
  Sense            : minimize
VARIABLES
  [continuous] <x>: obj=1, original bounds=[0,+inf]
CONSTRAINTS
  [linear] <c1/2>: +2.5<x>[C] >= 1;
END
"""


def lp(old: str = "", new: str = "") -> list[LintFinding]:
    """Lint the small LP file after a replacement."""
    assert old in LP
    notes = Notes()
    lint_lp([LP.replace(old, new, 1).encode()], notes)
    return notes.findings()


def cip(old: str = "", new: str = "") -> list[LintFinding]:
    """Lint the small CIP file after a replacement."""
    assert old in CIP
    notes = Notes()
    lint_cip([CIP.replace(old, new, 1).encode()], notes)
    return notes.findings()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", ""),
        ("Minimize", "MAXIMISE"),
        ("Subject To", "st"),
        ("x + y >= 1", "2 x/2 + nano + y1,5 >= 1"),
        ("obj: x + y", "obj: x + [ x ^2 ] / 2"),
        (" c1: x + y >= 1\n", " c1: x + y\n  >= 1e-3\n"),
        (" c1:", " nan:"),
        (" c1:", " end:"),
        ("+ y >= 1", "+ y >= -inf"),
        ("\\ a comment", "\\ nan 1/2 \\"),
        ("Minimize", "Minimize\r"),
    ],
)
def test_a_correct_lp_file_gives_no_finding(old: str, new: str) -> None:
    """Names may hold slashes and commas, and bounds may be infinite."""
    assert lp(old, new) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        ("c1: x", "c1: 3/2 x", 5, "'3/2' is not a number"),
        (">= 1", ">= 1,5", 5, "'1,5' is not a number"),
        ("c1: x", "c1: nan x", 5, "'nan' is not a number"),
        (">= 1", ">= NaN", 5, "'NaN' is not a number"),
        ("obj: x", "obj: inf x", 3, "an infinite coefficient"),
        ("\\ a comment", "\ufeff", 1, "lose the objective silently"),
        ("c1: x", "c1: x\0", 5, "a NUL byte"),
    ],
)
def test_lp_text_that_readers_read_wrongly_is_an_error(
    old: str, new: str, line: int, what: str
) -> None:
    """It has the line and the text."""
    (found,) = lp(old, new)
    assert (found.severity, found.line) == (Severity.ERROR, line)
    assert what in found.message


def test_lp_text_that_may_have_been_cut_is_a_warning() -> None:
    """SCIP reads such a file as if it were complete."""
    (found,) = lp("End\n", "")
    assert found.severity is Severity.WARNING


def test_lp_text_without_objective_is_a_warning() -> None:
    """The objective is 0 then."""
    (found,) = lp("Minimize\n obj: x + y\n", "")
    assert found.severity is Severity.WARNING


@pytest.mark.parametrize("text", [b"blah blah not a good file\n", b"\\ only a comment\n", b"\n"])
def test_text_without_an_lp_section_is_an_empty_model(text: bytes) -> None:
    """SCIP and HiGHS read it as a problem without columns, and solve it."""
    notes = Notes()
    lint_lp([text], notes)
    (found,) = notes.findings()
    assert found.severity is Severity.ERROR
    assert found.message.startswith("empty model")


@pytest.mark.parametrize(
    ("old", "new"),
    [("", ""), ("[linear] <c1/2>: +2.5", "[nonlinear] <c>: 1/2*"), (" <x>: obj", " <1/2>: obj")],
)
def test_a_correct_cip_file_gives_no_finding(old: str, new: str) -> None:
    """A quotient is fine in a nonlinear expression and in a name."""
    assert cip(old, new) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        ("obj=1,", "obj=1033/50,", 6, "'1033/50' is not a number; SCIP refuses it"),
        ("+2.5<x>", "+5/2<x>", 8, "'5/2' is not a number"),
        ("obj=1,", "obj=nan,", 6, "'nan' is not a number"),
        ("END\n", "", None, "no END; the file was cut"),
        ("VARIABLES\n", "", None, "no section VARIABLES"),
        ("  [continuous] <x>: obj=1, original bounds=[0,+inf]\n", "", None, "empty model"),
    ],
)
def test_cip_text_that_scip_reads_wrongly_is_an_error(
    old: str, new: str, line: int | None, what: str
) -> None:
    """It has the line and the text."""
    (found,) = cip(old, new)
    assert (found.severity, found.line) == (Severity.ERROR, line)
    assert what in found.message
