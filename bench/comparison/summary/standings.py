"""The standing of each setting of a sweep against the baseline, in numbers and one line."""

from __future__ import annotations

import math
from collections.abc import Callable

from bench.comparison.comparison import BaselineDifference, Comparison
from bench.comparison.summary.standing import Standing
from bench.comparison.wording.evidence_text import bounded_percent
from bench.comparison.wording.narrative import CLAIMS, Conclusion, ConclusionKind, conclusion
from bench.statistics.intervals import Interval

BASELINE = "baseline"
_SMALL_P = 0.001
_IN_A_ROW = {ConclusionKind.TOO_FEW: "too few instances"}
"""What is not clear without the sentence."""


def standings(comparison: Comparison) -> dict[str, Standing]:
    """Return the standing of each setting, the best first.

    First come settings that are better, then those without a proven difference, last those that
    fail more than the baseline; within a group, the smaller ratio is better.
    """
    found = {name: conclusion(comparison, name) for name in comparison.settings[1:]}
    order = sorted(comparison.settings, key=_order(comparison, found))
    return {
        name: _standing(comparison, name, found.get(name), rank)
        for rank, name in enumerate(order, start=1)
    }


def _order(
    comparison: Comparison, found: dict[str, Conclusion]
) -> Callable[[str], tuple[bool, bool, float, int]]:
    base = comparison.failures_of(comparison.baseline)

    def key(name: str) -> tuple[bool, bool, float, int]:
        row = comparison.tables[0].row(name)
        ratio = row.against.ratio if row.against else 1.0
        is_better = name in found and found[name].outcome is ConclusionKind.BETTER
        fails_more = comparison.failures_of(name) > base
        return not is_better, fails_more, math.inf if ratio is None else ratio, -row.solved

    return key


def _standing(comparison: Comparison, name: str, found: Conclusion | None, rank: int) -> Standing:
    difference = comparison.tables[0].row(name).against
    numbers: dict[str, float | None] = {"ratio": 1.0}
    if difference is not None:
        interval = difference.interval
        numbers = {
            "ratio": difference.ratio,
            "ratio_low": interval.low if interval else None,
            "ratio_high": interval.high if interval else None,
            "p_adjusted": difference.p_holm,
        }
    metrics = {key: value for key, value in numbers.items() if value is not None}
    return Standing(
        metrics | {"rank": float(rank)},
        BASELINE if found is None else _in_short(found, difference),
        "The baseline of its sweep." if found is None else f"**{found.sentence}**",
    )


def _in_short(found: Conclusion, difference: BaselineDifference | None) -> str:
    """Return e.g. ``better: 46 % faster (19..70 %), p=0.037``."""
    outcome = _IN_A_ROW.get(found.outcome, found.outcome.value)
    if difference is None or difference.ratio is None:
        return outcome
    p = difference.p_holm
    p_value = "" if p is None else ", p<0.001" if p < _SMALL_P else f", p={p:.2g}"
    if found.outcome in CLAIMS:
        direction = "faster" if difference.ratio < 1 else "slower"
        change = f"{bounded_percent(difference)} {direction}{_percents(difference.interval)}"
        return f"{outcome}: {change}{p_value}"
    interval = difference.interval
    span = f" ({interval.low:.2f}..{interval.high:.2f})" if interval else ""
    return f"{outcome}: ratio {difference.ratio:.2f}{span}{p_value}"


def _percents(interval: Interval | None) -> str:
    if interval is None:
        return ""
    low, high = sorted((abs(interval.low - 1), abs(interval.high - 1)))
    return f" ({100 * low:.0f}..{100 * high:.0f} %)"
