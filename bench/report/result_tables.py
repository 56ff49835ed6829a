"""The columns of results, defined once for terminal and page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bench.model.results.fields import LABELS
from bench.model.results.verification import Quantity
from bench.report.tables import Column, Style
from bench.verification.solutions import NOTABLE

Row = Mapping[str, Any]
"""A row of `bench.journal.table`; None for unknown values."""


def _word(name: str) -> Callable[[Row, Style], str]:
    return lambda row, style: style.word(row.get(name))


def _number(name: str) -> Callable[[Row, Style], str]:
    return lambda row, style: style.number(row.get(name), 8)


def _fixed(name: str, decimals: int = 0) -> Callable[[Row, Style], str]:
    return lambda row, style: style.fixed(row.get(name), decimals)


ONE_READER = "one reader"
MARK = "*"
"""The mark of a tolerance that the solution satisfies only relative to the numbers in a row."""
MARKED = (
    f"{MARK} off by more than {NOTABLE:g} in absolute terms; the tolerance is relative to the "
    "numbers in the row"
)
VIOLATIONS = tuple(f"violation_{quantity}_abs" for quantity in Quantity)


def is_marked(row: Row) -> bool:
    """Return whether a violation is large, but small relative to its place."""
    numbers = (row.get(name) for name in VIOLATIONS)
    return row.get("verification_level") not in {None, "none"} and any(
        number is not None and number > NOTABLE for number in numbers
    )


def _level(row: Row, style: Style) -> str:
    """Return the tolerance at which the solution is feasible, or NO."""
    level = row.get("verification_level")
    if level == "none":
        return "NO"
    return style.word(level) + (MARK if is_marked(row) else "")


def _confirmed_by(row: Row, style: Style) -> str:
    """Return the confirmation of a solved result; ``one reader`` if only one can read the file."""
    confirmed = row.get("confirmed_by")
    return style.word(confirmed or (ONE_READER if row.get("one_reader") else None))


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
    Column("feasible", LABELS["verification_level"], _level),
    Column("confirmed", LABELS["confirmed_by"], _confirmed_by),
)
"""The outcome of a solve, the tolerance at which its solution is feasible, and its confirmation."""
