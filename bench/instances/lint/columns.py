"""The COLUMNS section of an MPS file."""

from __future__ import annotations

from bench.instances.lint.notes import Notes, shown
from bench.instances.lint.numbers import HUGE, Numbers, is_number
from bench.instances.lint.outline import Outline, check_keyword, check_length

_MARKER = b"'MARKER'"
_NONE = b""


class Columns:
    """Lints entries and integrality markers."""

    def __init__(self, outline: Outline, numbers: Numbers, notes: Notes) -> None:
        """Put the columns into the outline."""
        self._outline = outline
        self._numbers = numbers
        self._notes = notes
        self._rows = outline.rows
        self._known = numbers.known
        self._name = _NONE
        self._entered: set[bytes] = set()
        self._is_integer = False

    def line(self, number: int, fields: list[bytes], _text: bytes = b"") -> None:
        """Lint one line."""
        n_fields = len(fields)
        if n_fields not in (3, 5):
            self._irregular(number, fields)
            return
        if fields[1] == _MARKER:
            self._mark(number, fields[2])
            return
        name = fields[0]
        if name != self._name:
            self._start(number, name)
        self._enter(number, fields[1], fields[2])
        if n_fields == 5:
            self._enter(number, fields[3], fields[4])

    def end(self) -> None:
        """Nothing is left to say."""

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
        value = self._known.get(token)
        if value is None or not -HUGE < value < HUGE:
            self._numbers.coefficient(token, number)

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
            message = "a marker line with one more word; HiGHS reads it as a column"
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
