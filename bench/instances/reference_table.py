"""References from a column of a CSV file, as published by MIPLIB and others."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

from bench.errors import UsageError
from bench.instances.reference_entries import ReferenceEntry
from bench.model.instances.reference import Known, Reference
from bench.model.printable import shown

INFINITE = 1e20


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceColumns:
    """The names of the needed columns; None looks for the usual names.

    ``offset`` is a constant that is added to ``objective``.
    """

    instance: str | None = None
    objective: str | None = None
    status: str | None = None
    offset: str | None = None

    @classmethod
    def of(cls, text: str) -> ReferenceColumns:
        """Parse ``instance=NAME,objective=NAME,...``; raise UsageError for other texts."""
        known = [field.name for field in fields(cls)]
        found: dict[str, str] = {}
        for part in text.split(","):
            key, equals, name = (one.strip() for one in part.partition("="))
            if not (equals and name) or key not in known or key in found:
                expected = f"{known[0]}=NAME,{known[1]}=NAME and, if any, {known[2]} and {known[3]}"
                raise UsageError(f"--solu-columns {text!r}: {part.strip()!r}; expected {expected}")
            found[key] = name
        return cls(**found)


USUAL: Mapping[str, Sequence[str]] = {
    "instance": ("instance", "instanceinst", "instancename", "name", "problem", "file"),
    "objective": (
        *("objective", "objectiveobj", "knownobjective", "optimum", "optimal", "optimalvalue"),
        *("opt", "best", "bestknown", "bestobjective", "objectivevalue", "value", "obj"),
    ),
    "status": ("status", "statusstat", "knownstatus"),
    "offset": ("offset", "objectiveoffset"),
}
"""The usual names of columns, only letters, preferred ones first."""

_STATUSES = {
    **dict.fromkeys(("optimal", "opt", "easy", "hard", "solved"), Known.OPTIMAL),
    **dict.fromkeys(("open", "best", "bestknown"), Known.BEST),
    **dict.fromkeys(("feasible", "feas"), Known.FEASIBLE),
    **dict.fromkeys(("infeasible", "inf"), Known.INFEASIBLE),
    **dict.fromkeys(("unbounded", "unbd"), Known.UNBOUNDED),
    **dict.fromkeys(("unknown", "unkn"), Known.UNKNOWN),
}
_INSTEAD = {
    "infeasible": Known.INFEASIBLE,
    "unbounded": Known.UNBOUNDED,
    "unknown": Known.UNKNOWN,
}
_NOTHING = frozenset({"", "-", "--", "na", "n/a", "nan", "none", "?"})


def entries(
    text: str, source: str, columns: ReferenceColumns | None = None
) -> Iterator[ReferenceEntry]:
    """Yield the entry of each row.

    A value is optimal unless a status (``open``, ``best``), the name of its column or an asterisk
    after it marks it as best known. ``Infeasible`` and ``Unbounded`` may replace a value, as in
    MIPLIB's tables; ``-`` and empty cells are no value. Raise UsageError if a column is missing, or
    if a cell is neither number nor status.
    """
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        names = [name.strip() for name in next(rows, [])]
        table = _Table(source, names, columns or ReferenceColumns())
        for cells in rows:
            if any(cell.strip() for cell in cells):
                yield table.entry(f"{source}:{rows.line_num}", cells)
    except csv.Error as error:
        raise UsageError(f"{source}:{rows.line_num}: not a CSV file: {error}") from error


class _Table:
    def __init__(self, source: str, names: list[str], columns: ReferenceColumns) -> None:
        self._names = names
        self._at = {what: self._find(source, what, columns) for what in USUAL}
        for needed in ("instance", "objective"):
            if self._at[needed] is None and (needed == "instance" or self._at["status"] is None):
                raise UsageError(
                    f"{source}: no column for the {needed}; there are: "
                    f"{_listed(names) or 'none'}; name it, e.g. --solu-columns "
                    "instance=NAME,objective=NAME"
                )
        objective = self._at["objective"]
        is_best = objective is not None and _letters(names[objective]).startswith("best")
        self._default = Known.BEST if is_best else Known.OPTIMAL

    def entry(self, place: str, cells: Sequence[str]) -> ReferenceEntry:
        cell = {
            what: cells[at].strip() if at is not None and at < len(cells) else ""
            for what, at in self._at.items()
        }
        if not cell["instance"]:
            raise UsageError(f"{place}: the instance name is missing")
        return ReferenceEntry(place, cell["instance"], self._reference(place, cell))

    def _reference(self, place: str, cell: Mapping[str, str]) -> Reference:
        said, text = _status(place, cell["status"]), cell["objective"]
        instead = _INSTEAD.get(text.lower())
        if instead is not None:
            return Reference(instead)
        value = _number(place, text.removesuffix("*"))
        known = said or (self._default if value is not None else Known.UNKNOWN)
        if known is Known.OPTIMAL and text.endswith("*"):
            known = Known.BEST
        if known is Known.UNKNOWN and value is not None:
            known = Known.BEST
        if known not in {Known.OPTIMAL, Known.BEST}:
            return Reference(known)
        if value is None:
            return Reference(Known.UNKNOWN)
        value += _number(place, cell["offset"]) or 0.0
        if abs(value) >= INFINITE:
            raise UsageError(f"{place}: {value:g} is infinite, but a reference must be finite")
        return Reference(known, value)

    def _find(self, source: str, what: str, columns: ReferenceColumns) -> int | None:
        wanted: str | None = getattr(columns, what)
        if wanted is not None:
            if wanted in self._names:
                return self._names.index(wanted)
            raise UsageError(f"{source}: no column {wanted!r}; there are: {_listed(self._names)}")
        letters = [_letters(name) for name in self._names]
        return next((letters.index(name) for name in USUAL[what] if name in letters), None)


def _listed(names: Iterable[str]) -> str:
    """Return names of columns in one line, also for a file that is not a table."""
    return ", ".join(map(shown, names))


def _status(place: str, text: str) -> Known | None:
    if text.lower() in _NOTHING:
        return None
    known = _STATUSES.get(_letters(text))
    if known is None:
        raise UsageError(
            f"{place}: unknown status {text!r}; known: {', '.join(_STATUSES)}, or empty"
        )
    return known


def _number(place: str, text: str) -> float | None:
    if text.lower() in _NOTHING:
        return None
    try:
        value = float(text)
    except ValueError:
        raise UsageError(f"{place}: {text!r} is not a number") from None
    if math.isnan(value):
        raise UsageError(f"{place}: {text!r} is not a number")
    return value


def _letters(text: str) -> str:
    return re.sub(r"[^a-z]", "", text.lower())
