"""The best known values of instances, from results: references for later comparisons."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bench.model.instances.reference import Known, Reference

SOLVED = frozenset({"solved", "solved_unconfirmed"})
USABLE = SOLVED | {"limit"}
TOLERANCE = 1e-4
"""Relative to max(1, |value|); solved results that differ by more contradict each other."""

_WITHOUT_VALUE = {
    "infeasible": Known.INFEASIBLE,
    "unbounded": Known.UNBOUNDED,
}

TableRow = Mapping[str, Any]


def best_known(rows: Iterable[TableRow]) -> tuple[dict[str, Reference], list[str]]:
    """Return a reference for each instance, and a line for each with contradictory results.

    Rows are those of `bench.journal.table`. Wrong and failed results are ignored. If a result has
    solved the instance, its reference is optimal, infeasible or unbounded; otherwise it has the
    best primal and dual bounds. If a dual bound is above its primal bound, the problem is a
    maximization.
    """
    found: dict[str, Reference] = {}
    problems: list[str] = []
    by_instance: dict[str, list[TableRow]] = {}
    for row in rows:
        own = by_instance.setdefault(row["instance"], [])
        if row["verdict"] in USABLE:
            own.append(row)
    for name, own in by_instance.items():
        solved = [row for row in own if row["verdict"] in SOLVED]
        reference = _of_solved(solved) if solved else _of_bounds(own)
        if reference is None:
            problems.append(f"{name}: its solved results contradict each other; left out")
        else:
            found[name] = reference
    return found, problems


def _of_solved(rows: Sequence[TableRow]) -> Reference | None:
    statuses = {row["status"] for row in rows}
    values = [value for row in rows if (value := _number(row, "primal_bound")) is not None]
    if len(statuses) > 1:
        return None
    known = _WITHOUT_VALUE.get(statuses.pop())
    if known is not None:
        return Reference(known)
    if not values:
        return Reference(Known.FEASIBLE)
    slack = TOLERANCE * max(1.0, *map(abs, values))
    return Reference(Known.OPTIMAL, values[0]) if max(values) - min(values) <= slack else None


def _of_bounds(rows: Sequence[TableRow]) -> Reference:
    primals = [value for row in rows if (value := _number(row, "primal_bound")) is not None]
    duals = [value for row in rows if (value := _number(row, "dual_bound")) is not None]
    maximizes = any(_maximizes(row) for row in rows)
    best, tightest = (max, min) if maximizes else (min, max)
    dual = tightest(duals) if duals else None
    if primals:
        return Reference(Known.BEST, best(primals), dual)
    return Reference(Known.UNKNOWN) if dual is None else Reference(Known.BEST_DUAL, None, dual)


def _maximizes(row: TableRow) -> bool:
    primal, dual = _number(row, "primal_bound"), _number(row, "dual_bound")
    return primal is not None and dual is not None and dual > primal


def _number(row: TableRow, name: str) -> float | None:
    value = row.get(name)
    return None if value is None or not math.isfinite(value) else float(value)
