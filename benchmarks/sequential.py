"""Sweeps that stop once they are decided, by simulation: false claims, power, instances saved.

::

    python benchmarks/sequential.py                    4000 sweeps where nothing differs
    python benchmarks/sequential.py --sweeps 400       faster, less sure

Two settings (the last rows: a baseline and three others) on 60 instances, one seed each.
Instances' seconds are log-normal (sd of the log 1.8, median 10 s), an instance's true log ratio
has a standard deviation of 0.2 around that of the effect, and each solve scatters by 0.4. The
decision at a look is that of a comparison: the interval of the ratio of shifted geometric means
excludes 1, and Wilcoxon's test is below the level of the look.

``fixed`` compares once, with all instances. ``peeking`` compares at every look at level 0.05, which
is what nobody should do. ``until decided`` and ``or futile`` are the two ways of ``bench sweep
--until``.
"""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass

import numpy as np

from bench.app.campaign.sequential import FUTILE
from bench.statistics.arrays import Floats
from bench.statistics.intervals import delta_interval, intervals
from bench.statistics.sequential import (
    conditional_power,
    holm_at_look,
    look_sizes,
    nominal_levels,
)
from bench.statistics.tests import MIN_PAIRS, differing, holm, wilcoxon

N = 60
ALPHA = 0.05
SHIFT, CLIP = 1.0, 0.5
RESAMPLES = 2000
IN_A_TAIL = 40


@dataclass(frozen=True, slots=True)
class Ended:
    """How a sweep ended: the settings claimed to differ at any look, after how many instances."""

    claimed: tuple[int, ...]
    n_instances: int
    ratio: float


def drawn(effects: tuple[float, ...], rng: np.random.Generator) -> Floats:
    """Return the logs of shifted times, a row an instance, the baseline first."""
    hardness = rng.normal(math.log(10), 1.8, N)
    columns = [hardness + rng.normal(0, 0.4, N)]
    for effect in effects:
        own = math.log(effect) + rng.normal(0, 0.2, N)
        columns.append(hardness + own + rng.normal(0, 0.4, N))
    times = np.maximum(np.exp(np.stack(columns, axis=1)), CLIP)
    return np.asarray(np.log(times + SHIFT))


def differ(logs: Floats, level: float, adjusted: list[float]) -> list[bool]:
    """Return of each setting whether a comparison claims that it differs from the first one."""
    low, high = delta_interval(logs, SHIFT, level)
    excluded = (low > 1) | (high < 1)
    hopeful = [p < level and bool(excluded[at]) for at, p in enumerate(adjusted, start=1)]
    if not any(hopeful):
        return hopeful
    n_resamples = max(RESAMPLES, math.ceil(IN_A_TAIL / level))
    ends = intervals(logs, SHIFT, alpha=level, n_resamples=n_resamples, rng_seed=1)
    return [
        hopes and end is not None and not end.low <= 1 <= end.high
        for hopes, end in zip(hopeful, ends[1:], strict=True)
    ]


def p_values(logs: Floats) -> list[float]:
    """Return the p-value of each setting against the first one; 1 where too few differ."""
    kept = [differing(logs[:, at] - logs[:, 0]) for at in range(1, logs.shape[1])]
    return [wilcoxon(each).p if len(each) >= MIN_PAIRS else 1.0 for each in kept]


def ended(logs: Floats, rule: str) -> Ended:
    """Return how a sweep ends by a rule."""
    n_tests = logs.shape[1] - 1
    sizes = (N,) if rule == "fixed" else look_sizes(N, n_tests, ALPHA)
    ever: set[int] = set()
    n = N
    for at, size in enumerate(sizes):
        n, so_far = size, sizes[: at + 1]
        found = p_values(logs[:size])
        spends = rule not in {"fixed", "peeking"}
        level = nominal_levels(so_far, N, ALPHA)[-1] if spends else ALPHA
        adjusted = holm_at_look(found, so_far, N, ALPHA) if spends else holm(found)
        claims = differ(logs[:size], level, adjusted)
        ever |= {which for which, claim in enumerate(claims) if claim}
        if all(claims):
            break
        if rule == "or futile" and 3 * size >= N:
            left = [p for p, claim in zip(found, claims, strict=True) if not claim]
            if all(conditional_power(p, so_far, N, ALPHA / n_tests) < FUTILE for p in left):
                break
    means = np.exp(logs[:n].mean(axis=0)) - SHIFT
    return Ended(tuple(ever), n, float(means[1] / means[0]))


def row(effects: tuple[float, ...], rule: str, n_sweeps: int) -> str:
    """Return a row of the table."""
    rng = np.random.default_rng(7)
    found = [ended(drawn(effects, rng), rule) for _ in range(n_sweeps)]
    share = sum(bool(each.claimed) for each in found) / n_sweeps
    error = 196 * math.sqrt(share * (1 - share) / n_sweeps)
    size = float(np.mean([each.n_instances for each in found]))
    ratios = [math.log(each.ratio) for each in found if each.claimed]
    typical = f"{math.exp(float(np.mean(ratios))):.3f}" if ratios else "-"
    truth = " ".join(f"{effect:g}" for effect in effects)
    return f"| {truth} | {rule} | {100 * share:.1f} +- {error:.1f} | {size:.1f} | {typical} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sweeps", type=int, default=4000)
    n = parser.parse_args().sweeps
    print("| true ratio | rule | claims (%) | instances | ratio where claimed |")
    print("|---|---|---|---|---|")
    for effect in (1.0, 1.1, 1.3, 2.0):
        for rule in ("fixed", "peeking", "until decided", "or futile"):
            print(row((effect,), rule, n if effect == 1 else max(n // 4, 100)), flush=True)
    for rule in ("fixed", "peeking", "until decided"):
        print(row((1.0, 1.0, 1.0), rule, n // 2), flush=True)


if __name__ == "__main__":
    main()
