"""Solvers and their checks, as tables for the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bench.report.terminal.table import filled, render
from bench.solvers.listing import SolverRow

ABILITIES = (
    ("permutations", "permutes"),
    ("bounds over time", "bounds_over_time"),
    ("integral", "integral"),
    ("deterministic time", "deterministic_time"),
    ("seed", "seed"),
    ("threads", "threads"),
)
"""Features that a solver has or lacks, by their name in the header."""
HEADER = ("solver", "version", "Python", "from", "clocks", "parameters", "lacks")


def solvers_text(rows: Sequence[SolverRow]) -> str:
    """Return one row per solver; formats and limits of size, which many share, are below."""
    table = render(HEADER, [_cells(row) for row in rows], left=4)
    formats = _shared({row.name: " ".join(row.abilities.formats) for row in rows})
    sizes = _shared({row.name: row.abilities.size_limit for row in rows})
    below = [f"reads {what}: {names}" for what, names in formats.items()]
    below += [f"{what}: {names}" for what, names in sizes.items()]
    return "\n".join([table, "", *map(filled, below)])


def _shared(values: Mapping[str, str]) -> dict[str, str]:
    """Return for each value the solvers that have it."""
    found: dict[str, list[str]] = {}
    for name, value in values.items():
        if value:
            found.setdefault(value, []).append(name)
    return {value: ", ".join(names) for value, names in found.items()}


def lacking(row: SolverRow) -> list[str]:
    """Return the names of the features that a solver is known to lack."""
    return [name for name, field in ABILITIES if getattr(row.abilities, field) is False]


def _cells(row: SolverRow) -> tuple[str, ...]:
    if not row.version:
        return (row.name, *["-"] * (len(HEADER) - 1))
    abilities = row.abilities
    return (
        row.name,
        row.version,
        row.python_version,
        row.source,
        " ".join(abilities.clocks) or "-",
        str(abilities.n_parameters),
        ", ".join(lacking(row)) or "-",
    )
