"""A linear model with integer columns, its builder, and its text in MPS and LP format.

Numbers are integers or short decimals, never binary floats, so that the text of a model is the same
on every machine. Both writers avoid all features that readers interpret differently: names are
explicit, the bounds of integer columns are always written, no row is free and no entry occurs
twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeAlias

Number: TypeAlias = int | Decimal
Term: TypeAlias = tuple[Number, int]
"""A coefficient and the index of its column."""


@dataclass(frozen=True, slots=True)
class ModelColumn:
    """A variable; a bound of None is infinite."""

    name: str
    objective: Number
    lower: Number | None
    upper: Number | None
    is_integral: bool

    @property
    def is_binary(self) -> bool:
        """Whether the column takes the values 0 and 1 only."""
        return self.is_integral and self.lower == 0 and self.upper == 1


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A constraint lower <= terms <= upper; a side of None is infinite, but never both."""

    name: str
    terms: tuple[Term, ...]
    lower: Number | None
    upper: Number | None


@dataclass(frozen=True, slots=True)
class LinearModel:
    """Columns (at least one), rows and the sense of the objective.

    `comment` is one line about the origin, written at the top of a file.
    """

    name: str
    columns: tuple[ModelColumn, ...]
    rows: tuple[ModelRow, ...]
    maximise: bool = False
    comment: str = ""

    @property
    def n_nonzeros(self) -> int:
        """Number of entries of the constraint matrix."""
        return sum(len(row.terms) for row in self.rows)


def to_mps(model: LinearModel) -> str:
    """Return the model in free MPS format; integer columns stand between markers."""
    entries: list[list[str]] = [
        [f" {column.name} obj {_text(column.objective)}"] if column.objective else []
        for column in model.columns
    ]
    for row in model.rows:
        for value, index in row.terms:
            entries[index].append(f" {model.columns[index].name} {row.name} {_text(value)}")
    lines = [f"* {model.comment}"] if model.comment else []
    lines += [f"NAME {model.name}", *(("OBJSENSE", "    MAX") if model.maximise else ())]
    lines += ["ROWS", " N obj", *(f" {_mps_type(row)} {row.name}" for row in model.rows)]
    lines += ["COLUMNS", *_mps_columns(model, entries)]
    lines += ["RHS", *_mps_sides(model), "RANGES", *_mps_ranges(model)]
    lines += ["BOUNDS", *(line for column in model.columns for line in _mps_bounds(column))]
    return "\n".join([*lines, "ENDATA", ""])


def to_lp(model: LinearModel) -> str:
    """Return the model in LP format; binary columns have a section of their own.

    A row r with two different sides becomes r_lower and r_upper: SCIP 10.0 refuses the line `-1 <=
    x + y <= 5`, and HiGHS 1.15 silently reads it as two different rows.
    """
    used = {index for row in model.rows for _, index in row.terms}
    objective = [
        (column.objective, index)
        for index, column in enumerate(model.columns)
        if column.objective or index not in used
    ]
    binaries = [column.name for column in model.columns if column.is_binary]
    generals = [c.name for c in model.columns if c.is_integral and not c.is_binary]
    lines = [f"\\ {model.comment}"] if model.comment else []
    lines += ["Maximize" if model.maximise else "Minimize"]
    lines += _wrapped(["obj:", *_lp_terms(model, objective)])
    lines += ["Subject To", *(line for row in model.rows for line in _lp_row(model, row))]
    lines += ["Bounds", *(_lp_bounds(column) for column in model.columns if not column.is_binary)]
    lines += ["Binaries", *_wrapped(binaries)] if binaries else []
    lines += ["Generals", *_wrapped(generals)] if generals else []
    return "\n".join([*lines, "End", ""])


def _text(number: Number) -> str:
    """Return a number in plain decimal notation."""
    return format(number, "f") if isinstance(number, Decimal) else str(number)


def _mps_type(row: ModelRow) -> str:
    """Return the letter of the row; one with two sides is a G row with a range."""
    if row.lower is None:
        return "L"
    return "E" if row.lower == row.upper else "G"


def _mps_columns(model: LinearModel, entries: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the entries of all columns, with a marker wherever the integrality changes."""
    was_integral = False
    for n_marker, (column, lines) in enumerate(zip(model.columns, entries, strict=True)):
        if column.is_integral != was_integral:
            was_integral = column.is_integral
            yield f" M{n_marker} 'MARKER' '{'INTORG' if was_integral else 'INTEND'}'"
        yield from lines or [f" {column.name} obj 0"]
    if was_integral:
        yield " MEND 'MARKER' 'INTEND'"


def _mps_sides(model: LinearModel) -> Iterator[str]:
    """Yield the right-hand sides that are not zero."""
    for row in model.rows:
        side = row.upper if row.lower is None else row.lower
        if side:
            yield f" RHS {row.name} {_text(side)}"


def _mps_ranges(model: LinearModel) -> Iterator[str]:
    """Yield the widths of the rows with two different sides."""
    for row in model.rows:
        if row.lower is not None and row.upper is not None and row.lower != row.upper:
            yield f" RNG {row.name} {_text(row.upper - row.lower)}"


def _mps_bounds(column: ModelColumn) -> Iterator[str]:
    """Yield the bounds of a column; only [0, infinity) of a real column is omitted."""
    name, lower, upper = column.name, column.lower, column.upper
    if column.is_binary:
        yield f" BV BND {name}"
    elif lower is None and upper is None:
        yield f" FR BND {name}"
    elif lower is not None and lower == upper:
        yield f" FX BND {name} {_text(lower)}"
    else:
        if lower is None:
            yield f" MI BND {name}"
        elif lower or upper is not None:
            yield f" LO BND {name} {_text(lower)}"
        if upper is not None:
            yield f" UP BND {name} {_text(upper)}"
        elif column.is_integral:
            yield f" PL BND {name}"


def _lp_terms(model: LinearModel, terms: Iterable[Term]) -> list[str]:
    """Return words like `+ 3 x`, or a zero of the first column if there are no terms."""
    words = [
        f"{'-' if value < 0 else '+'} {_text(value).lstrip('-')} {model.columns[index].name}"
        for value, index in terms
    ]
    return words or [f"+ 0 {model.columns[0].name}"]


def _lp_row(model: LinearModel, row: ModelRow) -> list[str]:
    """Return the lines of a row; one with two different sides becomes two rows."""
    words = _lp_terms(model, row.terms)
    if row.lower is not None and row.lower == row.upper:
        return _wrapped([f"{row.name}:", *words, f"= {_text(row.lower)}"])
    is_ranged = row.lower is not None and row.upper is not None
    sides = [(">=", row.lower, "_lower"), ("<=", row.upper, "_upper")]
    return [
        line
        for relation, side, ending in sides
        if side is not None
        for line in _wrapped(
            [f"{row.name}{ending if is_ranged else ''}:", *words, f"{relation} {_text(side)}"]
        )
    ]


def _lp_bounds(column: ModelColumn) -> str:
    """Return the bounds of a column, both of them."""
    if column.lower is None and column.upper is None:
        return f" {column.name} free"
    lower = "-inf" if column.lower is None else _text(column.lower)
    upper = "+inf" if column.upper is None else _text(column.upper)
    return f" {lower} <= {column.name} <= {upper}"


def _wrapped(words: Iterable[str], width: int = 100) -> list[str]:
    """Return the words in indented lines of about `width` characters; no word is split."""
    lines: list[str] = []
    for word in words:
        if lines and len(lines[-1]) + len(word) < width:
            lines[-1] += f" {word}"
        else:
            lines.append(f" {word}")
    return lines


@dataclass(slots=True)
class ModelBuilder:
    """Collects columns and rows in the order of a formulation; `build` returns the model."""

    name: str
    maximise: bool = False
    _columns: list[ModelColumn] = field(default_factory=list)
    _rows: list[ModelRow] = field(default_factory=list)

    def continuous(
        self, name: str, objective: Number, lower: Number | None = 0, upper: Number | None = None
    ) -> int:
        """Add a real column and return its index."""
        self._columns.append(ModelColumn(name, objective, lower, upper, is_integral=False))
        return len(self._columns) - 1

    def integer(
        self, name: str, objective: Number, lower: int | None = 0, upper: int | None = None
    ) -> int:
        """Add an integer column and return its index."""
        self._columns.append(ModelColumn(name, objective, lower, upper, is_integral=True))
        return len(self._columns) - 1

    def binary(self, name: str, objective: Number) -> int:
        """Add a column with the values 0 and 1 and return its index."""
        return self.integer(name, objective, 0, 1)

    def row(
        self, name: str, terms: Iterable[Term], lower: Number | None, upper: Number | None
    ) -> None:
        """Add a row with two sides; terms of one column are summed and zeros left out.

        Raises ValueError if both sides are infinite.
        """
        if lower is None and upper is None:
            raise ValueError(f"row {name} has neither a left-hand nor a right-hand side")
        sums: dict[int, Number] = {}
        for coefficient, column in terms:
            sums[column] = sums.get(column, 0) + coefficient
        merged = tuple((value, column) for column, value in sums.items() if value != 0)
        self._rows.append(ModelRow(name, merged, lower, upper))

    def at_least(self, name: str, terms: Iterable[Term], side: Number) -> None:
        """Add the row terms >= side."""
        self.row(name, terms, side, None)

    def at_most(self, name: str, terms: Iterable[Term], side: Number) -> None:
        """Add the row terms <= side."""
        self.row(name, terms, None, side)

    def equal(self, name: str, terms: Iterable[Term], side: Number) -> None:
        """Add the row terms = side."""
        self.row(name, terms, side, side)

    def build(self) -> LinearModel:
        """Return the finished model."""
        return LinearModel(self.name, tuple(self._columns), tuple(self._rows), self.maximise)


def ones(columns: Iterable[int]) -> list[Term]:
    """Return the plain sum of the columns as terms."""
    return [(1, column) for column in columns]
