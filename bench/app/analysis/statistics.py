"""Statistics of each setting alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bench.app.analysis.sources import SourceOptions, failures_of
from bench.comparison.options import Failures, Options
from bench.comparison.setting_statistics import SettingStatistics, setting_statistics
from bench.errors import UsageError
from bench.statistics.descriptive import QUANTILES


@dataclass(frozen=True, slots=True, kw_only=True)
class StatisticsOptions(SourceOptions):
    """What is described.

    - ``settings``: only these; none means all
    - ``measure``: what is described; ``clip`` raises smaller values to it
    - ``failures``: the value of a wrong or failed result
    - ``quantiles``: levels between 0 and 1; none means 0.1, 0.25, 0.75 and 0.9
    """

    settings: Sequence[str] = ()
    measure: str = "solve"
    clip: float | None = None
    failures: Failures | str = Failures.EXCLUDE
    quantiles: Sequence[float] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """The statistics of each setting, their unit, and what was left out."""

    settings: tuple[SettingStatistics, ...]
    measure: str
    unit: str
    clip: float | None
    failures: str
    notes: tuple[str, ...]


def describe_settings(options: StatisticsOptions) -> Described:
    """Describe each setting by its own results; UsageError if there are none."""
    outside = [level for level in options.quantiles if not 0 <= level <= 1]
    if outside:
        raise UsageError(f"a quantile is between 0 and 1, not {outside[0]:g}")
    counting = Options(
        only=tuple(options.settings),
        measure=options.measure,
        clip=options.clip,
        failures=failures_of(options.failures),
    )
    levels = tuple(options.quantiles) or QUANTILES
    found, notes = setting_statistics(options.recorded().table, counting, levels)
    return Described(
        settings=found,
        measure=counting.measure,
        unit=counting.of.unit,
        clip=counting.clip,
        failures=counting.failures.value,
        notes=notes,
    )
