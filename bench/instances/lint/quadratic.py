"""The sections of an MPS file that hold pairs of columns: QUADOBJ, QMATRIX, QSECTION, QCMATRIX."""

from __future__ import annotations

from bench.instances.lint.notes import Notes, shown
from bench.instances.lint.numbers import Numbers
from bench.instances.lint.outline import Outline


class Quadratic:
    """Lints the terms of a quadratic form."""

    def __init__(self, outline: Outline, numbers: Numbers, notes: Notes) -> None:
        """Check against the columns of the outline."""
        self._columns = outline.columns
        self._numbers = numbers
        self._notes = notes

    def line(self, number: int, fields: list[bytes], _text: bytes) -> None:
        """Lint one line: two columns and a number."""
        if len(fields) != 3:
            message = f"{len(fields)} fields; a quadratic term has two columns and a number"
            self._notes.error("fields of quadratic terms", number, message)
            return
        for column in dict.fromkeys(fields[:2]):
            if column not in self._columns:
                message = (
                    f"column {shown(column)} is not defined in COLUMNS; SCIP ignores the term, "
                    "HiGHS makes a new column"
                )
                self._notes.error("undefined columns in quadratic terms", number, message)
        self._numbers.coefficient(fields[2], number)

    def end(self) -> None:
        """Nothing is left to say."""


class Unread:
    """Stands for sections whose lines are not linted."""

    def line(self, _number: int, _fields: list[bytes], _text: bytes) -> None:
        """Pass over one line."""

    def end(self) -> None:
        """Nothing is left to say."""
