"""What a selector learns from: the statistics of each instance, and what each setting costs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bench.comparison.compare import prepare
from bench.comparison.costs import penalised
from bench.comparison.options import Options
from bench.comparison.paired import Sample
from bench.errors import UsageError
from bench.instances.labels import family
from bench.model.results.fields import PROBLEM, Kind
from bench.statistics.arrays import Floats

PENALTY = 10.0
"""What is not solved, wrong or failed costs so many times the time limit (PAR10)."""
SHIFT_S = 1.0
MIN_INSTANCES = 10
FEATURES = tuple(
    field.column for field in PROBLEM if field.column and field.kind in {Kind.NUMBER, Kind.WHOLE}
)
"""Statistics of a problem, read before it is solved."""
SHARES = (
    *(("n_bins", "n_vars"), ("n_ints", "n_vars"), ("n_conts", "n_vars")),
    *(("n_conss", "n_vars"), ("n_nonzeros", "n_conss"), ("n_nonzeros", "n_vars")),
)
"""Ratios of statistics, which do not grow with the size of an instance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    """Instances with their statistics and costs.

    ``statistics`` has shape (instances, features), ``costs`` (instances, settings): the mean over
    seeds of ln(PAR10 + 1 s). ``families`` are those of the instances. ``notes`` say what was left
    out.
    """

    instances: tuple[str, ...]
    families: tuple[str, ...]
    features: tuple[str, ...]
    settings: tuple[str, ...]
    statistics: Floats
    costs: Floats
    notes: tuple[str, ...]


def examples(frame: pd.DataFrame, options: Options) -> Examples:
    """Return what a table of results has to learn from.

    UsageError where there is nothing to choose from, or too little to learn from.
    """
    ready = prepare(frame, options)
    pairs = ready.pairs
    values = penalised(pairs, PENALTY)
    if np.isnan(values).any():
        raise UsageError(
            "what is not solved costs ten times the time limit, and some results have no limit; "
            "execute the sweep with --time-limit"
        )
    logs = Sample(values, pairs.solved, pairs.instance).by_instance(np.log(values + SHIFT_S))
    first = np.flatnonzero(np.diff(pairs.instance, prepend=-1))
    rows = pairs.results.iloc[pairs.rows[first, 0]]
    names = rows["instance"].astype(str).tolist()
    known = _statistics(frame, names)
    there = known.notna().any(axis=1).to_numpy()
    if not there.any():
        raise UsageError(
            "the results have no statistics of the problems; those of bench run and bench sweep "
            "have them"
        )
    known = known.loc[:, known[there].notna().all()]
    known = known.loc[:, known[there].max() > known[there].min()]
    if int(there.sum()) < MIN_INSTANCES:
        raise UsageError(
            f"{int(there.sum())} instances have results of all settings and statistics; learning "
            f"takes {MIN_INSTANCES} at least"
        )
    if known.shape[1] == 0:
        raise UsageError(
            "the statistics of all instances are the same, so that nothing tells them apart"
        )
    chosen = [name for name, is_there in zip(names, there, strict=True) if is_there]
    n_without = len(names) - len(chosen)
    notes = (*ready.notes,)
    if n_without:
        notes = (*notes, f"{n_without} of {len(names)} instances have no statistics: left out")
    return Examples(
        instances=tuple(chosen),
        families=tuple(map(family, chosen)),
        features=tuple(map(str, known.columns)),
        settings=pairs.settings,
        statistics=scaled(known[there].to_numpy(np.float64)),
        costs=logs[there],
        notes=notes,
    )


def scaled(values: Floats) -> Floats:
    """Return statistics on a scale on which a hundred and a million are not worlds apart."""
    return np.asarray(np.sign(values) * np.log1p(np.abs(values)))


def _statistics(frame: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Return the statistics of each instance: those of its first result that has them."""
    columns = [name for name in FEATURES if name in frame]
    by_name = frame[columns].astype("float64").groupby(frame["instance"].astype(str)).first()
    shares = {
        f"{part}/{whole}": by_name[part] / by_name[whole].clip(lower=1)
        for part, whole in SHARES
        if part in by_name and whole in by_name
    }
    return by_name.assign(**shares).reindex(names)
