"""The table of a subset: a row per setting, the virtual best, and the single best."""

from __future__ import annotations

from typing import Any

import numpy as np

from bench.comparison.comparison import (
    BaselineDifference,
    SettingRow,
    SingleBest,
    SubsetTable,
    VirtualBest,
)
from bench.comparison.costs import Costs, penalised, recorded
from bench.comparison.evidence import hidden
from bench.comparison.options import NODES, SOLVE, Options
from bench.comparison.paired import Sample, against_baseline
from bench.comparison.pairs import Pairs, numbered
from bench.statistics.arrays import Bools, Floats, number
from bench.statistics.intervals import Variability, unshifted, variability
from bench.statistics.means import NODE_SHIFT, TIME_CLIP_S, TIME_SHIFT_S
from bench.statistics.tests import Omnibus, friedman, ranks

COUNTS = ("solved", "limits", "wrong", "failed", "disturbed", "wins_any")


def table(
    all_pairs: Pairs, costs: Costs, options: Options, name: str, members: Bools
) -> SubsetTable:
    """Return all numbers of a subset; ``members`` are the pairs in it."""
    counted = members & costs.counted
    raw = costs.amounts[counted]
    sample = _sample(all_pairs, costs, options, counted)
    nodes = recorded(all_pairs, NODES)[counted]
    par10 = _penalised(all_pairs, options, 10.0)[members]
    ranked, omnibus = _ranking(all_pairs, par10, sample, members, options.alpha)
    columns = {
        **_counts(all_pairs, members),
        "sgm": _sgm(sample, sample.costs, options.shift_used),
        "mean": _average(sample, sample.costs),
        "geometric_mean": _sgm(sample, sample.costs, 0.0),
        "median": np.median(sample.costs, axis=0) if len(raw) else _mean(raw),
        "total": raw.sum(axis=0),
        **_others(all_pairs, sample, counted, nodes),
        "par2_s": _mean(_penalised(all_pairs, options, 2.0)[members]),
        "par10_s": _mean(par10),
        "rank": ranked,
        "wins_any": _wins(sample, options.ratio_tolerance),
    }
    varies = [variability(column, sample.instance) for column in raw.T]
    pairs = against_baseline(
        sample,
        hidden(all_pairs, costs, options, counted),
        _sample(all_pairs, costs, options, members),
        options,
    )
    rows = tuple(
        _row(setting, {key: values[at] for key, values in columns.items()}, varies[at], pairs[at])
        for at, setting in enumerate(all_pairs.settings)
    )
    return SubsetTable(
        subset=name,
        n_blocks=int(members.sum()),
        n_counted=int(counted.sum()),
        n_instances=sample.n_instances,
        rows=rows,
        virtual_best=VirtualBest(
            solved=int(all_pairs.solved[members].any(axis=1).sum()),
            sgm=_virtual(sample, sample.costs, options.shift_used),
            nodes_sgm100=_virtual(sample, nodes, NODE_SHIFT),
            par10_s=number(par10.min(axis=1).mean()) if len(par10) else None,
        ),
        single_best=_single_best(rows),
        omnibus=omnibus,
    )


def _penalised(pairs: Pairs, options: Options, factor: float) -> Floats:
    return penalised(pairs, factor, options.of if options.of.is_time else SOLVE)


def _counts(pairs: Pairs, members: Bools) -> dict[str, Floats]:
    kinds = {
        "solved": pairs.solved,
        "limits": pairs.limits,
        "wrong": pairs.wrong,
        "failed": pairs.failed,
        "disturbed": pairs.numbers("disturbed"),
    }
    return {name: each[members].sum(axis=0).astype(np.float64) for name, each in kinds.items()}


def _others(pairs: Pairs, sample: Sample, counted: Bools, nodes: Floats) -> dict[str, Floats]:
    """Return the values that are always shown next to the chosen measure."""
    times = np.maximum(recorded(pairs, SOLVE)[counted], TIME_CLIP_S)
    percent_seconds = pairs.numbers("primal_dual_integral")[counted]
    return {
        "time_sgm1_s": _sgm(sample, times, TIME_SHIFT_S),
        "nodes_sgm100": _sgm(sample, nodes, NODE_SHIFT),
        "primal_integral": _mean_known(pairs.numbers("primal_integral")[counted]),
        "dual_integral": _mean_known(pairs.numbers("dual_integral")[counted]),
        "primal_dual_integral": _mean_known(percent_seconds / 100),
    }


def _sample(pairs: Pairs, costs: Costs, options: Options, chosen: Bools) -> Sample:
    values = costs.amounts[chosen]
    if options.clip_used is not None:
        values = np.maximum(values, options.clip_used)
    return Sample(values, pairs.solved[chosen], numbered(pairs.instance[chosen]))


def _row(
    setting: str,
    numbers: dict[str, float],
    varies: Variability | None,
    difference: BaselineDifference | None,
) -> SettingRow:
    values: dict[str, Any] = {
        key: int(value) if key in COUNTS else number(value) for key, value in numbers.items()
    }
    return SettingRow(
        setting=setting,
        **values,
        variability=varies,
        against=difference,
    )


def _average(sample: Sample, values: Floats) -> Floats:
    if not len(values):
        return np.full(values.shape[1], np.nan)
    return np.asarray(sample.by_instance(values).mean(axis=0), dtype=np.float64)


def _sgm(sample: Sample, values: Floats, shift: float) -> Floats:
    with np.errstate(divide="ignore"):
        logs = np.log(values + shift)
    return unshifted(_average(sample, logs), shift)


def _virtual(sample: Sample, values: Floats, shift: float) -> float | None:
    return (
        number(_sgm(sample, values.min(axis=1, keepdims=True), shift)[0]) if len(values) else None
    )


def _mean(values: Floats) -> Floats:
    if not len(values):
        return np.full(values.shape[1], np.nan)
    return np.asarray(values.mean(axis=0), dtype=np.float64)


def _mean_known(values: Floats) -> Floats:
    """Return the means over the pairs on which all settings have a value."""
    return _mean(values[~np.isnan(values).any(axis=1)])


def _wins(sample: Sample, tolerance: float) -> Floats:
    if not len(sample.costs):
        return np.zeros(sample.costs.shape[1])
    best = sample.costs.min(axis=1, keepdims=True)
    return np.asarray((sample.costs <= tolerance * best).sum(axis=0), dtype=np.float64)


def _ranking(
    pairs: Pairs, par10: Floats, sample: Sample, members: Bools, alpha: float
) -> tuple[Floats, Omnibus | None]:
    """Return average ranks, by PAR10 if the limits are known, else by the counted values."""
    ranked = sample
    costs = sample.costs
    if not np.isnan(par10).any():
        ranked, costs = Sample(par10, par10 > 0, numbered(pairs.instance[members])), par10
    if not len(costs):
        return np.full(len(pairs.settings), np.nan), None
    each = ranks(ranked.by_instance(costs))
    return np.asarray(each.mean(axis=0), dtype=np.float64), friedman(each, alpha)


def _single_best(rows: tuple[SettingRow, ...]) -> SingleBest:
    return SingleBest(
        by_sgm=_least([(row.sgm, row.setting) for row in rows]),
        by_par10=_least([(row.par10_s, row.setting) for row in rows]),
    )


def _least(rows: list[tuple[float | None, str]]) -> str | None:
    known = [(value, setting) for value, setting in rows if value is not None]
    return min(known, key=lambda pair: pair[0])[1] if known else None
