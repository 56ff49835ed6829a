"""The RHS and RANGES sections of an MPS file."""

from __future__ import annotations

from bench.instances.lint.notes import Notes, shown
from bench.instances.lint.numbers import HUGE, Numbers
from bench.instances.lint.outline import FREE, Outline, Vectors


class Sides:
    """Lints right-hand sides or, where ``section`` is RANGES, the ranges."""

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
            self._notes.error("RHS vector named like a row", number, message)
        for at in range(has_name, len(fields) - 1, 2):
            value = self._numbers.value(fields[at + 1], number)
            if is_first:
                self._check(number, fields[at], value, fields[at + 1])

    def end(self) -> None:
        """Nothing is left to say."""

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
