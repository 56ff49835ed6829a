"""The training data of a selector: statistics of each instance, and costs of each setting."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from bench.comparison.compare import prepare
from bench.comparison.costs import penalised
from bench.comparison.options import Failures, Options
from bench.comparison.paired import Sample
from bench.comparison.pairs import Pairs, unnamed_baseline
from bench.errors import UsageError
from bench.instances.labels import family
from bench.selection.features import features
from bench.statistics.arrays import Floats

PENALTY = 10.0
"""Unsolved, wrong and failed results cost this many times the time limit (PAR10)."""
SHIFT_S = 1.0
MIN_INSTANCES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    """Instances with their statistics and costs.

    ``statistics`` has shape (instances, features) and NaN where a statistic is unknown, ``costs``
    (instances, settings): the mean over seeds of ln(PAR10 + 1 s). ``families`` are those of the
    instances, ``programs`` the solvers with their versions. ``notes`` are about excluded data,
    ``warnings`` about anything that may mislead.
    """

    instances: tuple[str, ...]
    families: tuple[str, ...]
    features: tuple[str, ...]
    settings: tuple[str, ...]
    programs: tuple[str, ...]
    statistics: Floats
    costs: Floats
    notes: tuple[str, ...]
    warnings: tuple[str, ...]


def examples(frame: pd.DataFrame, options: Options) -> Examples:
    """Return the training data in a table of results.

    With ``force``, results with the same setting name belong together, even if their parameters
    differ. Raise UsageError if there are too few settings or instances.
    """
    if frame["setting"].nunique() < 2:
        raise UsageError(
            "there is only one setting, so that there is nothing to choose; execute several on the "
            "same instances with bench sweep"
        )
    if options.force:
        frame = frame.drop(columns="params", errors="ignore")
    else:
        _refuse_same_names(frame)
    baseline = options.baseline or unnamed_baseline({str(name) for name in frame["setting"]})
    ready = prepare(frame, replace(options, baseline=baseline, failures=Failures.PAR10))
    pairs = ready.pairs
    values = penalised(pairs, PENALTY)
    if np.isnan(values).any():
        raise UsageError(
            "an unsolved task counts ten times its time limit, and some results have no limit; "
            "execute the sweep with --time-limit"
        )
    logs = Sample(values, pairs.solved, pairs.instance).by_instance(np.log(values + SHIFT_S))
    first = np.flatnonzero(np.diff(pairs.instance, prepend=-1))
    names = pairs.results.iloc[pairs.rows[first, 0]]["instance"].astype(str).tolist()
    of_all = features(frame).groupby(frame["instance"].astype(str)).first().reindex(names)
    there = of_all.notna().any(axis=1).to_numpy()
    if not there.any():
        raise UsageError(
            "the results have no statistics of the problems; those of bench run and bench sweep "
            "have them"
        )
    n_there = int(there.sum())
    if n_there < MIN_INSTANCES:
        have = "1 instance has" if n_there == 1 else f"{n_there} instances have"
        raise UsageError(
            f"{have} results of all settings and statistics; learning needs at least "
            f"{MIN_INSTANCES}"
        )
    known = of_all.loc[there]
    known = known.loc[:, known.max() > known.min()]
    if known.shape[1] == 0:
        raise UsageError(
            "all instances have the same statistics, so a selector cannot distinguish them"
        )
    chosen = [name for name, is_there in zip(names, there, strict=True) if is_there]
    return Examples(
        instances=tuple(chosen),
        families=tuple(map(family, chosen)),
        features=tuple(map(str, known.columns)),
        settings=pairs.settings,
        programs=_programs(pairs),
        statistics=known.to_numpy(np.float64),
        costs=logs[there],
        notes=(*ready.notes, *_notes(len(names), known)),
        warnings=(*ready.warnings, *_bad(pairs)),
    )


def _refuse_same_names(frame: pd.DataFrame) -> None:
    """Raise UsageError if results of one name belong to settings with other parameters."""
    if "params" not in frame:
        return
    known = frame[["setting", "params"]].dropna().astype(str).drop_duplicates()
    for name, params in known.groupby("setting")["params"]:
        if len(params) > 1:
            raise UsageError(
                f"setting {name!r} has other parameters in some results ({params.iloc[0]}) than in "
                f"others ({params.iloc[1]}); evaluate the sweeps one at a time, or execute one of "
                "them again with another name for the setting (--force: the newest results count)"
            )


def _programs(pairs: Pairs) -> tuple[str, ...]:
    """Return each solver with its version, e.g. ``scip 10.0.2``."""
    used = pairs.results.iloc[pairs.rows.ravel()][["solver", "solver_version"]].astype(str)
    return tuple(sorted({" ".join(row).strip() for row in used.itertuples(index=False)}))


def _notes(n_names: int, known: pd.DataFrame) -> Iterator[str]:
    if n_without := n_names - len(known):
        yield f"{n_without} of {n_names} instances have no statistics: left out"
    if n_gaps := int(known.isna().any(axis=1).sum()):
        yield (
            f"{n_gaps} of {len(known)} instances lack some statistics; the median of the others "
            "replaces them"
        )


def _bad(pairs: Pairs) -> Iterator[str]:
    """Yield a line for each setting with wrong answers or failures."""
    for at, name in enumerate(pairs.settings):
        counts = (
            (int(pairs.wrong[:, at].sum()), "wrong"),
            (int(pairs.failed[:, at].sum()), "failed"),
        )
        told = " and ".join(f"{n} {what}" for n, what in counts if n)
        if told:
            yield f"{name}: {told} of {len(pairs)} results; each costs ten times the time limit"
