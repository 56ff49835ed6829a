"""Summaries: the numbers and tables on MLflow's runs of settings and sweeps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from bench.comparison.integrals import trace_columns
from bench.comparison.summary.aggregates import aggregates, cactus, time_s
from bench.comparison.summary.standing import Standing
from bench.errors import BenchError
from bench.journal.table import frame
from bench.model.results.result import Result
from bench.store.run_keys import BASELINE, CONCLUSION
from bench.tracking.run_metrics import RunMetrics

if TYPE_CHECKING:
    from bench.comparison.comparison import Comparison

_COUNTS = ("limits", "wrong", "failed")
_SPACE = "&ensp;"
"""MLflow shows tables without space between their columns."""
_NOTE = (
    "time: shifted geometric mean over tasks that were solved or reached a limit, shift 1 s, times "
    "below 0.5 s count as 0.5 s; nodes: the same with shift 100."
)


def settings_table(all_results: Sequence[Result]) -> str:
    """Return one row per setting, the best mean time first, and a line that describes the table."""
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


DOUBLINGS = tuple(step / 4 for step in range(17))
"""Points of a performance profile: log2 of the ratio to the best time, so up to 16 times it.

The axis of MLflow's charts is linear, and its title is the name of the metric.
"""

Compare = Callable[[Sequence[Result]], "Comparison | None"]
"""Compares all settings of a sweep; None if that is impossible."""


def compare_with(baseline: str | None) -> Compare:
    """Return a function that compares settings with a baseline, by their results alone."""

    def compared(all_results: Sequence[Result]) -> Comparison | None:
        from bench.comparison.compare import compare  # noqa: PLC0415 - 0.5 s, at the end only
        from bench.comparison.options import Options  # noqa: PLC0415 - see above

        try:
            return compare(frame(all_results), Options(baseline=baseline))
        except BenchError:
            return None

    return compared


class SummaryMetrics:
    """Aggregates, standing, the cactus curve and the performance profile."""

    def __init__(self, compared: Compare) -> None:
        """Take the function that compares all settings of a sweep."""
        self._compare = compared
        self._standings: tuple[Sequence[Result], Mapping[str, Standing], str] | None = None

    def setting(self, subset: Sequence[Result], all_results: Sequence[Result]) -> RunMetrics:
        """Return the aggregates of a setting, and its standing and curves among all settings.

        A setting that does not count is not compared: ``all_results`` is empty.
        """
        standing, baseline = self._standing(subset[0].task.setting.name, all_results)
        tags = {CONCLUSION: standing.conclusion, BASELINE: baseline} if baseline else {}
        return RunMetrics(
            metrics=aggregates(subset) | standing.metrics,
            series=curves(subset, all_results or subset),
            columns=trace_columns(subset, all_results or subset),
            tags=tags,
            description=standing.sentence,
        )

    def _standing(self, name: str, all_results: Sequence[Result]) -> tuple[Standing, str]:
        """Return the standing of a setting, and the baseline; empty if it is the only setting."""
        if not all_results:
            return _UNKNOWN, ""
        if _n_settings(all_results) == 1:
            return _ALONE, ""
        if self._standings is None or self._standings[0] is not all_results:
            from bench.comparison.summary.standings import standings  # noqa: PLC0415 - see above

            found = self._compare(all_results)
            known = (standings(found), found.baseline) if found else ({}, "")
            self._standings = all_results, *known
        _, by_name, baseline = self._standings
        return by_name.get(name, _UNKNOWN), baseline if name in by_name else ""

    def sweep(self, all_results: Sequence[Result]) -> RunMetrics:
        """Return the aggregates of all settings together, and a table with each setting."""
        return RunMetrics(
            metrics=aggregates(all_results),
            description=settings_table(all_results),
            columns=trace_columns(all_results, all_results),
        )


_ALONE = Standing({"rank": 1.0}, "", "")
_UNKNOWN = Standing({}, "", "")


def curves(
    subset: Sequence[Result], all_results: Sequence[Result]
) -> dict[str, list[tuple[int, float]]]:
    """Return the curves of a setting, as one series per axis with common steps."""
    solved = cactus(subset)
    found = {
        "cactus/tasks solved": [(n, float(n)) for n, _ in solved],
        "cactus/within seconds": solved,
    }
    if _n_settings(all_results) > 1:
        shares = list(enumerate(profile(subset, all_results)))
        found["profile/share of tasks solved"] = [(step, share) for step, (_, share) in shares]
        found["profile/log2 of time to best"] = [(step, ratio) for step, (ratio, _) in shares]
    return found


def _n_settings(results: Sequence[Result]) -> int:
    return len({result.task.setting.name for result in results})


def profile(subset: Sequence[Result], all_results: Sequence[Result]) -> list[tuple[float, float]]:
    """Return the performance profile of a setting: (log2 of the ratio, share solved within it).

    The ratio is the solving time over that of the best setting on the same instance, seed and
    permutation; pairs that no setting solves stay in the denominator (Dolan and More 2002).
    """
    best: defaultdict[tuple[str, str, int, int], float] = defaultdict(lambda: float("inf"))
    for result in all_results:
        seconds = time_s(result) if result.verdict.solved else None
        if seconds is not None:
            best[_pair(result)] = min(best[_pair(result)], seconds)
    ratios = [
        seconds / best[_pair(result)] if best[_pair(result)] else 1.0
        for result in subset
        if result.verdict.solved and (seconds := time_s(result)) is not None
    ]
    return [(at, sum(ratio <= 2**at for ratio in ratios) / len(subset)) for at in DOUBLINGS]


def _pair(result: Result) -> tuple[str, str, int, int]:
    task = result.task
    return task.instance.name, task.instance.digest, task.seed, task.permutation
