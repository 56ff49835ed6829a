"""Results as the tables of SCIP's check scripts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bench.interop.reported import UNKNOWN
from bench.interop.res_files import ResRow, ResTable

_WORDS = {
    "solved": "ok",
    "solved_unconfirmed": "solved not verified",
    "wrong": "fail",
    "unreadable": "fail (readerror)",
}
_LIMITS = {"time": "timeout", "memory": "memlimit", "nodes": "nodelimit", "gap": "gaplimit"}
_INFINITE = 1e20


def check_tables(rows: Iterable[Mapping[str, Any]]) -> list[ResTable]:
    """Return one table for each setting, version, seed, permutation and time limit.

    Rows are those of `bench.journal.table`; missing values are None.
    """
    groups: dict[tuple[Any, ...], list[ResRow]] = {}
    names = ("setting", "solver", "solver_version", "seed", "permutation", "time_limit_s")
    for row in rows:
        groups.setdefault(tuple(row.get(name) for name in names), []).append(_row(row))
    return [
        ResTable(
            rows=tuple(own),
            setting=setting,
            solver=solver or UNKNOWN,
            version=version or UNKNOWN,
            seed=seed or 0,
            permutation=permutation or 0,
            time_limit_s=time_limit_s,
        )
        for (setting, solver, version, seed, permutation, time_limit_s), own in groups.items()
    ]


def _row(row: Mapping[str, Any]) -> ResRow:
    infeasible = row.get("status") == "infeasible"
    gap = row.get("gap")
    return ResRow(
        name=row["instance"],
        status=_status(row),
        dual=_INFINITE if infeasible else row.get("dual_bound"),
        primal=_INFINITE if infeasible else row.get("primal_bound"),
        gap_percent=None if gap is None else 100 * gap,
        iterations=row.get("n_lp_iterations"),
        nodes=row.get("n_nodes"),
        time_s=row.get("solve_time_s"),
    )


def _status(row: Mapping[str, Any]) -> str:
    verdict = row["verdict"]
    if verdict == "limit":
        return _LIMITS.get(row.get("verdict_kind") or "", row.get("status") or "timeout")
    return _WORDS.get(verdict, "fail (abort)")
