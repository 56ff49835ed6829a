"""Sample new candidates: changes of the incumbent or a starting point, by optuna."""

from __future__ import annotations

import math
import random
import warnings
from enum import StrEnum
from typing import TYPE_CHECKING

from bench.errors import UsageError
from bench.model.setting import ParameterValue
from bench.tuning.candidate import STOCK, Candidate
from bench.tuning.space import Dimension, Space

if TYPE_CHECKING:
    import optuna

FRESH_SHARE = 0.1
"""The share of candidates that do not start from the incumbent."""
N_STARTS = 5
"""The number of best starting points that candidates start from."""
WORST = 5.0
"""The largest log ratio that is passed to a sampler, which accepts no infinity."""
_TRIES = 50


class SamplerName(StrEnum):
    """How values are chosen: by earlier results (TPE), at random, or evenly spread (QMC)."""

    TPE = "tpe"
    RANDOM = "random"
    QMC = "qmc"


class Sampling:
    """Samples candidates of a space; its optuna study is in memory.

    The same calls in the same order give the same candidates.
    """

    def __init__(self, space: Space, sampler: SamplerName, seed: int) -> None:
        """Begin without knowledge. UsageError if optuna is not installed."""
        self._space = space
        self._sampler = sampler
        self._random = random.Random(seed)  # noqa: S311  no secret
        self._study = _study(sampler, seed)
        self._trials: dict[str, optuna.trial.Trial] = {}
        self._seen: set[object] = set()
        self._starts: list[tuple[float, str]] = []
        self._n = 0

    def sample(self, incumbent: Candidate, n: int) -> list[Candidate]:
        """Return up to this many candidates that were never sampled before."""
        found: list[Candidate] = []
        self._seen.add(incumbent.content)
        for _ in range(_TRIES * n):
            if len(found) == n:
                break
            trial = self._study.ask()
            candidate = self._drawn(incumbent, trial)
            if candidate.content in self._seen or not candidate.changes:
                self._study.tell(trial, state=_failed())
                continue
            self._seen.add(candidate.content)
            self._trials[candidate.name] = trial
            self._n += 1
            found.append(candidate)
        return found

    def learn(self, candidate: Candidate, log_ratio: float) -> None:
        """Receive the log ratio of a candidate's cost to that of stock."""
        trial = self._trials.pop(candidate.name, None)
        value = min(log_ratio, WORST) if math.isfinite(log_ratio) else WORST
        if trial is not None:
            self._study.tell(trial, value)
        elif not candidate.changes:
            self._seen.add(candidate.content)
            self._starts = sorted([*self._starts, (value, candidate.name)])[:N_STARTS]

    def _n_changes(self, most: int) -> int:
        """Return how many values change: one as often as two to three, four to seven, and so on.

        Small steps refine a good setting, large ones find another.
        """
        return round(math.exp(self._random.uniform(0.0, math.log(most)))) if most else 0

    def _drawn(self, incumbent: Candidate, trial: optuna.trial.Trial) -> Candidate:
        base = incumbent
        if self._starts and self._random.random() < FRESH_SHARE:
            start = self._random.choice([STOCK, *(name for _, name in self._starts)])
            base = Candidate(name=start, start=start)
        free = [dimension for dimension in self._space.dimensions if dimension.is_free]
        n_changes = self._n_changes(len(free))
        chosen = {each.name for each in self._random.sample(free, n_changes)} if free else set()
        changes = dict(base.changes)
        for dimension in free:
            if dimension.name in chosen or self._sampler is SamplerName.QMC:
                value = _suggested(trial, dimension)
                if dimension.name in chosen:
                    changes[dimension.name] = value
        return Candidate(
            name=f"c{self._n + 1:03d}",
            start=base.start,
            changes=_plain(changes, base.start, self._space),
        )


def _plain(
    changes: dict[str, ParameterValue], start: str, space: Space
) -> dict[str, ParameterValue]:
    """Return the effective changes: their conditions hold, and they differ from the start."""
    of_start = space.starts.get(start, {})
    known = {one.name: one for one in space.dimensions}

    def value_of(name: str) -> ParameterValue | None:
        stock = known[name].stock if name in known else None
        return changes.get(name, of_start.get(name, stock))

    return {
        name: value
        for name, value in changes.items()
        if value != of_start.get(name, known[name].stock)
        and all(value_of(other) in wanted for other, wanted in known[name].condition.items())
    }


def _suggested(trial: optuna.trial.Trial, dimension: Dimension) -> ParameterValue:
    if dimension.choices:
        position = trial.suggest_categorical(dimension.name, list(range(len(dimension.choices))))
        return dimension.choices[position]
    if dimension.whole:
        return trial.suggest_int(
            dimension.name, int(dimension.low), int(dimension.high), log=dimension.log
        )
    value = trial.suggest_float(dimension.name, dimension.low, dimension.high, log=dimension.log)
    return float(f"{value:.4g}")


def _study(sampler: SamplerName, seed: int) -> optuna.Study:
    try:
        import optuna  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise UsageError(
            "bench tune needs optuna, which is not installed: pip install 'scip-bench[tune]'"
        ) from error
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna.create_study(sampler=_sampler(sampler, seed), direction="minimize")


def _sampler(sampler: SamplerName, seed: int) -> optuna.samplers.BaseSampler:
    import optuna  # noqa: PLC0415 - an extra
    from optuna import samplers  # noqa: PLC0415 - an extra

    match sampler:
        case SamplerName.TPE:
            return samplers.TPESampler(seed=seed)
        case SamplerName.RANDOM:
            return samplers.RandomSampler(seed=seed)
        case SamplerName.QMC:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
                even: samplers.BaseSampler = samplers.QMCSampler(
                    seed=seed, scramble=True, warn_independent_sampling=False
                )
            return even


def _failed() -> optuna.trial.TrialState:
    import optuna  # noqa: PLC0415 - an extra

    return optuna.trial.TrialState.FAIL
