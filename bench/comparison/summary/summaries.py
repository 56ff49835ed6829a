"""Summaries: what stands in MLflow's rows of settings and sweeps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from bench.comparison.summary.aggregates import aggregates, cactus, time_s
from bench.comparison.summary.result_integrals import integrals
from bench.comparison.summary.settings_table import settings_table
from bench.model.result import Result
from bench.tracking.summary import Summary

RATIOS = (100, 105, 110, 125, 150, 175, 200, 250, 300, 400, 500, 600, 700, 800, 900, 1000)
"""Where a performance profile is told: percent of the best time.

They end at ten times, because the axis of MLflow's charts is linear."""


class Summaries:
    """Aggregates, the cactus curve and the performance profile."""

    def setting(self, own: Sequence[Result], everything: Sequence[Result]) -> Summary:
        """Return the aggregates of a setting, and its curves among all settings."""
        series = {"cactus/time_s": cactus(own)}
        if len({result.task.setting.name for result in everything}) > 1:
            series["profile/share_within_ratio"] = profile(own, everything)
        return Summary(metrics=aggregates(own), series=series, columns=integrals(own, everything))

    def sweep(self, everything: Sequence[Result]) -> Summary:
        """Return the aggregates of all settings together, and a table of each."""
        return Summary(
            metrics=aggregates(everything),
            description=settings_table(everything),
            columns=integrals(everything, everything),
        )


def profile(own: Sequence[Result], everything: Sequence[Result]) -> list[tuple[int, float]]:
    """Return the performance profile of a setting: (100 x ratio, share solved within it).

    The ratio is the solving time over that of the best setting on the same instance, seed and
    permutation; what no setting solved counts in the denominator (Dolan and More 2002).
    """
    best: defaultdict[tuple[str, str, int, int], float] = defaultdict(lambda: float("inf"))
    for result in everything:
        seconds = time_s(result) if result.verdict.solved else None
        if seconds is not None:
            best[_block(result)] = min(best[_block(result)], seconds)
    ratios = [
        100 * seconds / best[_block(result)] if best[_block(result)] else 100.0
        for result in own
        if result.verdict.solved and (seconds := time_s(result)) is not None
    ]
    return [(at, sum(ratio <= at for ratio in ratios) / len(own)) for at in RATIOS]


def _block(result: Result) -> tuple[str, str, int, int]:
    task = result.task
    return task.instance.name, task.instance.digest, task.seed, task.permutation
