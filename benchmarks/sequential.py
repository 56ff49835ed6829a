"""Sweeps that stop once they are decided, by simulation: false claims, power, instances saved.

::

    python benchmarks/sequential.py                    4000 sweeps where nothing differs
    python benchmarks/sequential.py --sweeps 400       faster, less sure
    python benchmarks/sequential.py --short            solves below a second alone

Two settings (the last rows: a baseline and three others) on 60 instances, one seed each.
Instances' seconds are log-normal (sd of the log 1.8, median 10 s), an instance's true log ratio
has a standard deviation of 0.2 around that of the effect, and each solve scatters by 0.4. The
decision at a look is that of a comparison: the interval of the ratio of shifted geometric means
excludes 1, and Wilcoxon's test is below the level of the look.

With ``--short`` the sd is 1 and the median is 0.1 s, or 0.8 s, where the mean at the first look is
now below and now above the shift; ``usual shift`` keeps the shift of 1 s and the clip of 0.5 s.

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
from bench.statistics.means import (
    SHORT_TIME_CLIP_S,
    SHORT_TIME_SHIFT_S,
    TIME_CLIP_S,
    TIME_SHIFT_S,
    shifted_geometric_mean,
)
from bench.statistics.sequential import conditional_power, holm_at_look, look_sizes, nominal_levels
from bench.statistics.tests import MIN_PAIRS, differing, holm, wilcoxon

N = 60
ALPHA = 0.05
RESAMPLES = 2000
IN_A_TAIL = 40


@dataclass(frozen=True, slots=True)
class Ended:
    """How a sweep ended: the settings claimed to differ at any look, after how many instances."""

    claimed: tuple[int, ...]
    n_instances: int
    ratio: float


def drawn(effects: tuple[float, ...], rng: np.random.Generator, median_s: float) -> Floats:
    """Return times in seconds, a row an instance, the baseline first."""
    hardness = rng.normal(math.log(median_s), 1.8 if median_s > 1 else 1.0, N)
    columns = [hardness + rng.normal(0, 0.4, N)]
    for effect in effects:
        own = math.log(effect) + rng.normal(0, 0.2, N)
        columns.append(hardness + own + rng.normal(0, 0.4, N))
    return np.asarray(np.exp(np.stack(columns, axis=1)))


def shift_and_clip(first_look: Floats) -> tuple[float, float]:
    """Return those of a sweep with looks, from the times at its first look."""
    mean_s = shifted_geometric_mean(first_look.ravel(), TIME_SHIFT_S)
    if mean_s is not None and mean_s < TIME_SHIFT_S:
        return SHORT_TIME_SHIFT_S, SHORT_TIME_CLIP_S
    return TIME_SHIFT_S, TIME_CLIP_S


def differ(logs: Floats, shift: float, level: float, adjusted: list[float]) -> list[bool]:
    """Return of each setting whether a comparison claims that it differs from the first one."""
    low, high = delta_interval(logs, shift, level)
    excluded = (low > 1) | (high < 1)
    hopeful = [p < level and bool(excluded[at]) for at, p in enumerate(adjusted, start=1)]
    if not any(hopeful):
        return hopeful
    n_resamples = max(RESAMPLES, math.ceil(IN_A_TAIL / level))
    ends = intervals(logs, shift, alpha=level, n_resamples=n_resamples, rng_seed=1)
    return [
        hopes and end is not None and not end.low <= 1 <= end.high
        for hopes, end in zip(hopeful, ends[1:], strict=True)
    ]


def p_values(logs: Floats) -> list[float]:
    """Return the p-value of each setting against the first one; 1 where too few differ."""
    kept = [differing(logs[:, at] - logs[:, 0]) for at in range(1, logs.shape[1])]
    return [wilcoxon(each).p if len(each) >= MIN_PAIRS else 1.0 for each in kept]


def ended(times: Floats, rule: str) -> Ended:
    """Return how a sweep ends by a rule."""
    n_tests = times.shape[1] - 1
    sizes = (N,) if rule == "fixed" else look_sizes(N, n_tests, ALPHA)
    shift, clip = TIME_SHIFT_S, TIME_CLIP_S
    if rule in {"until decided", "or futile"}:
        shift, clip = shift_and_clip(times[: sizes[0]])
    logs = np.log(np.maximum(times, clip) + shift)
    ever: set[int] = set()
    n = N
    for at, size in enumerate(sizes):
        n, so_far = size, sizes[: at + 1]
        found = p_values(logs[:size])
        spends = rule not in {"fixed", "peeking"}
        level = nominal_levels(so_far, N, ALPHA)[-1] if spends else ALPHA
        adjusted = holm_at_look(found, so_far, N, ALPHA) if spends else holm(found)
        claims = differ(logs[:size], shift, level, adjusted)
        ever |= {which for which, claim in enumerate(claims) if claim}
        if all(claims):
            break
        if rule == "or futile" and 3 * size >= N:
            left = [p for p, claim in zip(found, claims, strict=True) if not claim]
            if all(conditional_power(p, so_far, N, ALPHA / n_tests) < FUTILE for p in left):
                break
    means = np.exp(logs[:n].mean(axis=0)) - shift
    return Ended(tuple(ever), n, float(means[1] / means[0]))


def row(effects: tuple[float, ...], rule: str, n_sweeps: int, median_s: float = 10.0) -> str:
    """Return a row of the table."""
    rng = np.random.default_rng(7)
    found = [ended(drawn(effects, rng, median_s), rule) for _ in range(n_sweeps)]
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
    parser.add_argument("--short", action="store_true", help="solves below a second alone")
    asked = parser.parse_args()
    n = asked.sweeps
    if asked.short:
        print("| median | true ratio | rule | claims (%) | instances | ratio where claimed |")
        print("|---|---|---|---|---|---|")
        for median_s in (0.1, 0.8):
            for effect in (1.0, 1.3, 2.0):
                for rule in ("usual shift", "until decided"):
                    n_sweeps = n if effect == 1 else max(n // 10, 100)
                    print(f"| {median_s} s {row((effect,), rule, n_sweeps, median_s)}", flush=True)
        return
    print("| true ratio | rule | claims (%) | instances | ratio where claimed |")
    print("|---|---|---|---|---|")
    for effect in (1.0, 1.1, 1.3, 2.0):
        for rule in ("fixed", "peeking", "until decided", "or futile"):
            print(row((effect,), rule, n if effect == 1 else max(n // 4, 100)), flush=True)
    for rule in ("fixed", "peeking", "until decided"):
        print(row((1.0, 1.0, 1.0), rule, n // 2), flush=True)


if __name__ == "__main__":
    main()
