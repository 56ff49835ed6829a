"""The columns of a comparison's tables, defined once for terminal, page and other formats."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bench.comparison.comparison import BaselineDifference, Comparison, SettingRow
from bench.comparison.wording.narrative import conclusions
from bench.report.tables import PLAIN, Cells, Column, Grid, Style, grid
from bench.statistics.intervals import Interval


def subset_rows(comparison: Comparison, style: Style = PLAIN) -> tuple[Cells, ...]:
    """Return the ratio to the baseline, with a row per setting and a column per subset."""
    return tuple(
        (name, *(ratio_text(table.row(name).against, style) for table in comparison.tables))
        for name in comparison.settings[1:]
    )


def machine_grid(comparison: Comparison, style: Style = PLAIN) -> Grid | None:
    """Return the ratio to the baseline on each machine, with a row per machine and setting."""
    found = comparison.machines
    if found is None:
        return None
    rows = []
    for machine in found.rows:
        reference = style.number(machine.reference_s, 3)
        for at, ratio in enumerate(machine.ratios):
            of_machine = (machine.machine, str(machine.n_pairs), reference)
            value = style.missing if ratio.ratio is None else factor(ratio.ratio)
            interval = interval_text(ratio.interval, style)
            rows.append((*(("", "", "") if at else of_machine), ratio.setting, value, interval))
    header = (found.by.replace("_", " "), "pairs", "reference s", "setting", "ratio", "interval")
    return Grid(header, tuple(rows))


def ratio_text(difference: BaselineDifference | None, style: Style = PLAIN) -> str:
    """Return the ratio to the baseline, e.g. ``0.953``."""
    return (
        style.missing
        if difference is None or difference.ratio is None
        else factor(difference.ratio)
    )


def interval_text(interval: Interval | None, style: Style = PLAIN) -> str:
    """Return an interval, e.g. ``0.91..1.02``."""
    if interval is None:
        return style.missing
    return f"{factor(interval.low)}..{factor(interval.high)}"


def factor(value: float) -> str:
    """Return three decimals, or four digits if that is shorter."""
    return f"{value:.3f}" if value < 10 else f"{value:.4g}"


def _of_pair(
    cell: Callable[[BaselineDifference, Style], str],
) -> Callable[[SettingRow, Style], str]:
    return lambda row, style: style.missing if row.against is None else cell(row.against, style)


def _number(name: str, digits: int = 4) -> Callable[[SettingRow, Style], str]:
    return lambda row, style: style.number(getattr(row, name), digits)


def _spread(name: str, digits: int) -> Callable[[SettingRow, Style], str]:
    return lambda row, style: style.number(getattr(row.variability, name, None), digits)


SETTING: Column[SettingRow] = Column("setting", "setting", lambda row, _: row.setting)
MAIN: tuple[Column[SettingRow], ...] = (
    SETTING,
    Column("solved", "solved", lambda row, _: str(row.solved)),
    Column("limits", "at a limit", lambda row, _: str(row.limits)),
    Column("wrong", "wrong", lambda row, _: str(row.wrong)),
    Column("failed", "failed", lambda row, _: str(row.failed)),
    Column("mean", "mean", _number("sgm")),
    Column("ratio", "ratio", lambda row, style: ratio_text(row.against, style)),
    Column(
        "interval",
        "interval",
        _of_pair(lambda difference, s: interval_text(difference.interval, s)),
    ),
    Column(
        "win/tie/loss",
        "wins/ties/losses",
        _of_pair(lambda difference, _: f"{difference.wins}/{difference.ties}/{difference.losses}"),
    ),
    Column(
        "p (Holm)",
        "p (Holm)",
        _of_pair(lambda difference, style: style.number(difference.p_holm, 2)),
    ),
)
"""Counts, mean, ratio, wins, and the test."""
MORE: tuple[Column[SettingRow], ...] = (
    SETTING,
    Column(
        "disturbed",
        "disturbed (external slowdown)",
        lambda row, style: str(row.disturbed) if row.disturbed else style.missing,
    ),
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
        _of_pair(lambda difference, _: f"+{difference.solved_more}/-{difference.solved_less}"),
    ),
    Column(
        "p",
        "p (McNemar)",
        _of_pair(lambda difference, style: style.number(difference.p_mcnemar, 2)),
    ),
)
"""Nodes, penalised means, integrals, variability, and counts of more solved instances."""
FURTHER: Mapping[str, tuple[str, ...]] = {
    "counts": ("solved", "limits", "wrong", "failed", "disturbed"),
    "nodes": ("nodes",),
    "tests": ("ratio", "interval", "p (Holm)", "solved +/-", "p"),
    "penalised": ("mean", "PAR2", "PAR10", "rank"),
    "integrals": ("primal", "dual", "p-d"),
    "variability": ("CV", "max/min"),
}
"""Further tables by their subject, each with the names of its columns."""


def further_columns(table: str) -> tuple[Column[SettingRow], ...]:
    """Return the columns of a further table."""
    every = {column.name: column for column in (*MAIN, *MORE)}
    return (SETTING, *(every[name] for name in FURTHER[table]))


def summary_grid(comparison: Comparison, style: Style = PLAIN) -> Grid:
    """Return the main table: counts, mean, ratio, interval, wins and conclusion."""
    kinds = {found.setting: found.outcome.value for found in conclusions(comparison)}
    unit = comparison.basis.unit
    columns: tuple[Column[SettingRow], ...] = (
        SETTING,
        MAIN[1],
        Column("wrong/failed", "wrong or failed", lambda row, _: str(row.wrong + row.failed)),
        Column(f"mean ({unit})", f"mean ({unit})", _number("sgm")),
        *MAIN[6:9],
        Column(CONCLUSION, CONCLUSION, lambda row, _: kinds.get(row.setting, BASELINE)),
    )
    return grid(columns, comparison.tables[0].rows, style)


CONCLUSION = "conclusion"
BASELINE = "baseline"
"""The text in place of a conclusion for the baseline itself."""
