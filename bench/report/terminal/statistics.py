"""Statistics of settings as a table for the terminal, and as rows of a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bench.comparison.setting_statistics import SettingStatistics
from bench.report.tables import PLAIN, Column, grid
from bench.report.terminal.table import disambiguate, render, with_full_names

DIGITS = 6
NAME_WIDTH = 14
N_SIDE_BY_SIDE = 4


def statistics_text(found: Sequence[SettingStatistics]) -> str:
    """Return a row per statistic and a column per setting, with four settings side by side."""
    names = disambiguate([each.setting for each in found], NAME_WIDTH)
    blocks = []
    for start in range(0, len(found), N_SIDE_BY_SIDE):
        part = found[start : start + N_SIDE_BY_SIDE]
        content = grid(_columns(found[0]), part, labels=True)
        rows = [list(each) for each in zip(content.header, *content.rows, strict=True)]
        blocks.append(render(["", *(names[each.setting] for each in part)], rows))
    blocks.append(with_full_names([each.setting for each in found], NAME_WIDTH))
    return "\n\n".join(filter(None, blocks))


def statistics_row(found: SettingStatistics) -> dict[str, Any]:
    """Return all numbers by name, e.g. ``mean`` and ``quantile_0.25``."""
    own = found.values
    return {
        "setting": found.setting,
        "results": found.n_results,
        "solved": found.n_solved,
        "limits": found.n_limits,
        "wrong_or_failed": found.n_bad,
        "count": own.count,
        "sum": own.sum,
        "mean": own.mean,
        "median": own.median,
        "deviation_population": own.deviation_population,
        "deviation_sample": own.deviation_sample,
        "minimum": own.minimum,
        "maximum": own.maximum,
        **{f"quantile_{level:g}": value for level, value in own.quantiles},
    }


LABELS = {
    "results": "results",
    "solved": "solved",
    "limits": "at a limit",
    "wrong_or_failed": "wrong or failed",
    "count": "count",
    "sum": "sum",
    "mean": "mean",
    "median": "median",
    "deviation_population": "standard deviation (population, n)",
    "deviation_sample": "standard deviation (sample, n-1)",
    "minimum": "minimum",
    "maximum": "maximum",
}


def _columns(first: SettingStatistics) -> tuple[Column[SettingStatistics], ...]:
    names = [name for name in statistics_row(first) if name != "setting"]
    return tuple(Column(name, _label(name), _cell(name)) for name in names)


def _label(name: str) -> str:
    return LABELS.get(name) or f"{name.removeprefix('quantile_')} quantile"


def _cell(name: str) -> Any:
    def cell(row: SettingStatistics, _: object) -> str:
        value = statistics_row(row)[name]
        return str(value) if isinstance(value, int) else PLAIN.number(value, DIGITS)

    return cell
