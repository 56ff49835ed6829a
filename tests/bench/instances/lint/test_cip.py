"""Lint of CIP text."""

from __future__ import annotations

import pytest

from bench.instances.lint.cip import lint_cip
from bench.instances.lint.findings import Notes
from bench.model.instances.finding import LintFinding, Severity

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


def cip(old: str = "", new: str = "") -> list[LintFinding]:
    """Lint the small CIP file after a replacement."""
    assert old in CIP
    notes = Notes()
    lint_cip([CIP.replace(old, new, 1).encode()], notes)
    return notes.findings()


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
