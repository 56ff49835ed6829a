"""The settings of a sweep side by side, as a table in Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from bench.comparison.summary.aggregates import aggregates
from bench.model.result import Result

_HEAD = ("setting", "solved", "limits", "wrong", "failed", "time (s)", "to best", "nodes")
_SPACE = "&ensp;"
"""MLflow shows tables without any space between their columns."""
_NOTE = (
    "time: shifted geometric mean over what was solved or ended at a limit, shift 1 s, from 0.5 s;"
    " nodes: the same, shift 100."
)


def settings_table(everything: Sequence[Result]) -> str:
    """Return one row a setting, the best mean time first, and a line that says what it is."""
    own: dict[str, list[Result]] = {}
    for result in everything:
        own.setdefault(result.task.setting.name, []).append(result)
    numbers = {name: aggregates(results) for name, results in own.items()}
    times = [found["time_sgm1_s"] for found in numbers.values() if "time_sgm1_s" in found]
    best = min(times, default=0.0)
    order = sorted(numbers, key=lambda name: numbers[name].get("time_sgm1_s", float("inf")))
    lines = [_line(_HEAD), f"| --- |{' ---: |' * (len(_HEAD) - 1)}"]
    lines += [_line(_row(name, numbers[name], best)) for name in order]
    return "\n".join([*lines, "", _NOTE])


def _row(name: str, numbers: dict[str, float], best: float) -> list[str]:
    time = numbers.get("time_sgm1_s")
    nodes = numbers.get("nodes_sgm100")
    return [
        name.replace("|", "\\|"),
        f"{numbers['solved']:.0f} of {numbers['n_tasks']:.0f}",
        *(f"{numbers[count]:.0f}" for count in ("limits", "wrong", "failed")),
        "-" if time is None else f"{time:.2f}",
        f"{time / best:.2f}" if time is not None and best else "-",
        "-" if nodes is None else f"{nodes:.0f}",
    ]


def _line(cells: Sequence[str]) -> str:
    return f"| {f'{_SPACE} | '.join(cells)} |"
