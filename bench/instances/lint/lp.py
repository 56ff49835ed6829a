"""Lint of LP text, in one pass, line by line: its sections, and the content of their lines."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bench.instances.lint.findings import Notes, shown
from bench.instances.lint.lp_columns import BoundLines, Columns
from bench.instances.lint.lp_sections import Header, Section, header_of, note_readings
from bench.instances.lint.plain_text import Lines, fate


def lint_lp(chunks: Iterable[bytes], notes: Notes) -> None:
    """Report problems in LP text, given as bytes in pieces."""
    _Lp(notes).read(Lines(chunks, notes))


_APART = rb"\s+\-*^<>=:\[\]\\"
_START, _END = rb"(?<![^" + _APART + rb"])", rb"(?![^" + _APART + rb"])"
_NOT_A_NUMBER = re.compile(
    _START + rb"(?:nan|[0-9.]*[0-9][/,][0-9][0-9.]*)" + _END + rb"(?!\s*:)", re.IGNORECASE
)
_INFINITE_COEFFICIENT = re.compile(_START + rb"inf(?:inity)?\s+[a-z_]", re.IGNORECASE)
_REFUSED = "readers refuse it or take a part of it for a new column, so write a decimal number"

_LONG_LINE = 1000
_BLANKS = re.compile(rb"\s+")
_VALUE = rb"(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?"
_CONSTANT_IN_ROW = re.compile(
    rb"(?:(?<![\^e])[+\-]|^|:)\s*" + _VALUE + rb"\s*(?=[+\-])(?!->)"
    rb"|(?<![\^e])[+\-]\s*" + _VALUE + rb"\s*(?=[<>=])",
    re.IGNORECASE,
)
_CONSTANT_AT_END = re.compile(rb"[^<>=]*[^\s<>=^e]\s*[+\-]\s*" + _VALUE + rb"\s*", re.IGNORECASE)
_DIGITS = b".0123456789"
_SECOND_SIDE = re.compile(rb"[<>=]\s*[+-]?\s*" + _VALUE + rb"\s*[<>=]", re.IGNORECASE)
_OBJECTIVE_LABEL = re.compile(rb"\s*(?:min|max)(?:imi[sz]e|imum)?\s*:", re.IGNORECASE)
_HEADER_WITHIN = re.compile(
    rb"(?<=\s)(?:end|gen(?:erals?)?|int(?:egers?)?|bin(?:ary|aries)?|semis?|semi-continuous|sos)"
    rb"(?=\s|$)",
    re.IGNORECASE,
)
"""Words with which a section may start within a line of bounds in SCIP."""
_BOUNDS_LABEL = re.compile(rb"\s*bounds?\s*:\s*", re.IGNORECASE)


class _Lp:
    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._section = Section.START
        self._seen: set[Section] = set()
        self._skipped: int | None = None
        self._has_rest = self._ends_in_constant = False
        self._columns = Columns(notes)
        self._bounds = BoundLines(self._columns, notes)

    def read(self, lines: Lines) -> None:
        for number, line in enumerate(lines, 1):
            text = line.partition(b"\\")[0]
            found = None if self._section is Section.END else header_of(text)
            if found is not None and not self._is_column(found[0]):
                self._enter(found[0], number)
                text = found[1]
            if len(text) > _LONG_LINE:  # patterns try all ways to divide a run of blanks
                text = _BLANKS.sub(b" ", text)
            if text and not text.isspace():
                self._check_numbers(number, text)
                self._line(number, text)
        if lines.has_mark:
            message = "starts with a byte order mark; SCIP and HiGHS lose the objective silently"
            self._notes.error("byte order mark", 1, message)
        if lines.is_complete:
            self._end()

    def _is_column(self, header: Header) -> bool:
        return header.stands_alone and header.name.encode().lower() in self._columns.lower_names()

    def _enter(self, header: Header, number: int) -> None:
        section = header.section
        if section is Section.OBJECTIVE and Section.OBJECTIVE in self._seen:
            message = "a second objective; SCIP adds them up, HiGHS refuses the file"
            self._notes.error("repeated objectives", number, message, misread_by="scip")
        if self._section is Section.BOUNDS:
            self._bounds.end_of_section()
        note_readings(header, number, self._notes)
        self._section = section
        self._seen.add(section)

    def _check_numbers(self, number: int, text: bytes) -> None:
        for token in _NOT_A_NUMBER.findall(text):
            is_nan = token.lower() == b"nan"
            message = f"{shown(token)} is not a number; {fate(token) if is_nan else _REFUSED}"
            self._notes.error("not a number", number, message)

    def _line(self, number: int, text: bytes) -> None:
        match self._section:
            case Section.START:
                self._before_sections(number, text)
            case Section.OBJECTIVE:
                self._check_coefficients(number, text)
                self._columns.enter_terms(number, text)
            case Section.ROWS:
                self._check_coefficients(number, text)
                self._check_row(number, text)
                self._columns.enter_terms(number, text)
            case Section.BOUNDS:
                self._bound_line(number, text)
            case Section.GENERALS | Section.BINARIES | Section.SEMIS:
                self._columns.enter_types(number, text, self._section)
            case Section.SETS | Section.UNREAD:
                self._columns.enter_others(text)
            case Section.END:
                self._after_end(number)

    def _before_sections(self, number: int, text: bytes) -> None:
        if _OBJECTIVE_LABEL.match(text):
            message = (
                "a colon after the objective's word; SCIP skips everything before the rows, and "
                "with it the objective, HiGHS refuses the file"
            )
            self._notes.error("objective with a colon", number, message, misread_by="scip")
            self._seen.add(Section.OBJECTIVE)
        elif self._skipped is None and Section.OBJECTIVE not in self._seen:
            self._skipped = number

    def _bound_line(self, number: int, text: bytes) -> None:
        """Read bounds, and the rest if the next section starts within the line."""
        inner = _HEADER_WITHIN.search(text)
        self._bounds.line(number, text[: inner.start()] if inner else text)
        found = inner and header_of(text[inner.start() :])
        if found:
            self._enter(found[0], number)
            if found[1].strip():
                self._line(number, found[1])

    def _check_coefficients(self, number: int, text: bytes) -> None:
        if _INFINITE_COEFFICIENT.search(text):
            message = "an infinite coefficient; SCIP refuses the file"
            self._notes.error("infinite coefficient", number, message)

    def _check_row(self, number: int, text: bytes) -> None:
        if _BOUNDS_LABEL.fullmatch(text):
            message = "a colon after Bounds; SCIP and HiGHS take it for a row's name"
            self._notes.error("bounds with a colon", number, message)
        if _SECOND_SIDE.search(text):
            message = "a second side; SCIP makes an empty row of it, HiGHS refuses the file"
            self._notes.error("rows with a second side", number, message, misread_by="scip")
        elif _CONSTANT_IN_ROW.search(text) or (
            self._ends_in_constant and text.lstrip()[:1] in b"+-<>="
        ):
            message = "a constant among a row's terms; HiGHS ignores it, SCIP refuses the file"
            self._notes.error("constants in rows", number, message, misread_by="highs")
        self._ends_in_constant = (
            text.rstrip()[-1:] in _DIGITS and _CONSTANT_AT_END.fullmatch(text) is not None
        )

    def _after_end(self, number: int) -> None:
        if not self._has_rest:
            self._has_rest = True
            message = "text after End; SCIP ignores it, HiGHS refuses the file"
            self._notes.warning("text after End", number, message)

    def _end(self) -> None:
        if not self._seen:
            message = (
                "empty model: no Minimize, Maximize or Subject To at the start of a line; SCIP and "
                "HiGHS read such a file as an empty problem, solved with objective 0"
            )
            self._notes.error("empty model", None, message)
            return
        if self._section is Section.BOUNDS:
            self._bounds.end_of_section()
        self._columns.end()
        self._check_objective()
        if Section.END not in self._seen:
            message = (
                "no End; SCIP reads the file as if it were complete, so check that it was not cut"
            )
            self._notes.warning("no End", None, message)

    def _check_objective(self) -> None:
        has_objective = bool(self._seen & {Section.OBJECTIVE, Section.UNREAD})
        if self._skipped is not None and not has_objective:
            message = (
                "text before the rows, without Minimize or Maximize; SCIP skips it, and with it "
                "any objective, HiGHS refuses the file"
            )
            self._notes.error("text before sections", self._skipped, message, misread_by="scip")
        elif self._skipped is not None:
            message = "text before the first section; SCIP ignores it, HiGHS refuses the file"
            self._notes.warning("text before sections", self._skipped, message)
        if not has_objective:
            message = "no Minimize or Maximize; the objective is 0"
            self._notes.warning("no objective", None, message)
