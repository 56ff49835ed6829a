"""Lint of MPS text, free or fixed format, in one pass: its sections and their order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Protocol

from bench.instances.lint.findings import Notes, shown
from bench.instances.lint.mps_rows_and_columns import Columns, ObjectiveName, Outline, Rows, Sense
from bench.instances.lint.mps_sides_and_bounds import BoundLines, Quadratic, Sides, Unread
from bench.instances.lint.plain_text import Lines, Numbers

ORDER = {
    b"NAME": 0,
    b"OBJSENSE": 1,
    b"OBJNAME": 1,
    b"ROWS": 2,
    b"USERCUTS": 2,
    b"LAZYCONS": 2,
    b"DELAYEDROWS": 2,
    b"MODELCUTS": 2,
    b"COLUMNS": 3,
    b"RHS": 4,
    b"RANGES": 5,
    b"BOUNDS": 6,
    b"SOS": 7,
    b"SETS": 7,
    b"QUADOBJ": 7,
    b"QMATRIX": 7,
    b"QSECTION": 7,
    b"QCMATRIX": 7,
    b"CSECTION": 7,
    b"INDICATORS": 7,
    b"GENCONS": 7,
    b"PWLOBJ": 7,
    b"PWLNAM": 7,
    b"PWLCON": 7,
    b"ENDATA": 8,
}
REPEATABLE = frozenset({b"QSECTION", b"QCMATRIX", b"CSECTION"})

_SPOILT_BY = {
    b"ROWS": frozenset({b"COLUMNS", b"RHS", b"RANGES"}),
    b"COLUMNS": frozenset({b"BOUNDS"}),
    b"RHS": frozenset({b"RANGES"}),
}
_SCIP_REFUSES = "SCIP refuses the file"
_HIGHS_REFUSES = "HiGHS refuses the file"
_NEITHER = "neither SCIP nor HiGHS reads the file"
_UNREAD = {
    b"USERCUTS": _HIGHS_REFUSES,
    b"DELAYEDROWS": _NEITHER,
    b"MODELCUTS": _NEITHER,
    b"QSECTION": _SCIP_REFUSES,
    b"SETS": _SCIP_REFUSES,
    b"CSECTION": _NEITHER,
    b"GENCONS": _NEITHER,
    b"PWLOBJ": _NEITHER,
    b"PWLNAM": _NEITHER,
    b"PWLCON": _NEITHER,
}


class Sections:
    """Watches the sections of one file."""

    def __init__(self, notes: Notes) -> None:
        """Start before the first section."""
        self.seen: set[bytes] = set()
        self._last = b""
        self._notes = notes

    def enter(self, word: bytes, line: int) -> bytes | None:
        """Return the section that the word starts, or None with an error if it is unknown."""
        name = word.upper()
        if name.startswith(b"OBJSEN") and name != b"OBJSENSE":
            message = f"section {shown(word)}; HiGHS ignores it and minimizes, so write OBJSENSE"
            self._notes.error("objective sense", line, message, misread_by="highs")
            name = b"OBJSENSE"
        if name not in ORDER:
            message = (
                f"{shown(word)} in the first column starts no known section; "
                "lines of data start with a blank"
            )
            self._notes.error("unknown sections", line, message)
            return None
        if not word.isupper():
            message = f"section {shown(word)}; SCIP refuses names of sections in lower case"
            self._notes.warning("sections in lower case", line, message)
        if name in _UNREAD and name not in self.seen:
            message = f"section {name.decode()}; {_UNREAD[name]}"
            self._notes.warning("sections that are not read", line, message)
        if name == b"LAZYCONS":
            message = "section LAZYCONS; HiGHS takes the word for one more row"
            self._notes.error("sections that are misread", line, message, misread_by="highs")
        self._check_order(name, line)
        self.seen.add(name)
        self._last = name
        return name

    def end(self) -> None:
        """Report missing parts at the end of the file."""
        if not self.seen:
            self._notes.error("no MPS", None, "no section at all; this is not an MPS file")
            return
        if b"ENDATA" not in self.seen:
            message = "no ENDATA; the file was cut, so fetch or write it again"
            self._notes.error("no ENDATA", None, message)
            return
        for name in (b"NAME", b"RHS"):
            if name not in self.seen:
                message = f"no section {name.decode()}; SCIP refuses the file, so add an empty one"
                self._notes.warning("missing sections", None, message)

    def _check_order(self, name: bytes, line: int) -> None:
        if name in self.seen and name not in REPEATABLE:
            message = f"a second section {name.decode()}; readers refuse or lose one, so join them"
            self._notes.error("repeated sections", line, message)
        elif spoilt := sorted(_SPOILT_BY.get(name, frozenset()) & self.seen):
            before = spoilt[0].decode()
            message = f"{name.decode()} after {before}; it changes the meaning of {before}"
            self._notes.error("order of sections", line, message)
        elif self._last and ORDER[name] < ORDER[self._last]:
            message = f"{name.decode()} after {self._last.decode()}; SCIP refuses this order"
            self._notes.warning("order of sections", line, message)


_LONGEST_LINE = 1023
_BLANK = (b" ", b"\t")
_SENSE_IN_COMMENT = re.compile(
    rb"\*+\s*(?:obj(?:ective)?[\s_-]*)?sense\b\s*[:=]?\s*max", re.IGNORECASE
)


class Section(Protocol):
    """Lints the lines of a section."""

    def line(self, number: int, fields: list[bytes], text: bytes) -> None:
        """Lint one data line, given as fields without comments, and as text."""
        ...

    def end(self) -> None:
        """Report problems that depend on the whole file."""
        ...


def lint_mps(chunks: Iterable[bytes], notes: Notes) -> None:
    """Report problems in a file, given as its uncompressed bytes in pieces."""
    _Mps(notes).read(Lines(chunks, notes))


class _Mps:
    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._outline = outline = Outline()
        self._sections = Sections(notes)
        numbers = Numbers(notes)
        self._sense = Sense(notes)
        self._bounds = BoundLines(outline, numbers, notes)
        self._unread = Unread()
        quadratic = Quadratic(outline, numbers, notes)
        rows = Rows(outline, notes)
        self._readers: dict[bytes, Section] = {
            b"OBJSENSE": self._sense,
            b"OBJNAME": ObjectiveName(outline),
            b"ROWS": rows,
            b"USERCUTS": rows,
            b"LAZYCONS": rows,
            b"DELAYEDROWS": rows,
            b"MODELCUTS": rows,
            b"COLUMNS": Columns(outline, numbers, notes),
            b"RHS": Sides("RHS", outline, numbers, notes),
            b"RANGES": Sides("RANGES", outline, numbers, notes),
            b"BOUNDS": self._bounds,
            b"QUADOBJ": quadratic,
            b"QMATRIX": quadratic,
            b"QSECTION": quadratic,
            b"QCMATRIX": quadratic,
        }
        self._reader: Section | None = None
        self._is_over = self._has_rest = False
        self._maximizing_comment: int | None = None

    def read(self, lines: Lines) -> None:
        numbered = enumerate(lines, 1)
        self._to_end(numbered)
        for number, text in numbered:
            self._after_end(number, text)
        if lines.has_mark:
            message = "starts with a byte order mark; SCIP refuses the file, so save it without"
            self._notes.warning("byte order mark", 1, message)
        if lines.is_complete:
            self._end()

    def _to_end(self, numbered: Iterator[tuple[int, bytes]]) -> None:
        """Lint the lines until ENDATA; a line of data is a microsecond, of which calls are most."""
        for number, text in numbered:
            if len(text) > _LONGEST_LINE:
                self._too_long(number, text)
            if text[:1] in _BLANK:
                fields = text.split()
                if b"$" in text:
                    fields = without_comment(fields)
                if not fields:
                    continue
                if self._reader is not None:
                    self._reader.line(number, fields, text)
                else:
                    self._before_sections(number, text)
            elif text[:1] == b"*":
                self._comment(number, text)
            else:
                self._head(number, text.split(), text)
                if self._is_over:
                    return

    def _before_sections(self, number: int, text: bytes) -> None:
        message = f"{shown(text.strip())} before any section; SCIP refuses the file"
        self._notes.error("text before sections", number, message)

    def _head(self, number: int, fields: list[bytes], text: bytes) -> None:
        if not fields:
            return
        name = self._sections.enter(fields[0], number)
        if name is None:
            if self._reader is not None and len(fields) > 1:
                self._reader.line(number, fields, text)
            else:
                self._reader = self._unread
            return
        if name == b"OBJSENSE" and len(fields) > 1:
            self._sense.same_line(number, fields[1])
        self._is_over = name == b"ENDATA"
        self._reader = None if name == b"NAME" else self._of(name)

    def _comment(self, number: int, text: bytes) -> None:
        if self._maximizing_comment is None and _SENSE_IN_COMMENT.match(text):
            self._maximizing_comment = number

    def _after_end(self, number: int, text: bytes) -> None:
        if not self._has_rest and text.strip() and text[:1] != b"*":
            self._has_rest = True
            self._notes.warning("text after ENDATA", number, "text after ENDATA; it is ignored")

    def _of(self, name: bytes) -> Section:
        is_split_wrong = self._outline.is_spaced and name != b"OBJSENSE"
        return self._unread if is_split_wrong else self._readers.get(name, self._unread)

    def _end(self) -> None:
        for reader in dict.fromkeys(self._readers.values()):
            reader.end()
        self._sections.end()
        seen = self._sections.seen
        if self._maximizing_comment is not None and b"OBJSENSE" not in seen:
            message = (
                "the sense is in a comment alone; every reader minimizes, so write OBJSENSE MAX "
                "if maximizing is meant"
            )
            self._notes.warning("sense in a comment", self._maximizing_comment, message)
        if not seen or self._outline.is_spaced or b"ENDATA" not in seen:
            return
        if not self._outline.columns:
            message = "empty model: no column; solvers call it solved, with objective 0"
            self._notes.error("empty model", None, message)
        elif self._outline.first_free is None:
            message = "no row of type N; the objective is 0"
            self._notes.warning("no objective", None, message)
        if n_unbounded := self._bounds.n_unbounded():
            message = (
                f"integer columns without bounds: {n_unbounded}; SCIP and HiGHS take them for "
                "binary, other readers for 0 to infinity"
            )
            self._notes.warning("integer columns without bounds", None, message)

    def _too_long(self, number: int, text: bytes) -> None:
        message = f"a line of {len(text)} characters; SCIP reads it in pieces of {_LONGEST_LINE}"
        self._notes.warning("long lines", number, message)


def without_comment(fields: list[bytes]) -> list[bytes]:
    """Return the fields before a field that starts with ``$``, which may not be the first."""
    for at, field in enumerate(fields):
        if at and field.startswith(b"$"):
            return fields[:at]
    return fields
