"""The tables of a comparison: their columns once, for the terminal, the page and other formats."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.comparison.comparison import Comparison, Paired, Row, Table
from bench.statistics.intervals import Interval

Cells = tuple[str, ...]
"""A row, ready to be shown."""


@dataclass(frozen=True, slots=True)
class Style:
    """How cells are written: what stands where nothing is known, and numbers in so many digits."""

    missing: str
    digits: Callable[[float, int], str]

    def number(self, value: float | None, digits: int = 4) -> str:
        """Return a number, or what stands for none."""
        return self.missing if value is None else self.digits(value, digits)


PLAIN = Style("-", lambda value, digits: f"{value:.{digits}g}")
"""As in the terminal."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column with a row a setting; ``label`` is its name where there is room for it."""

    name: str
    label: str
    cell: Callable[[Row, Style], str]


@dataclass(frozen=True, slots=True)
class Grid:
    """A header and rows of as many cells."""

    header: Cells
    rows: tuple[Cells, ...]

    def without_empty(self, missing: str) -> Grid:
        """Leave out the columns in which no row says anything."""
        columns = zip(self.header, *self.rows, strict=True)
        header, *rows = zip(*(each for each in columns if set(each[1:]) != {missing}), strict=True)
        return Grid(header, tuple(rows))


def grid(
    columns: Sequence[Column], table: Table, style: Style = PLAIN, *, labels: bool = False
) -> Grid:
    """Return these columns of a table, with their labels or their short names above them."""
    return Grid(
        tuple(column.label if labels else column.name for column in columns),
        tuple(tuple(column.cell(row, style) for column in columns) for row in table.rows),
    )


def subset_rows(comparison: Comparison, style: Style = PLAIN) -> tuple[Cells, ...]:
    """Return the ratio to the baseline, a row a setting, a column a subset."""
    return tuple(
        (name, *(ratio_text(table.row(name).against, style) for table in comparison.tables))
        for name in comparison.settings[1:]
    )


def ratio_text(pair: Paired | None, style: Style = PLAIN) -> str:
    """Return the ratio to the baseline, e.g. ``0.953``."""
    return style.missing if pair is None or pair.ratio is None else _factor(pair.ratio)


def interval_text(interval: Interval | None, style: Style = PLAIN) -> str:
    """Return an interval, e.g. ``0.91..1.02``."""
    if interval is None:
        return style.missing
    return f"{_factor(interval.low)}..{_factor(interval.high)}"


def _factor(value: float) -> str:
    """Return three decimals, or four digits where that is less."""
    return f"{value:.3f}" if value < 10 else f"{value:.4g}"


def _of_pair(cell: Callable[[Paired, Style], str]) -> Callable[[Row, Style], str]:
    return lambda row, style: style.missing if row.against is None else cell(row.against, style)


def _number(name: str, digits: int = 4) -> Callable[[Row, Style], str]:
    return lambda row, style: style.number(getattr(row, name), digits)


def _spread(name: str, digits: int) -> Callable[[Row, Style], str]:
    return lambda row, style: style.number(getattr(row.variability, name, None), digits)


SETTING = Column("setting", "setting", lambda row, _: row.setting)
MAIN = (
    SETTING,
    Column("solved", "solved", lambda row, _: str(row.solved)),
    Column("limits", "at a limit", lambda row, _: str(row.limits)),
    Column("wrong", "wrong", lambda row, _: str(row.wrong)),
    Column("failed", "failed", lambda row, _: str(row.failed)),
    Column("sgm", "mean", _number("sgm")),
    Column("ratio", "ratio", lambda row, style: ratio_text(row.against, style)),
    Column("interval", "interval", _of_pair(lambda pair, s: interval_text(pair.interval, s))),
    Column(
        "win/tie/loss",
        "wins/ties/losses",
        _of_pair(lambda pair, _: f"{pair.wins}/{pair.ties}/{pair.losses}"),
    ),
    Column("p (Holm)", "p (Holm)", _of_pair(lambda pair, style: style.number(pair.p_holm, 2))),
)
"""Counts, mean, ratio, wins, and the test."""
MORE = (
    SETTING,
    Column("nodes", "nodes (sgm, shift 100)", _number("nodes_sgm100")),
    Column("PAR2", "PAR2 (s)", _number("par2_s")),
    Column("PAR10", "PAR10 (s)", _number("par10_s")),
    Column("primal", "primal integral", _number("primal_integral")),
    Column("dual", "dual integral", _number("dual_integral")),
    Column("p-d", "primal-dual integral", _number("primal_dual_integral")),
    Column("rank", "mean rank", _number("rank")),
    Column("CV", "CV over seeds", _spread("cv", 2)),
    Column("max/min", "max/min over seeds", _spread("max_over_min", 3)),
    Column(
        "solved +/-",
        "instances solved more/less often",
        _of_pair(lambda pair, _: f"+{pair.solved_more}/-{pair.solved_less}"),
    ),
    Column("p", "p (McNemar)", _of_pair(lambda pair, style: style.number(pair.p_mcnemar, 2))),
)
"""Nodes, penalised means, integrals, variability, and who solves more."""
