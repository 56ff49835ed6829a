"""Solvers and their checks, as tables for the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from bench.report.terminal.table import render
from bench.solvers.listing import SolverRow

ABILITIES = (
    ("permutations", "permutes"),
    ("bounds over time", "bounds_over_time"),
    ("integral", "integral"),
    ("deterministic time", "deterministic_time"),
    ("seed", "seed"),
)
"""Abilities that a solver has or lacks, as the header calls them."""
HEADER = ("solver", "version", "Python", "from", "clocks", "parameters", "lacks", "formats")


def solvers_table(rows: Sequence[SolverRow]) -> str:
    """Return one row a solver; a problem stands below the table."""
    return render(HEADER, [_cells(row) for row in rows], left=4)


def lacking(row: SolverRow) -> list[str]:
    """Return the names of the abilities that a solver is known not to have."""
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
        " ".join(abilities.formats) or "-",
    )
