"""The columns of results, once for the terminal and the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bench.model.fields import LABELS
from bench.report.tables import Column, Style

Row = Mapping[str, Any]
"""A row of `bench.journal.table`; None is what is not known."""


def _word(name: str) -> Callable[[Row, Style], str]:
    return lambda row, style: style.word(row.get(name))


def _number(name: str) -> Callable[[Row, Style], str]:
    return lambda row, style: style.number(row.get(name), 8)


def _fixed(name: str, decimals: int = 0) -> Callable[[Row, Style], str]:
    return lambda row, style: style.fixed(row.get(name), decimals)


def _level(row: Row, style: Style) -> str:
    """Return the tolerance to which the solution holds, or NO."""
    level = row.get("verification_level")
    return "NO" if level == "none" else style.word(level)


INSTANCE: Column[Row] = Column("instance", LABELS["instance"], _word("instance"))
SETTING: Column[Row] = Column("setting", LABELS["setting"], _word("setting"))
SEED: Column[Row] = Column("seed", LABELS["seed"], _fixed("seed"))
VERDICT: Column[Row] = Column("verdict", LABELS["verdict"], _word("verdict"))
STATUS: Column[Row] = Column(
    "status",
    LABELS["status"],
    lambda row, style: style.word(row.get("status") or row.get("termination")),
)
FOUND: tuple[Column[Row], ...] = (
    Column("primal", LABELS["primal_bound"], _number("primal_bound")),
    Column("dual", LABELS["dual_bound"], _number("dual_bound")),
    Column("gap", LABELS["gap"], lambda row, style: style.share(row.get("gap"))),
    Column("nodes", LABELS["n_nodes"], _fixed("n_nodes")),
    Column("LP its", LABELS["n_lp_iterations"], _fixed("n_lp_iterations")),
    Column("seconds", LABELS["solve_time_s"], _fixed("solve_time_s", 2)),
    Column("MiB", LABELS["peak_mib"], _fixed("peak_mib")),
    Column("holds", LABELS["verification_level"], _level),
)
"""What a solve came to, and whether its solution holds."""
