"""Lines from chunks."""

from __future__ import annotations

import pytest

from bench.instances.lint.findings import Notes
from bench.instances.lint.plain_text import LONGEST_TEXT_LINE, Lines
from bench.model.instances.finding import Severity


def test_lines_come_without_their_ends() -> None:
    """The last one may lack its end."""
    assert list(Lines([b"a\nb", b"c\n", b"d"], Notes())) == [b"a", b"bc", b"d"]


@pytest.mark.parametrize("size", [1, 2, 100])
def test_a_byte_order_mark_is_told_and_left_out(size: int) -> None:
    """Also where it comes in pieces."""
    data = b"\xef\xbb\xbfNAME\n"
    lines = Lines([data[at : at + size] for at in range(0, len(data), size)], Notes())
    assert list(lines) == [b"NAME"]
    assert lines.has_mark


def test_a_nul_byte_is_an_error_with_its_line() -> None:
    """Solvers written in C take it for an end."""
    notes = Notes()
    list(Lines([b"a\nb\n", b"c\nd\0\n"], notes))
    (found,) = notes.findings()
    assert (found.severity, found.line) == (Severity.ERROR, 4)


def test_a_control_character_is_a_warning() -> None:
    """SCIP and HiGHS do not agree whether a vertical tab is a blank."""
    notes = Notes()
    list(Lines([b"a\x0bb\n"], notes))
    (found,) = notes.findings()
    assert (found.severity, found.line) == (Severity.WARNING, 1)


@pytest.mark.parametrize(
    ("data", "n_findings"), [("Müller\n".encode(), 0), ("Müller\n".encode("latin-1"), 1)]
)
def test_text_that_is_not_utf8_is_a_warning(data: bytes, n_findings: int) -> None:
    """A character that is cut in two by the pieces is none."""
    notes = Notes()
    list(Lines([data[:2], data[2:]], notes))
    assert len(notes.findings()) == n_findings


def test_reading_ends_at_a_line_that_no_text_file_has() -> None:
    """So a large binary file costs neither time nor memory."""
    notes = Notes()
    endless = (b"x" * (1 << 19) for _ in range(10**9))
    lines = Lines(endless, notes)
    assert list(lines) == []
    assert not lines.is_complete
    assert notes.findings()[0].line == 1
    assert LONGEST_TEXT_LINE < 1 << 21


@pytest.mark.parametrize("size", [1, 7, 1 << 16])
@pytest.mark.parametrize("text", [b"NAME\rROWS\r", b"NAME\rROWS", b"x\r" * LONGEST_TEXT_LINE])
def test_text_whose_lines_end_in_cr_alone_is_an_error(text: bytes, size: int) -> None:
    """Nothing is read of it: solvers take it for one line."""
    size = max(size, len(text) // 64)
    notes = Notes()
    lines = Lines([text[at : at + size] for at in range(0, len(text), size)], notes)
    assert list(lines) == []
    (found,) = notes.findings()
    assert (found.rule, found.severity, found.line) == ("line ends", Severity.ERROR, 1)
    assert not lines.is_complete


def test_a_cr_within_a_line_is_a_warning() -> None:
    """One before the line's end is none."""
    notes = Notes()
    list(Lines([b"a\r\nb\r\r\nc\rd\n"], notes))
    (found,) = notes.findings()
    assert (found.rule, found.severity, found.line) == ("control characters", Severity.WARNING, 3)
