"""Workers of a cluster: the speed and the disturbances of each, and the remarkable ones."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from bench.comparison.normalize import UNDISTURBED
from bench.model.results.result import Result

SLOW = 1.2
"""A worker is slow if its reference solve takes this many times as long as on others of its class.
"""
NOISY = 0.25
"""A worker is noisy if one of its reference solves takes this much longer than another one."""
DISTURBED = 0.25
"""A worker is disturbed if more than this share of its results is, ..."""
LEAST_DISTURBED = 3
"""... and at least this many."""
SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerRow:
    """The data in one result about its worker."""

    worker: str
    machine_class: str
    reference_s: float | None
    reference_spread: float | None
    disturbed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerState:
    """A worker with its reference measurements, and the number of its disturbed results.

    ``findings`` are remarkable facts about it; empty for most.
    """

    worker: str
    machine_class: str
    reference_s: float | None
    reference_spread: float | None
    n_results: int
    n_disturbed: int
    findings: tuple[str, ...] = ()


def rows_of_results(results: Iterable[Result]) -> list[WorkerRow]:
    """Return the rows of results that workers have executed."""
    return [
        WorkerRow(
            worker=one.execution.worker.name,
            machine_class=one.execution.worker.machine_class or "",
            reference_s=one.execution.worker.reference_s,
            reference_spread=one.execution.worker.reference_spread,
            disturbed=one.execution.disturbed,
        )
        for one in results
        if one.execution.worker.name
    ]


def rows_of_table(table: pd.DataFrame) -> list[WorkerRow]:
    """Return the same for a table of results, also if it lacks these columns."""
    if "worker" not in table.columns:
        return []
    known = table[table["worker"].notna() & (table["worker"].astype(str) != "")]
    names = ("worker", "machine_class", "worker_reference_s", "worker_reference_spread")
    columns = [known[name] if name in known else pd.Series(None, known.index) for name in names]
    noise = known["noise"].fillna("").isin(UNDISTURBED) if "noise" in known else ~known["disturbed"]
    return [
        WorkerRow(
            worker=str(worker),
            machine_class="" if pd.isna(kind) else str(kind),
            reference_s=None if pd.isna(seconds) else float(seconds),
            reference_spread=None if pd.isna(spread) else float(spread),
            disturbed=not calm,
        )
        for worker, kind, seconds, spread, calm in zip(*columns, noise, strict=True)
    ]


def workers(rows: Iterable[WorkerRow]) -> tuple[WorkerState, ...]:
    """Return each worker with its findings, by name."""
    by_name: dict[str, list[WorkerRow]] = {}
    for row in rows:
        by_name.setdefault(row.worker, []).append(row)
    usual = _usual(by_name.values())
    return tuple(_state(by_name[name], usual) for name in sorted(by_name))


def worker_lines(found: Sequence[WorkerState]) -> tuple[str, ...]:
    """Return a line for each slow or disturbed worker, and one with the number of further ones."""
    named = [one for one in found if one.findings]
    lines = [
        f"worker {one.worker} ({_n_results(one.n_results)}): {'; '.join(one.findings)}"
        for one in named[:SHOWN]
    ]
    if len(named) > SHOWN:
        lines.append(f"{len(named) - SHOWN} more of {len(found)} workers are slow or disturbed")
    return tuple(lines)


def _n_results(n: int) -> str:
    return f"{n} result{'s' * (n != 1)}"


def _usual(all_rows: Iterable[Sequence[WorkerRow]]) -> dict[str, float]:
    """Return the usual time of the reference solve on machines of each class."""
    seconds: dict[str, list[float]] = {}
    for rows in all_rows:
        if rows[0].reference_s is not None:
            seconds.setdefault(rows[0].machine_class, []).append(rows[0].reference_s)
    return {kind: statistics.median_low(each) for kind, each in seconds.items()}


def _state(rows: Sequence[WorkerRow], usual: dict[str, float]) -> WorkerState:
    first, n_disturbed = rows[0], sum(row.disturbed for row in rows)
    findings = []
    seconds, normal_s = first.reference_s, usual.get(first.machine_class)
    if seconds is not None and normal_s and seconds > SLOW * normal_s:
        findings.append(
            f"slow, its reference solve took {seconds:.3g} CPU seconds, {seconds / normal_s:.2g} "
            "times as long as on other workers of the same machine class"
        )
    if first.reference_spread is not None and first.reference_spread > NOISY:
        findings.append(
            f"noisy, wall times of its reference solve differed by {first.reference_spread:.0%}"
        )
    if n_disturbed >= LEAST_DISTURBED and n_disturbed > DISTURBED * len(rows):
        findings.append(f"disturbed, {n_disturbed} of {len(rows)} results")
    return WorkerState(
        worker=first.worker,
        machine_class=first.machine_class,
        reference_s=seconds,
        reference_spread=first.reference_spread,
        n_results=len(rows),
        n_disturbed=n_disturbed,
        findings=tuple(findings),
    )
