"""The sections of an MPS file that define names: rows, objective and columns."""

from __future__ import annotations

from dataclasses import dataclass, field

from bench.instances.lint.findings import Notes, shown
from bench.instances.lint.plain_text import HUGE, Numbers, is_number

FREE = b"N"
LONGEST_NAME = 255

_TAKEN_FOR_SECTIONS = frozenset({b"NAME", b"OBJSENSE", b"QCMATRIX", b"QSECTION", b"CSECTION"})


@dataclass(slots=True)
class Outline:
    """Rows with their types and columns with their integrality, by name."""

    rows: dict[bytes, bytes] = field(default_factory=dict)
    columns: dict[bytes, bool] = field(default_factory=dict)
    objective: bytes | None = None
    """The first row of type N, or the one that OBJNAME names."""
    first_free: bytes | None = None
    is_spaced: bool = False
    """Whether names contain blanks, so that lines cannot be split into fields."""


class Vectors:
    """Checks the vector names of RHS, RANGES or BOUNDS; a file should use only one."""

    def __init__(self, section: str, notes: Notes) -> None:
        """Start before the first line of the section."""
        self._section = section
        self._notes = notes
        self._first: bytes | None = None

    def is_first(self, name: bytes, line: int) -> bool:
        """Return whether the name is that of the first vector; report it if not.

        An empty name is a line without one.
        """
        if self._first is None:
            self._first = name
            check_keyword(name, line, self._notes)
        if name == self._first:
            return True
        message = (
            f"a second {self._section} vector {shown(name)} after {shown(self._first)}; SCIP reads "
            "the first only, HiGHS all"
        )
        self._notes.error(f"lines of a second {self._section} vector", line, message)
        return False


def check_keyword(name: bytes, line: int, notes: Notes) -> None:
    """Report a first word of a data line that HiGHS reads as the start of a section."""
    if name.upper() in _TAKEN_FOR_SECTIONS:
        message = f"the name {shown(name)}; HiGHS takes it for a section and loses what follows"
        notes.error("name like a section", line, message, misread_by="highs")


def check_length(name: bytes, line: int, notes: Notes) -> None:
    """Report a name that SCIP truncates."""
    if len(name) > LONGEST_NAME:
        message = f"name {shown(name)} of {len(name)} characters; SCIP reads at most {LONGEST_NAME}"
        notes.warning("long names", line, message)


_TYPES = frozenset({FREE, b"E", b"L", b"G"})
_END_OF_FIXED_NAME = 12


class Rows:
    """Lints the lines that define rows."""

    def __init__(self, outline: Outline, notes: Notes) -> None:
        """Add the rows to the outline."""
        self._outline = outline
        self._notes = notes

    def line(self, number: int, fields: list[bytes], text: bytes) -> None:
        """Lint one line."""
        if len(fields) == 1:
            message = (
                f"row type {shown(fields[0])} without a name; SCIP crashes, HiGHS loses the row"
            )
            self._notes.error("row without name", number, message)
            return
        kind, name = fields[0], fields[1]
        if kind not in _TYPES:
            message = f"row type {shown(kind)}; expected N, E, L or G"
            self._notes.error("row types", number, message)
        if len(fields) > 2:
            self._check_rest(number, fields, text)
        rows = self._outline.rows
        if name in rows and not self._outline.is_spaced:
            message = f"a second row {shown(name)}; SCIP refuses it, HiGHS keeps both"
            self._notes.error("duplicate rows", number, message)
        check_length(name, number, self._notes)
        rows[name] = kind
        if kind == FREE and self._outline.first_free is None:
            self._outline.first_free = name
            self._check_objective(number)

    def end(self) -> None:
        """Do nothing."""

    def _check_rest(self, number: int, fields: list[bytes], text: bytes) -> None:
        if len(text.rstrip()) <= _END_OF_FIXED_NAME:
            message = (
                f"row name {shown(b' '.join(fields[1:]))} with blanks; SCIP loses such rows or "
                "their sides, so rename it and write the file in free format"
            )
            self._notes.error("names with blanks", number, message)
            self._outline.is_spaced = True
        else:
            message = (
                f"text {shown(b' '.join(fields[2:]))} after a row's name; SCIP ignores it, "
                "HiGHS refuses the file, so put comments on lines of their own"
            )
            self._notes.warning("text after row names", number, message)

    def _check_objective(self, number: int) -> None:
        outline = self._outline
        if outline.objective is None:
            outline.objective = outline.first_free
        elif outline.objective != outline.first_free:
            message = (
                f"OBJNAME is {shown(outline.objective)}, but the first free row is another; "
                "HiGHS ignores OBJNAME, so put that row first"
            )
            self._notes.error("objective row", number, message, misread_by="highs")


class Sense:
    """Lints OBJSENSE, also as ``OBJSENSE MAX`` in one line."""

    def __init__(self, notes: Notes) -> None:
        """Start before the section."""
        self._notes = notes

    def same_line(self, number: int, word: bytes) -> None:
        """Lint the word after OBJSENSE."""
        if word.upper() in {b"MAX", b"MIN"}:
            self._check_case(number, word)
        elif word.upper()[:3] in {b"MAX", b"MIN"}:
            message = f"OBJSENSE {shown(word)}; HiGHS ignores it and minimizes, so write MAX or MIN"
            self._notes.error("objective sense", number, message, misread_by="highs")
        else:
            self._unknown(number, word)

    def line(self, number: int, fields: list[bytes], _text: bytes) -> None:
        """Lint a line of the section."""
        if fields[0].upper()[:3] in {b"MAX", b"MIN"}:
            self._check_case(number, fields[0])
        else:
            self._unknown(number, fields[0])

    def end(self) -> None:
        """Do nothing."""

    def _check_case(self, number: int, word: bytes) -> None:
        if not word.isupper():
            message = f"objective sense {shown(word)}; SCIP refuses it in lower case"
            self._notes.warning("objective sense", number, message)

    def _unknown(self, number: int, word: bytes) -> None:
        message = f"objective sense {shown(word)}; expected MAX or MIN"
        self._notes.error("objective sense", number, message)


class ObjectiveName:
    """Reads the objective's name from OBJNAME."""

    def __init__(self, outline: Outline) -> None:
        """Add the name to the outline."""
        self._outline = outline

    def line(self, _number: int, fields: list[bytes], _text: bytes) -> None:
        """Read the name."""
        self._outline.objective = fields[0]

    def end(self) -> None:
        """Do nothing."""


_MARKER = b"'MARKER'"
_NONE = b""


class Columns:
    """Lints entries and integrality markers."""

    def __init__(self, outline: Outline, numbers: Numbers, notes: Notes) -> None:
        """Add the columns to the outline."""
        self._outline = outline
        self._numbers = numbers
        self._notes = notes
        self._rows = outline.rows
        self._sound: set[bytes] = set()
        self._name = _NONE
        self._entered: set[bytes] = set()
        self._is_integer = False

    def line(self, number: int, fields: list[bytes], _text: bytes = b"") -> None:
        """Lint one line."""
        n_fields = len(fields)
        if n_fields == 5:
            name, row, token, other_row, other_token = fields
        elif n_fields == 3:
            name, row, token = fields
        else:
            self._irregular(number, fields)
            return
        if row == _MARKER:
            self._mark(number, token)
            return
        if name != self._name:
            self._start(number, name)
        entered, rows, sound = self._entered, self._rows, self._sound
        if row in entered or row not in rows or token not in sound:
            self._enter(number, row, token)
        else:
            entered.add(row)
        if n_fields == 5:
            if other_row in entered or other_row not in rows or other_token not in sound:
                self._enter(number, other_row, other_token)
            else:
                entered.add(other_row)

    def end(self) -> None:
        """Do nothing."""

    def _start(self, number: int, name: bytes) -> None:
        columns = self._outline.columns
        if name in columns:
            message = f"column {shown(name)} again, not in one piece; SCIP refuses it"
            self._notes.error("columns not in one piece", number, message)
        check_keyword(name, number, self._notes)
        check_length(name, number, self._notes)
        columns[name] = self._is_integer
        self._name = name
        self._entered = set()

    def _enter(self, number: int, row: bytes, token: bytes) -> None:
        if row in self._entered:
            self._duplicate(number, row)
        elif row in self._rows:
            self._entered.add(row)
        else:
            message = f"row {shown(row)} is not defined in ROWS; readers drop the entry silently"
            self._notes.error("undefined rows in COLUMNS", number, message)
        if -HUGE < self._numbers.coefficient(token, number) < HUGE and token in self._numbers.known:
            self._sound.add(token)

    def _duplicate(self, number: int, row: bytes) -> None:
        is_objective = row == self._outline.objective
        scip = "takes the last" if is_objective else "adds them up"
        message = (
            f"column {shown(self._name)} has a second entry in row {shown(row)}; "
            f"SCIP {scip}, HiGHS keeps the first"
        )
        self._notes.error("duplicate entries", number, message)

    def _mark(self, number: int, word: bytes) -> None:
        if word not in (b"'INTORG'", b"'INTEND'"):
            message = f"marker {shown(word)}; SCIP ignores it, HiGHS refuses the file"
            self._notes.warning("odd markers", number, message)
            return
        is_start = word == b"'INTORG'"
        if is_start == self._is_integer:
            message = f"marker {shown(word)} twice in a row; HiGHS refuses the file"
            self._notes.warning("odd markers", number, message)
        self._is_integer = is_start

    def _irregular(self, number: int, fields: list[bytes]) -> None:
        if _MARKER in fields:
            message = "a marker line with an extra word; HiGHS reads it as a column"
            self._notes.error("odd markers", number, message)
            if fields[-1] in (b"'INTORG'", b"'INTEND'"):
                self._is_integer = fields[-1] == b"'INTORG'"
            return
        has_entry = len(fields) > 3 and fields[1] in self._rows
        if not has_entry or fields[-1] in self._rows or is_number(fields[-1]):
            message = (
                f"{len(fields)} fields; a line has a column and one or two pairs of row and "
                "number, and names have no blanks"
            )
            self._notes.error("fields in COLUMNS", number, message)
        else:
            message = f"text {shown(fields[-1])} after entries; SCIP ignores it, HiGHS may not"
            self._notes.warning("text after entries", number, message)
        if has_entry:
            self.line(number, fields[: 3 if len(fields) == 4 else 5])
