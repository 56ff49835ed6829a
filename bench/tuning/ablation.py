"""The reasons for the winner: from the stock setting to the winner, one change after the other.

Each change is tried alone, then all of them are added in the order of their gains. All settings
solve the same training pairs with seeds that the race did not use, so that the luck of the winner
is not measured. It says nothing about unseen instances.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bench.statistics.intervals import Interval
from bench.tuning.candidate import STOCK, Candidate, start_candidate
from bench.tuning.race import Batch, Costs, Pair, Solve
from bench.tuning.scores import Cost
from bench.tuning.space import Space

ALPHA = 0.05
LEAST_PAIRS = 4
"""With fewer pairs, single changes are not evaluated."""
KEPT_SHARE = 0.95
"""The share of the winner's gain that the smallest setting keeps."""
FIRST_SEED = 1_000_000
"""The first seed of the ablation; those of the race are smaller."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """One change and its gain: ratios of mean costs, below 1 if it is faster.

    ``alone`` compares the change alone with stock, ``after`` all changes up to this one. Intervals
    are by instance, at 95 %.
    """

    label: str
    alone: float
    alone_interval: Interval | None
    after: float
    after_interval: Interval | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ablation:
    """The contributions in the order in which they were added, and the number of pairs.

    ``smallest`` has the first changes that together keep 95 % of the gain; it is the winner itself
    if all are needed.
    """

    contributions: tuple[Contribution, ...]
    n_pairs: int
    n_instances: int
    smallest: Candidate


def groups_of(winner: Candidate) -> list[str]:
    """Return the changes of a winner: the emphases of its start, and its parameters."""
    starts = [] if winner.start == STOCK else winner.start.split(" ")
    return [*starts, *winner.changes]


def ablation(
    winner: Candidate, space: Space, n_instances: int, budget_s: float, mean_s: float
) -> Generator[Batch, Costs, Ablation | None]:
    """Yield the solves of an ablation; None if the budget is too small.

    ``mean_s`` is the expected duration of a solve.
    """
    labels = groups_of(winner)
    n_settings = 2 * len(labels) if len(labels) > 1 else 2
    affordable = int(budget_s / max(n_settings * mean_s, 1e-3))
    if not labels or affordable < LEAST_PAIRS:
        return None
    n_pairs = min(affordable, 3 * n_instances)
    pairs = [Pair(at % n_instances, FIRST_SEED + at // n_instances) for at in range(n_pairs)]
    stock = start_candidate(STOCK)
    alone = {label: _part(winner, [label], space, f"only {label}") for label in labels}
    known = yield from _solved([stock, *alone.values()], pairs)
    logs = {label: _logs(known, stock, one, pairs) for label, one in alone.items()}
    order = sorted(labels, key=lambda label: statistics.fmean(logs[label]))
    path = {
        label: _part(winner, order[: at + 1], space, f"up to {label}")
        for at, label in enumerate(order)
    }
    path[order[0]] = alone[order[0]]
    known |= yield from _solved([one for label, one in path.items() if label != order[0]], pairs)
    after = {label: _logs(known, stock, one, pairs) for label, one in path.items()}
    instances = [pair.instance for pair in pairs]
    contributions = tuple(
        Contribution(
            label=label,
            alone=math.exp(statistics.fmean(logs[label])),
            alone_interval=interval_of(logs[label], instances),
            after=math.exp(statistics.fmean(after[label])),
            after_interval=interval_of(after[label], instances),
        )
        for label in order
    )
    return Ablation(
        contributions=contributions,
        n_pairs=n_pairs,
        n_instances=len(set(instances)),
        smallest=_smallest(path, after, winner),
    )


def _smallest(
    path: Mapping[str, Candidate], after: Mapping[str, Sequence[float]], winner: Candidate
) -> Candidate:
    means = {label: statistics.fmean(logs) for label, logs in after.items()}
    gain = list(means.values())[-1]
    if gain >= 0:
        return winner
    last = list(path)[-1]
    chosen = next((label for label in path if means[label] <= KEPT_SHARE * gain), last)
    return winner if chosen == last else path[chosen]


def _part(winner: Candidate, labels: Sequence[str], space: Space, name: str) -> Candidate:
    """Return the winner with only these changes."""
    starts = winner.start.split(" ") if winner.start != STOCK else []
    kept = " ".join(each for each in starts if each in labels)
    return Candidate(
        name=name,
        start=kept if kept in space.starts else STOCK,
        changes={key: value for key, value in winner.changes.items() if key in labels},
    )


def _solved(
    candidates: Sequence[Candidate], pairs: Sequence[Pair]
) -> Generator[Batch, Costs, dict[tuple[Candidate, Pair], Cost]]:
    """Solve all pairs by all candidates, those of a pair one after the other."""
    batch = tuple(Solve(one, pair) for pair in pairs for one in candidates)
    if not batch:
        return {}
    costs = yield batch
    return {(solve.candidate, solve.pair): costs[solve] for solve in batch}


def _logs(
    known: Mapping[tuple[Candidate, Pair], Cost],
    stock: Candidate,
    one: Candidate,
    pairs: Sequence[Pair],
) -> list[float]:
    """Return the log ratios to stock; a wrong answer counts as ten times as slow."""
    found = []
    for pair in pairs:
        difference = known[one, pair].log - known[stock, pair].log
        found.append(difference if math.isfinite(difference) else math.log(10.0))
    return found


def interval_of(logs: Sequence[float], instances: Sequence[int]) -> Interval | None:
    """Return Student's interval of the ratio by instance, None for a single instance."""
    from scipy.special import stdtrit  # noqa: PLC0415 - takes a while

    means = np.array(
        [
            statistics.fmean(log for log, own in zip(logs, instances, strict=True) if own == each)
            for each in sorted(set(instances))
        ]
    )
    n = len(means)
    if n < 2:
        return None
    reach = float(stdtrit(n - 1, 1 - ALPHA / 2)) * float(means.std(ddof=1)) / math.sqrt(n)
    centre = float(means.mean())
    return Interval(
        low=math.exp(centre - reach),
        high=math.exp(centre + reach),
        level=1 - ALPHA,
        method="student",
    )
