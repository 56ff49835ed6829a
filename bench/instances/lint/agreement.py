"""Compare the problems that two readers read from one file."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bench.instances.lint.findings import Notes
from bench.model.instances.finding import LintFinding
from bench.model.instances.linear_program import Column, LinearProgram

SMALLEST = 1e-9
"""Readers drop matrix entries up to this magnitude."""

INTEGRALITY = 1e-6
"""The largest distance of an integral column's bound from a whole number."""


@dataclass(frozen=True, slots=True)
class ReadColumn:
    """A column; bounds of an integral one are rounded inwards, as some readers do."""

    bounds: tuple[float, float]
    objective: float
    integral: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """A program with its columns and rows by name and its entries by column.

    ``rows`` maps the name of a row, and the number of earlier rows of that name, to its position.
    ``entries`` has one mapping per row, with entries of the same column added and zeros removed.
    """

    program: LinearProgram
    columns: Mapping[str, ReadColumn]
    rows: Mapping[tuple[str, int], int]
    entries: Sequence[Mapping[str, float]]

    @classmethod
    def of(cls, program: LinearProgram) -> Reading:
        """Index a program."""
        names = [column.name for column in program.columns]
        entries = []
        for row in program.rows:
            sums: dict[str, float] = {}
            for index, coefficient in zip(row.indices, row.coefficients, strict=True):
                sums[names[index]] = sums.get(names[index], 0.0) + coefficient
            # NaN is not small
            entries.append({name: a for name, a in sums.items() if not abs(a) <= SMALLEST})
        columns = {
            one.name: ReadColumn(_bounds(one), one.objective, one.integral)
            for one in program.columns
        }
        return cls(program, columns, _positions(row.name for row in program.rows), entries)

    def sum_of_objective(self) -> float:
        """Return the sum of the objective coefficients."""
        return _sum(column.objective for column in self.program.columns)

    def sum_of_entries(self) -> float:
        """Return the sum of the matrix entries."""
        return _sum(value for entries in self.entries for value in entries.values())

    def sum_of_sides(self) -> float:
        """Return the sum of the finite sides of the rows."""
        return _sum(side for row in self.program.rows for side in (row.lhs, row.rhs))

    def sum_of_bounds(self) -> float:
        """Return the sum of the finite bounds of the columns."""
        return _sum(bound for column in self.columns.values() for bound in column.bounds)


def _positions(names: Iterable[str]) -> dict[tuple[str, int], int]:
    positions: dict[tuple[str, int], int] = {}
    seen: dict[str, int] = {}
    for at, name in enumerate(names):
        n_before = seen.get(name, 0)
        positions[name, n_before] = at
        seen[name] = n_before + 1
    return positions


def _sum(numbers: Iterable[float]) -> float:
    """Return the exactly rounded sum of the finite numbers, or NaN if one is NaN."""
    return math.fsum(number for number in numbers if not math.isinf(number))


def _bounds(column: Column) -> tuple[float, float]:
    lower, upper = column.lower, column.upper
    if column.integral and math.isfinite(lower):
        lower = float(math.ceil(lower - INTEGRALITY))
    if column.integral and math.isfinite(upper):
        upper = float(math.floor(upper + INTEGRALITY))
    return lower, upper


_RELATIVE = 1e-12
_SUMS = 1e-9
_COUNTS: Mapping[str, Callable[[Reading], float]] = {
    "columns": lambda reading: len(reading.program.columns),
    "rows": lambda reading: len(reading.program.rows),
    "nonzeros": lambda reading: sum(map(len, reading.entries)),
    "integer columns": lambda reading: sum(one.integral for one in reading.program.columns),
}
_TOTALS: Mapping[str, Callable[[Reading], float]] = {
    "sum of objective coefficients": Reading.sum_of_objective,
    "sum of matrix entries": Reading.sum_of_entries,
    "sum of sides": Reading.sum_of_sides,
    "sum of bounds": Reading.sum_of_bounds,
    "objective offset": lambda reading: reading.program.objective_offset,
}


def disagreements(
    first: LinearProgram, second: LinearProgram, readers: tuple[str, str]
) -> list[LintFinding]:
    """Return the differences between two readings of one file, none if they are the same problem.

    ``readers`` are the names of the readers, for messages.

    Different counts, sums and offsets are warnings. Columns or rows of only one reader, and
    different entries, sides, bounds, types, objective or sense are errors. Columns are matched by
    name; rows by name, or by position if one reader invented names. If a reader found more than
    rows and columns, it may have added some; then different counts are one warning, and nothing
    else is reported. A problem without columns is an error, because solvers report it as solved.
    """
    notes = Notes()
    readings = (Reading.of(first), Reading.of(second))
    beyond = sorted({*first.beyond, *second.beyond})
    if beyond:
        _warn_of_counts(readings, readers, beyond, notes)
    else:
        _Comparison(*readings, readers, notes).run()
    for reading, reader in zip(readings, readers, strict=True):
        if not reading.program.columns:
            message = f"empty model: {reader} reads no column; solvers call it solved"
            notes.error("empty model", None, message)
    return notes.findings()


def _warn_of_counts(
    readings: tuple[Reading, Reading], readers: Iterable[str], beyond: Iterable[str], notes: Notes
) -> None:
    figures = {name: [count(reading) for reading in readings] for name, count in _COUNTS.items()}
    odd = [f"{name} {one:g} and {two:g}" for name, (one, two) in figures.items() if one != two]
    if odd:
        message = (
            f"{' and '.join(readers)} read different numbers ({', '.join(odd)}); "
            f"the nonlinear parts may be the reason: {', '.join(beyond)}"
        )
        notes.warning("counts", None, message)


@dataclass(frozen=True, slots=True)
class _Comparison:
    first: Reading
    second: Reading
    readers: tuple[str, str]
    notes: Notes

    def run(self) -> None:
        for name, figure in {**_COUNTS, **_TOTALS}.items():
            one, two = figure(self.first), figure(self.second)
            if not math.isclose(one, two, rel_tol=_SUMS, abs_tol=_SUMS):
                self.notes.warning(name, None, self._message(name, f"{one:.12g}", f"{two:.12g}"))
        one_sense, two_sense = self.first.program.sense, self.second.program.sense
        if one_sense is not two_sense:
            self._fail("sense", "sense", one_sense.value, two_sense.value)
        self._columns()
        self._rows()

    def _columns(self) -> None:
        ones, twos = self.first.columns, self.second.columns
        self._only("column", set(ones), set(twos))
        for name, one in ones.items():
            two = twos.get(name)
            if two is None:
                continue
            self._same("bounds", f"bounds of column '{name}'", one.bounds, two.bounds)
            what = f"objective of column '{name}'"
            self._same("objective coefficients", what, (one.objective,), (two.objective,))
            if one.integral != two.integral:
                words = ("continuous", "integer")
                what = f"type of column '{name}'"
                self._fail("types", what, words[one.integral], words[two.integral])

    def _rows(self) -> None:
        shared = self.first.columns.keys() & self.second.columns.keys()
        for title, at, other in self._pairs():
            one, two = self.first.program.rows[at], self.second.program.rows[other]
            self._same("sides", f"sides of {title}", (one.lhs, one.rhs), (two.lhs, two.rhs))
            ones, twos = self.first.entries[at], self.second.entries[other]
            if ones == twos:
                continue
            for name in {**ones, **twos}:
                if name in shared:
                    what = f"entry of column '{name}' in {title}"
                    self._same("entries", what, (ones.get(name, 0.0),), (twos.get(name, 0.0),))

    def _pairs(self) -> Iterator[tuple[str, int, int]]:
        """Yield the name of a row, and its positions in both readings."""
        ones, twos = self.first.rows, self.second.rows
        if ones.keys() != twos.keys() and len(ones) == len(twos):
            for at in range(len(ones)):
                yield f"row {at + 1}", at, at
            return
        self._only("row", {name for name, _ in ones}, {name for name, _ in twos})
        for name, at in ones.items():
            if name in twos:
                yield f"row '{name[0]}'", at, twos[name]

    def _only(self, kind: str, ones: set[str], twos: set[str]) -> None:
        for reader, names in zip(self.readers, (ones - twos, twos - ones), strict=True):
            for name in sorted(names):
                message = f"{kind} '{name}' is read by {reader} only; the problems differ"
                self.notes.error(f"{kind}s of one reader", None, message)

    def _same(self, kind: str, what: str, one: Sequence[float], two: Sequence[float]) -> None:
        if one != two and not all(map(_equal, one, two)):
            self._fail(kind, what, _figures(one), _figures(two))

    def _fail(self, kind: str, what: str, one: str, two: str) -> None:
        self.notes.error(kind, None, self._message(what, one, two))

    def _message(self, what: str, one: str, two: str) -> str:
        return f"{what}: {self.readers[0]} reads {one}, {self.readers[1]} {two}"


def _equal(one: float, two: float) -> bool:
    """Return whether two numbers are equal; NaN equals nothing, because it is never valid input."""
    return math.isclose(one, two, rel_tol=_RELATIVE)


def _figures(numbers: Sequence[float]) -> str:
    figures = [f"{number:.12g}" for number in numbers]
    return figures[0] if len(figures) == 1 else f"[{', '.join(figures)}]"
