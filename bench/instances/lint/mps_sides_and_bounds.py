"""The sections of an MPS file that use defined names: sides, ranges, bounds, squares."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from bench.instances.lint.bounds import Bounds, check_crossing
from bench.instances.lint.findings import Notes, shown
from bench.instances.lint.mps_rows_and_columns import FREE, Outline, Vectors
from bench.instances.lint.plain_text import HUGE, Numbers


class Sides:
    """Lints right-hand sides or, if ``section`` is RANGES, the ranges."""

    def __init__(self, section: str, outline: Outline, numbers: Numbers, notes: Notes) -> None:
        """Check against the rows of the outline."""
        self._section = section
        self._is_ranges = section == "RANGES"
        self._outline = outline
        self._numbers = numbers
        self._notes = notes
        self._vectors = Vectors(section, notes)
        self._given: dict[bytes, float] = {}

    def line(self, number: int, fields: list[bytes], _text: bytes) -> None:
        """Lint one line: a vector's name, which may be missing, and one or two pairs."""
        n_fields = len(fields)
        if n_fields == 1 or n_fields > 5:
            message = f"{n_fields} fields; a line has a name and one or two pairs of row and number"
            self._notes.error(f"fields in {self._section}", number, message)
            fields = fields[:5]
        has_name = n_fields % 2 == 1
        name = fields[0] if has_name else b""
        is_first = self._vectors.is_first(name, number)
        if has_name and name in self._outline.rows and not self._is_ranges:
            message = f"RHS vector {shown(name)} is named like a row; HiGHS loses the line"
            self._notes.error("RHS vector named like a row", number, message, misread_by="highs")
        for at in range(has_name, len(fields) - 1, 2):
            value = self._numbers.value(fields[at + 1], number)
            if is_first:
                self._check(number, fields[at], value, fields[at + 1])

    def end(self) -> None:
        """Do nothing."""

    def _check(self, number: int, row: bytes, value: float, token: bytes) -> None:
        kind = self._outline.rows.get(row)
        is_objective = row == self._outline.objective
        if kind is None:
            message = f"row {shown(row)} is not defined in ROWS; readers ignore the line silently"
            self._notes.warning(f"undefined rows in {self._section}", number, message)
        elif kind == FREE and (self._is_ranges or not is_objective):
            self._ignored(number, row)
        else:
            if is_objective and value:
                message = (
                    f"objective constant minus {shown(token)}; published values may leave it out"
                )
                self._notes.warning("objective constants", number, message)
            elif abs(value) >= HUGE:
                message = f"infinite value {shown(token)} for row {shown(row)}; is it meant?"
                self._notes.warning(f"infinite values in {self._section}", number, message)
            self._check_once(number, row, value)

    def _check_once(self, number: int, row: bytes, value: float) -> None:
        before = self._given.get(row)
        if before is None:
            self._given[row] = value
            return
        is_sum = self._is_ranges or row == self._outline.objective
        if is_sum or before != value:
            scip = "adds them up" if is_sum else "takes the last"
            message = f"a second value for row {shown(row)}; SCIP {scip}, HiGHS keeps the first"
            self._notes.error(f"duplicate rows in {self._section}", number, message)

    def _ignored(self, number: int, row: bytes) -> None:
        if self._is_ranges:
            message = f"a range for the free row {shown(row)}; readers ignore it"
        else:
            message = (
                f"a side for the free row {shown(row)}; SCIP ignores it, HiGHS takes it for the "
                "objective's constant"
            )
        self._notes.warning(f"free rows in {self._section}", number, message)


WITH_VALUE = frozenset({b"UP", b"LO", b"FX", b"LI", b"UI", b"SC", b"SI"})
WITHOUT_VALUE = frozenset({b"FR", b"MI", b"PL", b"BV"})
_SETS_LOWER = frozenset({b"LO", b"LI", b"FX", b"FR", b"MI", b"BV"})
_SETS_UPPER = frozenset({b"UP", b"UI", b"SC", b"SI", b"FX", b"FR", b"PL", b"BV"})
_SEMI = frozenset({b"SC", b"SI"})
_VALUE_TO_SCIP = re.compile(rb"[0-9.]+")


@dataclass(frozen=True, slots=True)
class _Entry:
    kind: bytes
    vector: bytes
    column: bytes
    token: bytes | None


class BoundLines:
    """Lints bounds one by one, and at the end their combination."""

    def __init__(self, outline: Outline, numbers: Numbers, notes: Notes) -> None:
        """Check against the columns of the outline."""
        self._columns = outline.columns
        self._numbers = numbers
        self._notes = notes
        self._vectors = Vectors("BOUNDS", notes)
        self._bounds: dict[bytes, Bounds] = {}

    def line(self, number: int, fields: list[bytes], _text: bytes) -> None:
        """Lint one line."""
        entry = self._entry(number, fields)
        if entry is None:
            return
        value = 0.0 if entry.token is None else self._numbers.value(entry.token, number)
        if entry.column not in self._columns:
            message = (
                f"column {shown(entry.column)} is not defined in COLUMNS; SCIP and HiGHS silently "
                "make a new one of it"
            )
            self._notes.error("undefined columns in BOUNDS", number, message)
            return
        if entry.vector in self._columns:
            message = (
                f"BOUNDS vector {shown(entry.vector)} is named like a column; HiGHS bounds that "
                "column instead"
            )
            self._notes.error(
                "BOUNDS vector named like a column", number, message, misread_by="highs"
            )
        if math.isinf(value):
            message = "a word for infinity; not every reader knows it, so write MI, PL or 1e30"
            self._notes.warning("words for infinity", number, message)
        if self._vectors.is_first(entry.vector, number):
            self._apply(number, entry, value)

    def end(self) -> None:
        """Report problems of a column's bounds in combination."""
        for column, bounds in self._bounds.items():
            check_crossing(column, bounds, self._notes)
        semi = [b for b in self._bounds.values() if b.is_semi and b.lower == 0 <= b.upper]
        if semi:
            message = (
                f"semi-continuous columns without a lower bound: {len(semi)}; SCIP reads 0 or at "
                "least 1, HiGHS anything from 0"
            )
            self._notes.warning("semi-continuous columns", semi[0].line, message)

    def n_unbounded(self) -> int:
        """Return how many integer columns have no bound at all."""
        return sum(
            is_integer and name not in self._bounds for name, is_integer in self._columns.items()
        )

    def _entry(self, number: int, fields: list[bytes]) -> _Entry | None:
        """Return the fields by meaning, or None with an error if they have none."""
        kind, n_fields = fields[0], len(fields)
        needs_value = kind in WITH_VALUE
        if not needs_value and kind not in WITHOUT_VALUE:
            message = f"bound type {shown(kind)}; readers refuse it"
            self._notes.error("bound types", number, message)
            return None
        if n_fields > 4:
            message = f"text after a bound, {shown(b' '.join(fields[4:]))}; readers ignore it"
            self._notes.warning("text after bounds", number, message)
        if n_fields >= 3 + needs_value:
            return _Entry(kind, fields[1], fields[2], fields[3] if needs_value else None)
        if n_fields < 2 + needs_value:
            message = f"{n_fields} fields; a bound has a type, a name, a column and a value"
            self._notes.error("fields in BOUNDS", number, message)
            return None
        if needs_value:
            return self._unnamed(number, fields)
        return _Entry(kind, b"", fields[1], None)

    def _unnamed(self, number: int, fields: list[bytes]) -> _Entry | None:
        kind, column, token = fields
        if token in self._columns and column not in self._columns:
            message = f"no value for column {shown(token)}; SCIP takes 0, HiGHS refuses the file"
            self._notes.error("bounds without value", number, message)
            return None
        if not _VALUE_TO_SCIP.fullmatch(token):
            message = (
                f"no name before column {shown(column)}; SCIP reads a new column {shown(token)}, "
                "so put a name there"
            )
            self._notes.error("bounds without name", number, message, misread_by="scip")
        return _Entry(kind, b"", column, token)

    def _apply(self, number: int, entry: _Entry, value: float) -> None:
        bounds = self._bounds.setdefault(entry.column, Bounds(number))
        lower, upper = _meant(entry.kind, value)
        is_again = (lower is not None and bounds.has_lower) or (
            upper is not None and bounds.has_upper
        )
        changes = lower not in (None, bounds.lower) or upper not in (None, bounds.upper)
        if is_again and changes:
            message = (
                f"column {shown(entry.column)} is bounded again; SCIP takes the last bound, "
                "HiGHS keeps the first"
            )
            self._notes.error("duplicate bounds", number, message)
        bounds.set(number, lower, upper)
        bounds.is_semi |= entry.kind in _SEMI


def _meant(kind: bytes, value: float) -> tuple[float | None, float | None]:
    """Return the lower and upper bound that an entry sets, None for one that it does not set."""
    if kind == b"BV":
        return 0.0, 1.0
    lower = upper = value
    if kind in WITHOUT_VALUE:
        lower, upper = -math.inf, math.inf
    return lower if kind in _SETS_LOWER else None, upper if kind in _SETS_UPPER else None


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
        """Do nothing."""


class Unread:
    """Skips sections whose lines are not linted."""

    def line(self, _number: int, _fields: list[bytes], _text: bytes) -> None:
        """Skip one line."""

    def end(self) -> None:
        """Do nothing."""
