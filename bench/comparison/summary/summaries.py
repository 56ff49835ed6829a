"""Summaries: what stands in MLflow's rows of settings and sweeps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from bench.comparison.integrals import trace_columns
from bench.comparison.summary.aggregates import aggregates, cactus, time_s
from bench.model.result import Result
from bench.tracking.run_metrics import RunMetrics

_COUNTS = ("limits", "wrong", "failed")
_SPACE = "&ensp;"
"""MLflow shows tables without any space between their columns."""
_NOTE = (
    "time: shifted geometric mean over what was solved or ended at a limit, shift 1 s, times below"
    " 0.5 s count as 0.5 s; nodes: the same, shift 100."
)


def settings_table(all_results: Sequence[Result]) -> str:
    """Return one row a setting, the best mean time first, and a line that says what it is."""
    own: dict[str, list[Result]] = {}
    for result in all_results:
        own.setdefault(result.task.setting.name, []).append(result)
    numbers = {name: aggregates(results) for name, results in own.items()}
    times = [found["time_sgm1_s"] for found in numbers.values() if "time_sgm1_s" in found]
    best = min(times, default=0.0)
    order = sorted(numbers, key=lambda name: numbers[name].get("time_sgm1_s", float("inf")))
    is_disturbed = any(each["disturbed"] for each in numbers.values())
    counts = (*_COUNTS, "disturbed") if is_disturbed else _COUNTS
    head = ("setting", "solved", *counts, "time (s)", "to best", "nodes")
    lines = [_line(head), f"| --- |{' ---: |' * (len(head) - 1)}"]
    lines += [_line(_row(name, numbers[name], best, counts)) for name in order]
    return "\n".join([*lines, "", _NOTE])


def _row(name: str, numbers: dict[str, float], best: float, counts: Sequence[str]) -> list[str]:
    time = numbers.get("time_sgm1_s")
    nodes = numbers.get("nodes_sgm100")
    return [
        name.replace("|", "\\|"),
        f"{numbers['solved']:.0f} of {numbers['n_tasks']:.0f}",
        *(f"{numbers[count]:.0f}" for count in counts),
        "-" if time is None else f"{time:.2f}",
        f"{time / best:.2f}" if time is not None and best else "-",
        "-" if nodes is None else f"{nodes:.0f}",
    ]


def _line(cells: Sequence[str]) -> str:
    return f"| {f'{_SPACE} | '.join(cells)} |"


RATIOS = (100, 105, 110, 125, 150, 175, 200, 250, 300, 400, 500, 600, 700, 800, 900, 1000)
"""Where a performance profile is told: percent of the best time.

They end at ten times, because the axis of MLflow's charts is linear."""


class SummaryMetrics:
    """Aggregates, the cactus curve and the performance profile."""

    def setting(self, subset: Sequence[Result], all_results: Sequence[Result]) -> RunMetrics:
        """Return the aggregates of a setting, and its curves among all settings."""
        series = {"cactus/time_s": cactus(subset)}
        if len({result.task.setting.name for result in all_results}) > 1:
            series["profile/share_within_ratio"] = profile(subset, all_results)
        return RunMetrics(
            metrics=aggregates(subset), series=series, columns=trace_columns(subset, all_results)
        )

    def sweep(self, all_results: Sequence[Result]) -> RunMetrics:
        """Return the aggregates of all settings together, and a table of each."""
        return RunMetrics(
            metrics=aggregates(all_results),
            description=settings_table(all_results),
            columns=trace_columns(all_results, all_results),
        )


def profile(subset: Sequence[Result], all_results: Sequence[Result]) -> list[tuple[int, float]]:
    """Return the performance profile of a setting: (100 x ratio, share solved within it).

    The ratio is the solving time over that of the best setting on the same instance, seed and
    permutation; what no setting solved counts in the denominator (Dolan and More 2002).
    """
    best: defaultdict[tuple[str, str, int, int], float] = defaultdict(lambda: float("inf"))
    for result in all_results:
        seconds = time_s(result) if result.verdict.solved else None
        if seconds is not None:
            best[_block(result)] = min(best[_block(result)], seconds)
    ratios = [
        100 * seconds / best[_block(result)] if best[_block(result)] else 100.0
        for result in subset
        if result.verdict.solved and (seconds := time_s(result)) is not None
    ]
    return [(at, sum(ratio <= at for ratio in ratios) / len(subset)) for at in RATIOS]


def _block(result: Result) -> tuple[str, str, int, int]:
    task = result.task
    return task.instance.name, task.instance.digest, task.seed, task.permutation
