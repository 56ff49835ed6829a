"""How often intervals, verdicts and the gate are right, on made-up comparisons.

::

    python benchmarks/coverage.py                      all tables, 500 comparisons a cell
    python benchmarks/coverage.py --comparisons 50     a quick look

Instances differ in hardness (log-normal, standard deviation 1.8, median 10 s), a setting has a
log ratio of its own on each instance (standard deviation 0.2, the *interaction*), and seeds
scatter times (0.4). *Before* is what version 0.1 did: all resamples up to six instances, a
bias-corrected and accelerated bootstrap below 30, percentiles from there on, and no test below
ten pairs. *After* is what the package does now. One process; numpy's own threads are left as
they are.
"""

from __future__ import annotations

import argparse
import math
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtr, ndtri

from bench.comparison.evidence import Hidden, bounded
from bench.statistics.arrays import Floats, Ints
from bench.statistics.censored import censored_ratio
from bench.statistics.intervals import (
    MAX_EXHAUSTIVE,
    intervals,
    percentiles,
    ratios,
    resampled_means,
)
from bench.statistics.means import TIME_CLIP_S, TIME_SHIFT_S
from bench.statistics.tests import MIN_PAIRS, differing, holm, wilcoxon

ALPHA = 0.05
N_RESAMPLES = 1000
MEDIAN_S = 10.0
HARDNESS = 1.8
SEED = 0.4
MAX_SLOWDOWN = 1.05
FORMER_MIN_PAIRS = 10
INSTANCES = (5, 8, 12, 20, 30, 100)
SOLVES = ((60, 1), (30, 2), (20, 3), (12, 5))


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What comparisons are made up of; ``effect`` is by how much settings are slower."""

    n_instances: int
    n_seeds: int = 1
    effect: float = 1.0
    interaction: float = 0.2
    share_cut: float = 0.0
    n_settings: int = 2

    @property
    def own(self) -> float:
        """The standard deviation of what a setting adds to log times on an instance."""
        return self.interaction / math.sqrt(2)

    @property
    def deviation(self) -> float:
        """The standard deviation of log times."""
        return math.hypot(HARDNESS, SEED, self.own)

    @property
    def limit_s(self) -> float:
        """The time limit that cuts that share of the baseline's results."""
        if not self.share_cut:
            return math.inf
        return MEDIAN_S * math.exp(self.deviation * float(ndtri(1 - self.share_cut)))

    def times(self, rng: np.random.Generator) -> Floats:
        """Return times of shape (instances x seeds, settings), the baseline first, not cut."""
        n, k = self.n_instances, self.n_settings
        effects = np.full(k, math.log(self.effect))
        effects[0] = 0.0
        logs = math.log(MEDIAN_S) + rng.normal(0, HARDNESS, (n, 1)) + effects
        logs = np.repeat(logs + rng.normal(0, self.own, (n, k)), self.n_seeds, axis=0)
        return np.asarray(np.exp(logs + rng.normal(0, SEED, logs.shape)))

    def true_ratio(self) -> float:
        """Return the ratio of the shifted geometric means over all instances, nothing cut."""
        baseline, setting = (
            math.exp(_mean_log(factor, self.deviation)) - TIME_SHIFT_S
            for factor in (1.0, self.effect)
        )
        return setting / baseline

    def true_shifted_ratio(self) -> float:
        """Return the geometric mean of the ratios of shifted times, which Tobit estimates."""
        return math.exp(_mean_log(self.effect, self.deviation) - _mean_log(1.0, self.deviation))


def _mean_log(factor: float, deviation: float) -> float:
    """Return the mean log of clipped and shifted log-normal times, by summing over a fine grid."""
    z = np.linspace(-9, 9, 200_001)
    times = factor * MEDIAN_S * np.exp(deviation * z)
    weights = np.exp(-(z**2) / 2)
    logs = np.log(np.maximum(times, TIME_CLIP_S) + TIME_SHIFT_S)
    return float((weights * logs).sum() / weights.sum())


@dataclass(frozen=True, slots=True)
class Rule:
    """An interval and the fewest pairs that are tested."""

    ends: tuple[tuple[float, float], ...]
    p_values: tuple[float | None, ...]

    def excludes_one(self) -> tuple[bool, ...]:
        """Return of which settings the interval alone tells a difference."""
        return tuple(not low <= 1 <= high for low, high in self.ends)

    def claims(self) -> tuple[bool, ...]:
        """Return of which settings interval and test tell a difference, after Holm."""
        tested = [at for at, p in enumerate(self.p_values) if p is not None]
        adjusted = dict(zip(tested, holm([self.p_values[at] or 0.0 for at in tested]), strict=True))
        return tuple(
            out and adjusted.get(at, 1.0) < ALPHA for at, out in enumerate(self.excludes_one())
        )


@dataclass(frozen=True, slots=True)
class Made:
    """One comparison judged by both rules, and the interval of Tobit's ratio, if there is one."""

    before: Rule
    after: Rule
    tobit: tuple[float, float] | None


def make(world: World, rng: np.random.Generator) -> Made:
    """Make up a comparison and judge it."""
    times = world.times(rng)
    instance = np.repeat(np.arange(world.n_instances), world.n_seeds)
    limit_s = world.limit_s
    logs = np.log(np.maximum(np.minimum(times, limit_s), TIME_CLIP_S) + TIME_SHIFT_S)
    means = logs.reshape(world.n_instances, world.n_seeds, -1).mean(axis=1)
    p_values, few = [], []
    for at in range(1, world.n_settings):
        kept = differing(means[:, at] - means[:, 0])
        p = wilcoxon(kept).p
        p_values.append(p if len(kept) >= MIN_PAIRS else None)
        few.append(p if len(kept) >= FORMER_MIN_PAIRS else None)
    found = intervals(
        means, TIME_SHIFT_S, alpha=ALPHA, n_resamples=N_RESAMPLES, rng_seed=int(rng.integers(2**31))
    )
    ends = tuple((each.low, each.high) for each in found if each is not None)
    former = former_ends(means, int(rng.integers(2**31)))
    return Made(
        before=Rule(former, tuple(few)),
        after=Rule(ends, tuple(p_values)),
        tobit=tobit(logs, times >= limit_s, instance) if world.share_cut else None,
    )


def tobit(logs: Floats, cut: np.ndarray, instance: Ints) -> tuple[float, float] | None:
    """Return the interval of Tobit's ratio."""
    none = np.zeros_like(cut)
    hidden = Hidden(cut=cut, by_time=cut, charged=none, clipped=none)
    found = censored_ratio(*bounded(logs[:, 1] - logs[:, 0], hidden, instance, 1), ALPHA)
    return (found.low, found.high) if found else None


def former_ends(logs: Floats, rng_seed: int) -> tuple[tuple[float, float], ...]:
    """Return the intervals of version 0.1."""
    tails = np.array([ALPHA / 2, 1 - ALPHA / 2])
    n = len(logs)
    if n <= MAX_EXHAUSTIVE or n >= 30:
        ends = percentiles(logs, TIME_SHIFT_S, tails, n_resamples=N_RESAMPLES, rng_seed=rng_seed)
        return tuple(zip(ends[0][1:].tolist(), ends[1][1:].tolist(), strict=True))
    sample = ratios(resampled_means(logs, N_RESAMPLES, rng_seed), TIME_SHIFT_S)
    levels = _bca_levels(logs, sample, tails)
    columns = range(1, logs.shape[1])
    return tuple(tuple(np.quantile(sample[:, at], levels[:, at]).tolist()) for at in columns)


def _bca_levels(logs: Floats, sample: Floats, tails: Floats) -> Floats:
    """Return the bias-corrected and accelerated levels (Efron 1987)."""
    n = len(logs)
    point = ratios(logs.mean(axis=0), TIME_SHIFT_S)
    below = (sample < point).mean(axis=0) + (sample == point).mean(axis=0) / 2
    bias = ndtri(np.clip(below, 1 / len(sample), 1 - 1 / len(sample)))
    left_out = ratios((logs.sum(axis=0) - logs) / (n - 1), TIME_SHIFT_S)
    spread = left_out.mean(axis=0) - left_out
    squares = (spread**2).sum(axis=0) ** 1.5
    acceleration = (spread**3).sum(axis=0) / (6 * np.where(squares == 0, 1.0, squares))
    shifted = bias + ndtri(tails)[:, None]
    return np.asarray(ndtr(bias + shifted / (1 - acceleration * shifted)), dtype=np.float64)


def made_up(world: World, n: int) -> list[Made]:
    """Return that many comparisons, the same for the same world."""
    rng = np.random.default_rng([world.n_instances, world.n_seeds, round(100 * world.effect)])
    return [make(world, rng) for _ in range(n)]


def percent(truths: Sequence[bool]) -> str:
    """Return the share of what is true."""
    return f"{100 * sum(truths) / len(truths):.1f}" if truths else "-"


def before_after(made: Sequence[Made], question: str, world: World) -> str:
    """Return the answer to a question by both rules, e.g. ``16.4 -> 4.8``."""
    truth = world.true_ratio()
    answers: dict[str, Callable[[Rule], bool]] = {
        "covers": lambda rule: rule.ends[0][0] <= truth <= rule.ends[0][1],
        "interval": lambda rule: rule.excludes_one()[0],
        "claims": lambda rule: any(rule.claims()),
        "gate": lambda rule: rule.ends[0][0] > MAX_SLOWDOWN,
        "few": lambda rule: rule.p_values[0] is None,
    }
    ask = answers[question]
    before = percent([ask(each.before) for each in made])
    return f"{before} -> {percent([ask(each.after) for each in made])}"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--comparisons", type=int, default=500)
    n = parser.parse_args().comparisons
    start = time.process_time()
    error = 100 * math.sqrt(ALPHA * (1 - ALPHA) / n)
    print(f"Python {platform.python_version()}, numpy {np.__version__}; {n} comparisons a cell")
    print(f"Standard error at 5 %: {error:.1f} points. All in percent, before -> after.\n")
    _one_by_one(n)
    _families(n)
    _censored(n)
    _seeds_or_instances(n)
    print(f"{time.process_time() - start:.0f} s of CPU time")


def table(*header: str) -> None:
    """Print the head of a table."""
    print(f"| {' | '.join(header)} |")
    print(f"| {' | '.join(['---:'] * len(header))} |")


def row(*cells: object) -> None:
    """Print a row, at once."""
    print(f"| {' | '.join(map(str, cells))} |", flush=True)


def _one_by_one(n: int) -> None:
    table(
        "instances x seeds",
        "coverage",
        "interval alone, A/A",
        "verdict, A/A",
        "gate, A/A",
        "power at 1.3",
    )
    for n_seeds in (1, 3):
        for n_instances in INSTANCES:
            same = World(n_instances=n_instances, n_seeds=n_seeds)
            slower = replace(same, effect=1.3)
            alike = made_up(same, n)
            questions = ("covers", "interval", "claims", "gate")
            cells = [before_after(alike, question, same) for question in questions]
            power = before_after(made_up(slower, n), "claims", slower)
            row(f"{n_instances} x {n_seeds}", *cells, power)
    print()


def _families(n: int) -> None:
    table("instances", "a false claim among 5 settings that are the same")
    for n_instances in (12, 30):
        world = World(n_instances=n_instances, n_settings=6)
        row(n_instances, before_after(made_up(world, n), "claims", world))
    print()


def _censored(n: int) -> None:
    table(
        "instances, 20 % cut",
        "too few, A/A",
        "verdict, A/A",
        "gate, A/A",
        "power at 1.3",
        "coverage at 1.3",
        "of Tobit",
    )
    for n_instances in INSTANCES[2:]:
        same = World(n_instances=n_instances, share_cut=0.2)
        slower = replace(same, effect=1.3)
        alike, differ = made_up(same, n), made_up(slower, n)
        cells = [before_after(alike, question, same) for question in ("few", "claims", "gate")]
        cells += [before_after(differ, question, slower) for question in ("claims", "covers")]
        truth = slower.true_shifted_ratio()
        ends = [made.tobit for made in differ if made.tobit is not None]
        row(n_instances, *cells, percent([low <= truth <= high for low, high in ends]))
    print()


def _seeds_or_instances(n: int) -> None:
    print("Power of the verdict at 1.1 / 1.3 with 60 solves a setting:\n")
    table("interaction", *(f"{n_instances} x {n_seeds}" for n_instances, n_seeds in SOLVES))
    for interaction in (0.0, 0.2, 0.5):
        cells = []
        for n_instances, n_seeds in SOLVES:
            world = World(n_instances=n_instances, n_seeds=n_seeds, interaction=interaction)
            found = [made_up(replace(world, effect=effect), n) for effect in (1.1, 1.3)]
            claims = [percent([each.after.claims()[0] for each in made]) for made in found]
            cells.append(" / ".join(claims))
        row(f"{interaction:g}", *cells)
    print()


if __name__ == "__main__":
    main()
