"""Disturbed times: whether the machine may explain a difference of wall times.

Disturbances are a problem only if one setting is disturbed more often than the other: the log of
their ratio is then off by the difference of the shares times the effect of a disturbance. If the
shares are alike, a claim by wall time is accepted; otherwise CPU time must confirm it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum

import numpy as np

from bench.comparison.comparison import BaselineDifference, CpuDifference, Disturbance, SubsetTable
from bench.comparison.options import Measure, Options
from bench.comparison.pairs import Pairs
from bench.model.limits import Clock
from bench.statistics.arrays import Bools, number
from bench.statistics.intervals import Interval

ALIKE = 0.05
"""Disturbed shares count as alike if they differ by at most this."""
BEYOND = 0.05
"""CPU time must confirm a difference larger than this, because it has a small bias of its own."""
THREADS = 1.05
"""CPU seconds per wall second; above this, several threads work and CPU times are not comparable.
"""


class Support(StrEnum):
    """The support for a claim by wall time, or the reason why it is not accepted."""

    ALIKE = "shares alike"
    CPU = "confirmed by CPU time"
    WIDENED = "interval widened"
    NOT_BY_CPU = "not confirmed by CPU time"
    NOT_WIDENED = "not with a widened interval"
    UNKNOWN = "nothing to confirm it"

    @property
    def stands(self) -> bool:
        """Whether the claim is accepted."""
        return self in {Support.ALIKE, Support.CPU, Support.WIDENED}


def is_wall_time(pairs: Pairs, measure: Measure) -> bool:
    """Return whether other processes on a core increase the measure."""
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
    """Return the table with its disturbances, if there are some.

    ``counted`` are the pairs in its means. ``by_cpu`` computes the same table by CPU time; it is
    called if that decides.
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
    """Return the support for a claim of a difference, with respect to disturbances."""
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
    """Return whether disturbances can be ignored."""
    return not known.by_wall or abs(known.n_setting - known.n_baseline) <= ALIKE * known.n_results


def widened(difference: BaselineDifference) -> Interval | None:
    """Return the interval widened by the largest possible effect of the disturbances.

    None if that is unknown.
    """
    known, interval = difference.disturbance, difference.interval
    if interval is None or known is None or known.slowdown is None:
        return None
    bias = abs(known.excess) * known.slowdown
    return replace(
        interval, low=interval.low * math.exp(-bias), high=interval.high * math.exp(bias)
    )


def _is_comparable(pairs: Pairs, counted: Bools) -> bool:
    """Return whether all CPU times are known and are those of one thread."""
    cpu, wall = (pairs.numbers(name)[counted] for name in ("solve_cpu_s", "solve_wall_s"))
    if np.isnan(cpu).any():
        return False
    both = ~np.isnan(wall)
    return bool(cpu[both].sum() <= THREADS * wall[both].sum())


def _slowdown(pairs: Pairs, counted: Bools, disturbed: Bools, at: int) -> float | None:
    """Return the mean of ln(wall / CPU) of disturbed results; None if it is unknown.

    With several threads, the waiting time of each is hidden.
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
