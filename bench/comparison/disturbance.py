"""Disturbed times: whether the machine may have made a difference of wall times.

What harms is not that tasks were disturbed but that one setting was disturbed more often than the
other: their ratio is then off by the difference of the shares times what a disturbance adds. If
the shares are alike, a claim by wall time stands; else it takes CPU time to confirm it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum

import numpy as np

from bench.comparison.comparison import (
    BaselineDifference,
    CpuDifference,
    Disturbance,
    SubsetTable,
)
from bench.comparison.options import Measure, Options
from bench.comparison.pairs import Pairs
from bench.comparison.wording.evidence_text import percent
from bench.model.limits import Clock
from bench.statistics.arrays import Bools, number
from bench.statistics.intervals import Interval

ALIKE = 0.05
"""Disturbed shares that differ by no more than this are alike."""
BEYOND = 0.05
"""CPU time has to confirm a difference of more than this: it has a small bias of its own."""
THREADS = 1.05
"""CPU seconds for each wall second; above it several threads work, and they do not compare."""


class Support(StrEnum):
    """What a claim by wall time rests on, or why it does not stand."""

    ALIKE = "shares alike"
    CPU = "confirmed by CPU time"
    WIDENED = "interval widened"
    NOT_BY_CPU = "not confirmed by CPU time"
    NOT_WIDENED = "not with a widened interval"
    UNKNOWN = "nothing to confirm it"

    @property
    def stands(self) -> bool:
        """Whether the claim stands."""
        return self in {Support.ALIKE, Support.CPU, Support.WIDENED}


def is_wall_time(pairs: Pairs, measure: Measure) -> bool:
    """Return whether other processes on a core make more of a measure."""
    if not measure.is_time or measure.clock == Clock.CPU:
        return False
    return bool(measure.clock) or pairs.distinct("clock") != (str(Clock.CPU),)


def with_disturbances(
    found: SubsetTable,
    pairs: Pairs,
    counted: Bools,
    options: Options,
    by_cpu: Callable[[], SubsetTable],
) -> SubsetTable:
    """Return the table with what is known of disturbances, where there are some.

    ``counted`` are the pairs in its means. ``by_cpu`` gives the same table by CPU time; it is
    asked for where it decides.
    """
    disturbed = pairs.numbers("disturbed")[counted] > 0
    if not disturbed.any():
        return found
    n, wall = len(disturbed), is_wall_time(pairs, options.of)
    counts = [int(each) for each in disturbed.sum(axis=0)]
    needed = wall and any(abs(each - counts[0]) > ALIKE * n for each in counts)
    comparable = needed and _is_comparable(pairs, counted)
    cpu = by_cpu() if comparable else None
    rows = []
    for at, row in enumerate(found.rows):
        if row.against is None:
            rows.append(row)
            continue
        known = Disturbance(
            n_results=n,
            n_baseline=counts[0],
            n_setting=counts[at],
            by_wall=wall,
            cpu=_cpu(cpu, row.setting),
            slowdown=_slowdown(pairs, counted, disturbed, at) if needed else None,
        )
        rows.append(replace(row, against=replace(row.against, disturbance=known)))
    return replace(found, rows=tuple(rows))


def support(difference: BaselineDifference, alpha: float) -> Support:
    """Return what a claim of a difference rests on, as far as disturbances are concerned."""
    known = difference.disturbance
    if known is None or are_alike(known):
        return Support.ALIKE
    if known.cpu is not None:
        return Support.CPU if _confirms(known.cpu, difference, alpha) else Support.NOT_BY_CPU
    wide = widened(difference)
    if wide is None:
        return Support.UNKNOWN
    return Support.NOT_WIDENED if wide.low <= 1 <= wide.high else Support.WIDENED


def are_alike(known: Disturbance) -> bool:
    """Return whether disturbances may be left out of account."""
    return not known.by_wall or abs(known.n_setting - known.n_baseline) <= ALIKE * known.n_results


def widened(difference: BaselineDifference) -> Interval | None:
    """Return the interval with the most that the disturbances may have moved the ratio by.

    None where that is not known.
    """
    known, interval = difference.disturbance, difference.interval
    if interval is None or known is None or known.slowdown is None:
        return None
    bias = abs(known.excess) * known.slowdown
    return replace(
        interval, low=interval.low * math.exp(-bias), high=interval.high * math.exp(bias)
    )


def counts_text(known: Disturbance, setting: str, baseline: str) -> str:
    """Return how many results were disturbed, e.g. ``disturbed: 3 of 20 of a, 4 of 20 of b``."""
    n = known.n_results
    return (
        f"disturbed: {known.n_setting} of {n} of {setting}, {known.n_baseline} of {n} of {baseline}"
    )


def support_text(difference: BaselineDifference, found: Support) -> str:
    """Return in words what decided where disturbances are known, and why a claim does not stand."""
    known = difference.disturbance
    match found:
        case Support.ALIKE:
            return "alike enough for wall time to decide" if known and known.by_wall else ""
        case Support.CPU:
            return f"so CPU time decides, and confirms it ({_cpu_text(known)})"
        case Support.WIDENED:
            wide = _range(widened(difference))
            return f"so the interval is widened by what that may add ({wide}), and still tells one"
        case Support.NOT_BY_CPU:
            return f"CPU time does not confirm that ({_cpu_text(known)})"
        case Support.NOT_WIDENED:
            wide = _range(widened(difference))
            return f"widened by what that may add, the interval of the ratio is {wide}"
        case _:
            return "there is no comparable CPU time to confirm that"


def _is_comparable(pairs: Pairs, counted: Bools) -> bool:
    """Return whether CPU time is known throughout, and that of one thread."""
    cpu, wall = (pairs.numbers(name)[counted] for name in ("solve_cpu_s", "solve_wall_s"))
    if np.isnan(cpu).any():
        return False
    both = ~np.isnan(wall)
    return bool(cpu[both].sum() <= THREADS * wall[both].sum())


def _slowdown(pairs: Pairs, counted: Bools, disturbed: Bools, at: int) -> float | None:
    """Return the mean of ln(wall / CPU) of disturbed results; None where it is not known.

    Several threads hide how long each of them waited.
    """
    both = [0, at]
    cpu, wall = (pairs.numbers(name)[counted][:, both] for name in ("solve_cpu_s", "solve_wall_s"))
    known = (cpu > 0) & (wall > 0)
    if not known.any() or cpu[known].sum() > THREADS * wall[known].sum():
        return None
    used = known & disturbed[:, both]
    if not used.any():
        return None
    return number(max(0.0, float(np.log(wall[used] / cpu[used]).mean())))


def _cpu(table: SubsetTable | None, setting: str) -> CpuDifference | None:
    found = table.row(setting).against if table else None
    if found is None:
        return None
    return CpuDifference(ratio=found.ratio, interval=found.interval, p_holm=found.p_holm)


def _confirms(cpu: CpuDifference, difference: BaselineDifference, alpha: float) -> bool:
    if cpu.ratio is None or cpu.interval is None or cpu.p_holm is None or cpu.ratio <= 0:
        return False
    claimed = not cpu.interval.low <= 1 <= cpu.interval.high and cpu.p_holm < alpha
    is_same = (cpu.ratio < 1) == ((difference.ratio or 1.0) < 1)
    return claimed and is_same and abs(math.log(cpu.ratio)) > math.log1p(BEYOND)


def _cpu_text(known: Disturbance | None) -> str:
    cpu = known.cpu if known else None
    if cpu is None or cpu.ratio is None:
        return "it has no ratio"
    p = "too few instances for a test" if cpu.p_holm is None else f"p = {cpu.p_holm:.2g}"
    return f"ratio {cpu.ratio:.3f}, {_range(cpu.interval)}, {p}"


def _range(interval: Interval | None) -> str:
    if interval is None:
        return "no interval"
    return f"{percent(interval.level)} interval {interval.low:.3f} to {interval.high:.3f}"
