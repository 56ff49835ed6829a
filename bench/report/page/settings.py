"""The page's rows of settings: what they change, what they came to, and their intervals."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from bench.comparison.comparison import Comparison, Paired, Row
from bench.comparison.narrative import Outcome, findings
from bench.report.figures.scale import Scale
from bench.report.page.cells import MISSING, Cells, known, number, word
from bench.report.terminal.comparison import interval_text
from bench.statistics.means import TIME_CLIP_S, TIME_SHIFT_S, shifted_geometric_mean

MORE = (
    *("setting", "nodes (sgm, shift 100)", "PAR2 (s)", "PAR10 (s)", "primal integral"),
    *("dual integral", "primal-dual integral", "mean rank", "CV over seeds", "max/min over seeds"),
    *("instances solved more/less often", "p (McNemar)"),
)
ALONE = ("setting", "results", "solved", "at a limit", "wrong", "failed", "mean time (s)")
SOLVED = ("solved", "solved_unverified")
COUNTED = (*SOLVED, "limit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A setting's row: counts, mean, and the ratio to the baseline with its interval.

    ``low``, ``at`` and ``high`` say where the interval is drawn, from 0 to 100; None: nowhere.
    """

    setting: str
    counts: Cells
    sgm: str
    ratio: str
    interval: str
    wins: str
    p: str
    outcome: Outcome | None
    low: float | None = None
    at: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingRows:
    """All settings of a comparison; ``one`` is where the ratio 1 is drawn."""

    rows: tuple[Compared, ...]
    one: float
    more_header: Cells
    more: tuple[Cells, ...]
    subsets_header: Cells
    subsets: tuple[Cells, ...]


def setting_rows(comparison: Comparison) -> SettingRows:
    """Return the rows of a comparison on all blocks, and the ratios on each subset."""
    whole = comparison.tables[0]
    intervals = [row.against.interval for row in whole.rows if row.against and row.against.interval]
    ends = [1.0, *(end for each in intervals for end in (each.low, each.high))]
    scale = Scale.of(ends, 0.0, 100.0, log=True)
    outcomes = {each.setting: each.outcome for each in findings(comparison)}
    header, *more = _without_empty([MORE, *(_more(row) for row in whole.rows)])
    return SettingRows(
        rows=tuple(_compared(row, outcomes.get(row.setting), scale) for row in whole.rows),
        one=round(scale.at(1.0), 2),
        more_header=header,
        more=tuple(more),
        subsets_header=(
            "setting",
            *(f"{each.subset} ({each.n_blocks})" for each in comparison.tables),
        ),
        subsets=tuple(
            (name, *(_ratio(table.row(name).against) for table in comparison.tables))
            for name in comparison.settings[1:]
        ),
    )


def alone_rows(table: pd.DataFrame) -> tuple[Cells, ...]:
    """Return a row a setting without any comparison: what it came to over its own results."""
    rows = []
    for name, own in table.groupby("setting", sort=True, observed=True):
        verdicts = own["verdict"]
        counts = [int(verdicts.isin(kind).sum()) for kind in (SOLVED, ("limit",), ("wrong",))]
        times = own["solve_time_s"][verdicts.isin(COUNTED)].dropna().astype("float64")
        mean = shifted_geometric_mean(times.tolist(), TIME_SHIFT_S, TIME_CLIP_S)
        n = len(own)
        rows.append((str(name), *map(str, (n, *counts, n - sum(counts))), number(mean)))
    return tuple(rows)


def changes(table: pd.DataFrame) -> tuple[Cells, ...]:
    """Return for each setting its solver and the parameters that it changes.

    Imported results do not tell their parameters: their instances have no digest.
    """
    rows = []
    for name, own in table.groupby("setting", sort=True, observed=True):
        first = own.iloc[0]
        params = json.loads(first["params"]) if known(first["params"]) else {}
        changed = ", ".join(f"{each} = {value}" for each, value in params.items())
        executed = known(first["params"]) and own["instance_sha256"].fillna("").ne("").any()
        solver = " ".join(
            str(first[one]) for one in ("solver", "solver_version") if known(first[one])
        )
        none = "none, stock parameters" if executed else MISSING
        rows.append((str(name), word(solver), changed or none))
    return tuple(rows)


def _compared(row: Row, outcome: Outcome | None, scale: Scale) -> Compared:
    pair = row.against
    interval = pair.interval if pair else None
    drawn = pair is not None and pair.ratio is not None and interval is not None
    return Compared(
        setting=row.setting,
        counts=tuple(str(n) for n in (row.solved, row.limits, row.wrong, row.failed)),
        sgm=number(row.sgm),
        ratio=_ratio(pair),
        interval=interval_text(interval) if interval else MISSING,
        wins=f"{pair.wins}/{pair.ties}/{pair.losses}" if pair else MISSING,
        p=number(pair.p_holm, 2) if pair else MISSING,
        outcome=outcome,
        low=round(scale.at(interval.low), 2) if drawn and interval else None,
        at=round(scale.at(pair.ratio), 2) if drawn and pair and pair.ratio else None,
        high=round(scale.at(interval.high), 2) if drawn and interval else None,
    )


def _more(row: Row) -> Cells:
    pair, spread = row.against, row.variability
    return (
        row.setting,
        *(
            number(value)
            for value in (
                *(row.nodes_sgm100, row.par2_s, row.par10_s),
                *(row.primal_integral, row.dual_integral, row.primal_dual_integral, row.rank),
            )
        ),
        number(spread.cv, 2) if spread else MISSING,
        number(spread.max_over_min, 3) if spread else MISSING,
        f"{pair.solved_more}/{pair.solved_less}" if pair else MISSING,
        number(pair.p_mcnemar, 2) if pair else MISSING,
    )


def _ratio(pair: Paired | None) -> str:
    return MISSING if pair is None or pair.ratio is None else f"{pair.ratio:.3f}"


def _without_empty(rows: Sequence[Cells]) -> list[Cells]:
    kept = [column for column in zip(*rows, strict=True) if set(column[1:]) != {MISSING}]
    return [tuple(row) for row in zip(*kept, strict=True)]
