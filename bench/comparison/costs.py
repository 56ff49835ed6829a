"""Costs: what each result counts in the means of a measure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bench.comparison.blocks import Blocks
from bench.comparison.measures import SOLVE, Measure
from bench.comparison.options import Failures, Options
from bench.errors import UsageError
from bench.statistics.arrays import Bools, Floats, any_of


@dataclass(frozen=True, slots=True)
class Costs:
    """The cost of each result and which blocks count, by measure and failure policy.

    ``amounts`` has shape (blocks, settings); it may be NaN only in blocks that do not count.
    """

    amounts: Floats
    counted: Bools
    notes: tuple[str, ...] = ()


def costs(blocks: Blocks, measure: Measure, failures: Failures) -> Costs:
    """Return what each result counts.

    A time counts as at most the time limit, where the limit is on the same clock, and as the
    limit itself where the result ended at the limit of time or memory. Failures cost what the
    policy says; other measures than time have no limit to charge, so there their blocks are left
    out, as are blocks with an unknown value.
    """
    values = recorded(blocks, measure)
    bad = blocks.wrong | blocks.failed
    policy = failures
    if failures in {Failures.CAP, Failures.PAR10} and not measure.is_time:
        policy = Failures.EXCLUDE
    if policy in {Failures.CAP, Failures.PAR10}:
        factor = 10.0 if policy is Failures.PAR10 else 1.0
        values = np.where(bad, factor * blocks.numbers("time_limit_s"), values)
    excluded = any_of(bad) if policy is Failures.EXCLUDE else np.zeros(len(blocks), np.bool_)
    unknown = any_of(np.isnan(values)) & ~excluded
    return Costs(values, ~(excluded | unknown), _notes(excluded, unknown, measure))


def recorded(blocks: Blocks, measure: Measure) -> Floats:
    """Return the values of a measure, times cut at the time limit."""
    values = blocks.numbers(measure.column)
    if not measure.is_time:
        return values
    limit = limits(blocks, measure)
    at_limit = blocks.limits & blocks.is_in("termination", ("time", "memory")) & ~np.isnan(limit)
    return np.where(at_limit | (values > limit), limit, values)


def have_logarithms(spent: Costs, options: Options) -> None:
    """Raise UsageError where a geometric mean without a shift would meet a zero."""
    least = spent.amounts[spent.counted].min(axis=1, initial=np.inf)
    zeros = int((np.maximum(least, options.clip_used or 0.0) + options.shift_used <= 0).sum())
    if zeros:
        raise UsageError(
            f"{options.of.column} is 0 on {zeros} of {len(least)} blocks, and there is no "
            "geometric mean of 0: give a --clip or a --shift above 0"
        )


def limits(blocks: Blocks, measure: Measure) -> Floats:
    """Return the most that a measure can come to; NaN where nothing bounds it, or another clock."""
    limit = blocks.numbers("time_limit_s")
    if not measure.is_time:
        return np.full_like(limit, np.nan)
    if measure.clock:
        return np.where(blocks.is_in("clock", (measure.clock, "")), limit, np.nan)
    return limit


def penalised(blocks: Blocks, factor: float, measure: Measure = SOLVE) -> Floats:
    """Return times with all that is not solved at ``factor`` times the limit (PAR2, PAR10)."""
    return np.where(
        blocks.solved, recorded(blocks, measure), factor * blocks.numbers("time_limit_s")
    )


def _notes(excluded: Bools, unknown: Bools, measure: Measure) -> tuple[str, ...]:
    n = len(excluded)
    notes = []
    if excluded.any():
        notes.append(
            f"{int(excluded.sum())} of {n} blocks are in no mean, because a setting is wrong or "
            "failed there"
        )
    if unknown.any():
        notes.append(
            f"{int(unknown.sum())} of {n} blocks are in no mean, because {measure.column} is not "
            "known for all settings"
        )
    return tuple(notes)
