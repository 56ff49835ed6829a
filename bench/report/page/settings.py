"""The page's rows of settings: their changes, their results, and their intervals."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pandas as pd

from bench.comparison.comparison import Comparison, SettingRow
from bench.comparison.wording.narrative import ConclusionKind, conclusions
from bench.model.solver_name import text
from bench.report.comparison_tables import MAIN, MORE, machine_grid, subset_rows
from bench.report.figures.drawing import Scale, Tick
from bench.report.page.cells import MISSING, STYLE, known, number, word
from bench.report.tables import Cells, Grid, grid
from bench.statistics.means import TIME_CLIP_S, TIME_SHIFT_S, shifted_geometric_mean

ALONE = ("setting", "results", "solved", "at a limit", "wrong", "failed", "mean time (s)")
SOLVED = ("solved", "solved_unconfirmed")
COUNTED = (*SOLVED, "limit")
ROUND_RATIOS = (
    *(1.0, 0.5, 2.0, 0.1, 10.0, 0.01, 100.0, 0.2, 5.0, 0.7, 1.5, 0.8, 1.2),
    *(0.9, 1.1, 0.95, 1.05, 0.98, 1.02, 0.99, 1.01),
)
"""Ratios that an axis may show, the most important first."""
APART = 20.0
"""The least distance between them, out of 100."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingCells:
    """A setting's row: counts, mean, and the ratio to the baseline with its interval.

    ``low``, ``at`` and ``high`` are the positions of the interval, from 0 to 100; None: not drawn.
    """

    setting: str
    counts: Cells
    sgm: str
    ratio: str
    interval: str
    wins: str
    p: str
    outcome: ConclusionKind | None
    low: float | None = None
    at: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingRows:
    """All settings of a comparison; ``ticks`` are ratios and their positions."""

    rows: tuple[SettingCells, ...]
    ticks: tuple[Tick, ...]
    more_header: Cells
    more: tuple[Cells, ...]
    subsets_header: Cells
    subsets: tuple[Cells, ...]
    machines: Grid | None


def setting_rows(comparison: Comparison) -> SettingRows:
    """Return the rows of a comparison on all pairs, and the ratios on each subset."""
    whole = comparison.tables[0]
    intervals = [row.against.interval for row in whole.rows if row.against and row.against.interval]
    ends = [1.0, *(end for each in intervals for end in (each.low, each.high))]
    scale = Scale.of(ends, 0.0, 100.0, log=True)
    outcomes = {each.setting: each.outcome for each in conclusions(comparison)}
    main = grid(MAIN, whole.rows, STYLE)
    more = grid(MORE, whole.rows, STYLE, labels=True).without_empty(MISSING)
    return SettingRows(
        rows=tuple(
            _compared(row, cells, outcomes.get(row.setting), scale)
            for row, cells in zip(whole.rows, main.rows, strict=True)
        ),
        ticks=ratio_ticks(scale),
        more_header=more.header,
        more=more.rows,
        subsets_header=(
            "setting",
            *(f"{each.subset} ({each.n_blocks})" for each in comparison.tables),
        ),
        subsets=subset_rows(comparison, STYLE),
        machines=machine_grid(comparison, STYLE),
    )


def ratio_ticks(scale: Scale) -> tuple[Tick, ...]:
    """Return some ratios that fit next to each other, including 1, ascending."""
    exact = {value: f"{value:g}" for value in ROUND_RATIOS if scale.low <= value <= scale.high}
    near = {} if len(exact) > 2 else dict(scale.ticks())
    chosen: list[Tick] = []
    for value, label in (exact | near).items():
        tick = Tick(round(scale.at(value), 2), label)
        if all(abs(tick.at - other.at) >= APART for other in chosen):
            chosen.append(tick)
    return tuple(sorted(chosen, key=lambda tick: tick.at))


def alone_rows(table: pd.DataFrame) -> tuple[Cells, ...]:
    """Return a row per setting without any comparison: its own results.

    A single result has no mean.
    """
    rows = []
    for name, own in table.groupby("setting", sort=True, observed=True):
        verdicts = own["verdict"]
        counts = [int(verdicts.isin(kind).sum()) for kind in (SOLVED, ("limit",), ("wrong",))]
        times = own["solve_time_s"][verdicts.isin(COUNTED)].dropna().astype("float64")
        n = len(own)
        mean = shifted_geometric_mean(times.tolist(), TIME_SHIFT_S, TIME_CLIP_S) if n > 1 else None
        rows.append((str(name), *map(str, (n, *counts, n - sum(counts))), number(mean)))
    return tuple(rows)


def changes(table: pd.DataFrame) -> tuple[Cells, ...]:
    """Return for each setting its solver and the parameters that it changes.

    The parameters of imported results are unknown; their instances have no digest.
    """
    rows = []
    for name, own in table.groupby("setting", sort=True, observed=True):
        first = own.iloc[0]
        params = json.loads(first["params"]) if known(first["params"]) else {}
        changed = ", ".join(f"{each} = {value}" for each, value in params.items())
        executed = known(first["params"]) and own["instance_sha256"].fillna("").ne("").any()
        solver = text(
            *(str(first[one]) if known(first[one]) else "" for one in ("solver", "solver_version"))
        )
        none = "none, stock parameters" if executed else MISSING
        rows.append((str(name), word(solver), changed or none))
    return tuple(rows)


def _compared(
    row: SettingRow, cells: Cells, outcome: ConclusionKind | None, scale: Scale
) -> SettingCells:
    """Return a row of the columns ``MAIN``, and the position of its interval."""
    difference = row.against
    interval = difference.interval if difference else None
    drawn = difference is not None and difference.ratio is not None and interval is not None
    setting, *counts, sgm, ratio, interval_cell, wins, p = cells
    return SettingCells(
        setting=setting,
        counts=tuple(counts),
        sgm=sgm,
        ratio=ratio,
        interval=interval_cell,
        wins=wins,
        p=p,
        outcome=outcome,
        low=round(scale.at(interval.low), 2) if drawn and interval else None,
        at=round(scale.at(difference.ratio), 2)
        if drawn and difference and difference.ratio
        else None,
        high=round(scale.at(interval.high), 2) if drawn and interval else None,
    )
