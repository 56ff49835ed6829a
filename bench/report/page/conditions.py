"""The conditions of the numbers: limits, versions, machine, disturbances, checks, lint."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

import pandas as pd

from bench.comparison.comparison import Comparison
from bench.comparison.machines.workers import rows_of_table, worker_lines, workers
from bench.comparison.noise_floor import describe_noise
from bench.comparison.normalize import UNDISTURBED
from bench.model.instances.reference import Known
from bench.model.results.result import Result
from bench.report.page.cells import known
from bench.report.tables import Cells
from bench.report.terminal.comparison import basis_text
from bench.verification.solutions import ONE_READER

NUMBER = re.compile(r"\d+(?:\.\d+)?")
FACTS = ("limits", "solvers", "machine", "executed", "results")
"""Important facts, which are also at the top."""
LIMITS = {
    "time": ("time_limit_s", "s"),
    "memory": ("memory_limit_mib", "MiB"),
    "nodes": ("node_limit", "nodes"),
    "gap": ("gap_limit", ""),
    "threads": ("n_threads", ""),
}


def conditions(
    table: pd.DataFrame, results: Sequence[Result], comparison: Comparison | None
) -> tuple[tuple[str, str], ...]:
    """Return the known conditions as pairs of label and text."""
    found = [
        ("results", _extent(table)),
        ("executed", _period(table)),
        ("solvers", _listed(_joined(table, ("solver", "solver_version")))),
        ("versions", _listed(_versions(results))),
        ("machine", _listed(_distinct(table, "machine"))),
        ("workers", _workers(table)),
        ("limits", _limits(table)),
        ("compared", basis_text(comparison).replace("\n", " ") if comparison else ""),
        ("noise", "; ".join(describe_noise(comparison.noise)) if comparison else ""),
        ("references", _references(table)),
    ]
    return tuple((label, text) for label, text in found if text)


def disturbed_tasks(table: pd.DataFrame) -> tuple[tuple[int, Cells], ...]:
    """Return the position of each disturbed result, and its task with the disturbance."""
    is_disturbed = ~table["noise"].fillna("").isin(UNDISTURBED)
    columns = table[["instance", "setting", "seed", "noise"]]
    return tuple(
        (at, tuple(map(str, cells)))
        for at, (disturbed, cells) in enumerate(
            zip(is_disturbed, columns.itertuples(index=False), strict=True)
        )
        if disturbed
    )


def disturbances(table: pd.DataFrame) -> tuple[Cells, ...]:
    """Return the disturbances of tasks with their counts, the most frequent first.

    Disturbances that differ only in a number are one kind, with the range of the numbers.
    """
    kinds: dict[str, list[float]] = {}
    for noise in table["noise"]:
        for part in str(noise).split(";") if known(noise) else ():
            text = " ".join(part.split())
            numbers = NUMBER.findall(text)
            kind = NUMBER.sub("{}", text) if len(numbers) == 1 else text
            if kind:
                kinds.setdefault(kind, []).append(float(numbers[0]) if len(numbers) == 1 else 0.0)
    counts = {_ranged(kind, numbers): len(numbers) for kind, numbers in kinds.items()}
    return tuple((kind, str(n)) for kind, n in sorted(counts.items(), key=_most_frequent))


def checks(table: pd.DataFrame) -> tuple[Cells, ...]:
    """Return how the solutions were checked: outcome, method, number."""
    kinds: Counter[tuple[str, str]] = Counter()
    columns = ("level", "reader", "independent", "exact", "skipped")
    values = table[[*(f"verification_{name}" for name in columns), "one_reader"]]
    for level, reader, independent, exact, skipped, alone in values.itertuples(index=False):
        only = f"; {ONE_READER}" if known(alone) and alone else ""
        if known(level):
            held = "not feasible" if level == "none" else f"feasible to {level}"
            whose = "" if known(independent) and independent else ", not independent of the solver"
            arithmetic = "exact arithmetic" if known(exact) and exact else "double precision"
            kinds[held, f"{arithmetic}, instance read by {reader}{whose}{only}"] += 1
        else:
            reason = str(skipped) if known(skipped) else "not asked for"
            kinds["not checked", f"{reason}{only}"] += 1
    return tuple((*kind, str(n)) for kind, n in sorted(kinds.items(), key=_most_frequent))


def lint(table: pd.DataFrame) -> tuple[Cells, ...]:
    """Return the findings of the lint: name and finding."""
    pairs = table[["instance", "lint"]].dropna().drop_duplicates().sort_values(["instance", "lint"])
    return tuple(
        (str(name), line)
        for name, text in pairs.itertuples(index=False)
        for line in str(text).splitlines()
        if line
    )


def _workers(table: pd.DataFrame) -> str:
    found = workers(rows_of_table(table))
    return _listed([f"{len(found)} of a cluster", *worker_lines(found)]) if found else ""


def _extent(table: pd.DataFrame) -> str:
    parts = [(len(table), "result"), (table["instance"].nunique(), "instance")]
    parts += [(table["setting"].nunique(), "setting")]
    parts += [
        (n, name)
        for name in ("seed", "permutation")
        if (n := int(table[name].nunique())) > 1 or name == "seed"
    ]
    return ", ".join(f"{n} {name}" + ("" if n == 1 else "s") for n, name in parts if n)


def _period(table: pd.DataFrame) -> str:
    started = table["started_at"].dropna()
    if started.empty:
        return ""
    first, last = (f"{datetime.fromtimestamp(each, UTC):%Y-%m-%d %H:%M}" for each in _ends(started))
    return f"{first} UTC" if first == last else f"{first} to {last} UTC"


def _ends(column: pd.Series) -> tuple[float, float]:
    return float(column.min()), float(column.max())


def _limits(table: pd.DataFrame) -> str:
    effective = table.assign(gap_limit=table["gap_limit"].fillna(table["default_gap"]))
    parts = []
    for name, (column, unit) in LIMITS.items():
        values = sorted(effective[column].dropna().unique())
        if values:
            parts.append(f"{name} {' or '.join(f'{value:g}' for value in values)} {unit}".strip())
    clocks = _distinct(table, "clock")
    if parts and clocks:
        parts.append(f"{' and '.join(clocks)} clock")
    return ", ".join(parts)


def _references(table: pd.DataFrame) -> str:
    answered = table["reference"].notna() & (table["reference"] != Known.UNKNOWN.value)
    names = table.loc[answered, "instance"].nunique()
    return f"{names} of {table['instance'].nunique()} instances have a known answer"


def _versions(results: Sequence[Result]) -> list[str]:
    return sorted(
        {f"{name} {version}" for each in results for name, version in each.answer.versions.items()}
    )


def _joined(table: pd.DataFrame, names: Sequence[str]) -> list[str]:
    rows = table[list(names)].drop_duplicates().itertuples(index=False)
    return sorted({" ".join(str(each) for each in row if known(each)) for row in rows})


def _distinct(table: pd.DataFrame, name: str) -> list[str]:
    return sorted({str(each) for each in table[name].dropna().unique()} - {""})


def _listed(words: Sequence[str]) -> str:
    return "; ".join(words)


def _most_frequent(item: tuple[object, int]) -> tuple[int, str]:
    kind, n = item
    return -n, str(kind)


def _ranged(kind: str, numbers: Sequence[float]) -> str:
    low, high = min(numbers), max(numbers)
    return kind.replace("{}", f"{low:g}" if low == high else f"{low:g} to {high:g}", 1)
