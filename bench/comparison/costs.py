"""What each pair costs a setting, and the subsets of pairs that are compared."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bench.comparison.options import SOLVE, Failures, Measure, Options, Timeouts
from bench.comparison.pairs import Pairs
from bench.errors import UsageError
from bench.statistics.arrays import Bools, Floats, all_of, any_of

MEASURED_NOTE = "a solve that ended at the time limit counts with its measured time"


@dataclass(frozen=True, slots=True)
class Costs:
    """The cost of each result and which pairs count, by measure and failure policy.

    ``amounts`` has shape (pairs, settings); it may be NaN only in pairs that do not count.
    ``reached`` says where what is measured has happened, which is mostly that it was solved.
    """

    amounts: Floats
    counted: Bools
    reached: Bools
    notes: tuple[str, ...] = ()


def costs(
    pairs: Pairs, measure: Measure, failures: Failures, timeouts: Timeouts = Timeouts.LIMIT
) -> Costs:
    """Return what each result counts.

    A time counts as at most the time limit, where the limit is on the same clock, and as the
    limit itself where the result ended at the limit of time or memory, unless ``timeouts`` keeps
    the measured time of those at the time limit. Failures cost what the
    policy says; other measures than time have no limit to charge, so there their pairs are left
    out, as are pairs with an unknown value.
    """
    values = recorded(pairs, measure, timeouts)
    bad = pairs.wrong | pairs.failed
    policy = failures
    if failures in {Failures.CAP, Failures.PAR10} and not measure.is_time:
        policy = Failures.EXCLUDE
    if policy in {Failures.CAP, Failures.PAR10}:
        factor = 10.0 if policy is Failures.PAR10 else 1.0
        values = np.where(bad, factor * pairs.numbers("time_limit_s"), values)
    excluded = any_of(bad) if policy is Failures.EXCLUDE else np.zeros(len(pairs), np.bool_)
    unknown = any_of(np.isnan(values)) & ~excluded
    notes = _notes(excluded, unknown, measure)
    if measure.is_time and timeouts is Timeouts.MEASURED:
        notes = (*notes, MEASURED_NOTE)
    return Costs(values, ~(excluded | unknown), reached(pairs, measure), notes)


def recorded(pairs: Pairs, measure: Measure, timeouts: Timeouts = Timeouts.LIMIT) -> Floats:
    """Return the values of a measure, times cut at the time limit.

    Where bounds were not good enough before a solve ended at a limit, their time is the limit.
    """
    values = pairs.numbers(measure.column)
    if not measure.is_time:
        return values
    limit = limits(pairs, measure)
    if measure.of_bounds:
        _refuse_unknown(pairs, measure)
        return np.where((pairs.limits & np.isnan(values)) | (values > limit), limit, values)
    at_limit = pairs.limits & pairs.is_in("termination", ("time", "memory")) & ~np.isnan(limit)
    if timeouts is Timeouts.MEASURED:
        at_limit &= np.isnan(values) | ~pairs.is_in("termination", ("time",))
    return np.where(at_limit | (values > limit), limit, values)


def reached(pairs: Pairs, measure: Measure) -> Bools:
    """Return where what is measured has happened: solved, or the bounds were good enough."""
    if not measure.of_bounds:
        return pairs.solved
    values = pairs.numbers(measure.column)
    late = values > limits(pairs, measure)
    return ~(np.isnan(values) | late | pairs.wrong | pairs.failed)


def _refuse_unknown(pairs: Pairs, measure: Measure) -> None:
    """Raise UsageError for a setting that solves, but of which no time to a bound is known."""
    lacking = np.isnan(pairs.numbers(measure.column)).all(axis=0) & pairs.solved.any(axis=0)
    if lacking.any():
        names = ", ".join(pairs.settings[at] for at in np.flatnonzero(lacking))
        raise UsageError(
            f"--measure {measure.name}: the results of {names} have no bounds over time, which "
            "this measure needs; only results of bench run and bench sweep have them"
        )


def have_logarithms(spent: Costs, options: Options) -> None:
    """Raise UsageError where a geometric mean without a shift would meet a zero."""
    least = spent.amounts[spent.counted].min(axis=1, initial=np.inf)
    zeros = int((np.maximum(least, options.clip_used or 0.0) + options.shift_used <= 0).sum())
    if zeros:
        raise UsageError(
            f"{options.of.column} is 0 on {zeros} of {len(least)} pairs, and a geometric mean "
            "cannot contain 0; use a --clip or a --shift above 0"
        )


def limits(pairs: Pairs, measure: Measure) -> Floats:
    """Return the most that a measure can come to; NaN where nothing bounds it, or another clock."""
    limit = pairs.numbers("time_limit_s")
    if not measure.is_time:
        return np.full_like(limit, np.nan)
    if measure.clock:
        return np.where(pairs.is_in("clock", (measure.clock, "")), limit, np.nan)
    return limit


def penalised(pairs: Pairs, factor: float, measure: Measure = SOLVE) -> Floats:
    """Return times with all that is not solved at ``factor`` times the limit (PAR2, PAR10).

    Of bounds over time it is all that is not reached.
    """
    return np.where(
        reached(pairs, measure), recorded(pairs, measure), factor * pairs.numbers("time_limit_s")
    )


def _notes(excluded: Bools, unknown: Bools, measure: Measure) -> tuple[str, ...]:
    n = len(excluded)
    notes = []
    if excluded.any():
        notes.append(
            f"{int(excluded.sum())} of {n} pairs are in no mean, because a setting is wrong or "
            "failed there"
        )
    if unknown.any():
        notes.append(
            f"{int(unknown.sum())} of {n} pairs are in no mean, because {measure.column} is not "
            "known for all settings"
        )
    return tuple(notes)


def subset(pairs: Pairs, name: str) -> Bools:
    """Return which pairs belong to a subset.

    As in rubberband, SCIP's own evaluation: ``clean``: no setting is wrong or failed; the others
    are clean too. ``affected``: solved by one at least, and LP iterations (else nodes) differ.
    ``[a,T]``: solved by one at least, and one took ``a`` seconds or more. ``all-optimal``: solved
    by all. ``different-limits``: solved by some, not by all.
    """
    if name == "all":
        return np.ones(len(pairs), np.bool_)
    clean = ~any_of(pairs.wrong | pairs.failed)
    solved_by_one = clean & any_of(pairs.solved)
    solved_by_all = clean & all_of(pairs.solved)
    match name:
        case "clean":
            return clean
        case "affected":
            return solved_by_one & _differs(_path(pairs))
        case "all-optimal":
            return solved_by_all
        case "different-limits":
            return solved_by_one & ~solved_by_all
        case _:
            at_least_s = float(name.removeprefix("[").partition(",")[0])
            slow = any_of(recorded(pairs, SOLVE) >= at_least_s)
            return solved_by_one & slow


def _path(pairs: Pairs) -> Floats:
    iterations = pairs.numbers("n_lp_iterations")
    return pairs.numbers("n_nodes") if np.isnan(iterations).all() else iterations


def _differs(values: Floats) -> Bools:
    return np.asarray(np.fmax.reduce(values, axis=1) != np.fmin.reduce(values, axis=1)) & ~(
        np.isnan(values).all(axis=1)
    )
