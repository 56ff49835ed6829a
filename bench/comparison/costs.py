"""The cost of each pair for each setting, and the subsets of pairs that are compared."""

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
    ``reached``: the measured event has happened, usually that the pair was solved.
    """

    amounts: Floats
    counted: Bools
    reached: Bools
    notes: tuple[str, ...] = ()


def costs(
    pairs: Pairs, measure: Measure, failures: Failures, timeouts: Timeouts = Timeouts.LIMIT
) -> Costs:
    """Return the cost of each result.

    A time counts with at most the time limit, if the limit is on the same clock. A result that
    ended at the limit of time or memory counts with the time limit, unless ``timeouts`` keeps the
    measured time of those at the time limit. Failures cost what the policy says. Other measures
    than time have no such limit, so their failed pairs are excluded, as are pairs with an unknown
    value.
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
    """Return the values of a measure, with times truncated at the time limit.

    If the bounds did not reach the quality before a solve ended at a limit, their time is the
    limit.
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
    """Return where the measured event has happened: solved, or the bounds reached the quality."""
    if not measure.of_bounds:
        return pairs.solved
    values = pairs.numbers(measure.column)
    late = values > limits(pairs, measure)
    return ~(np.isnan(values) | late | pairs.wrong | pairs.failed)


def _refuse_unknown(pairs: Pairs, measure: Measure) -> None:
    """Raise UsageError for a setting that solves pairs without any known time to a bound."""
    lacking = np.isnan(pairs.numbers(measure.column)).all(axis=0) & pairs.solved.any(axis=0)
    if lacking.any():
        names = ", ".join(pairs.settings[at] for at in np.flatnonzero(lacking))
        raise UsageError(
            f"--measure {measure.name}: the results of {names} have no bounds over time, which "
            "this measure needs; only results of bench run and bench sweep have them"
        )


def have_logarithms(spent: Costs, options: Options) -> None:
    """Raise UsageError if a geometric mean without a shift would include a zero."""
    least = spent.amounts[spent.counted].min(axis=1, initial=np.inf)
    zeros = int((np.maximum(least, options.clip_used or 0.0) + options.shift_used <= 0).sum())
    if zeros:
        raise UsageError(
            f"{options.of.column} is 0 on {zeros} of {len(least)} pairs, and a geometric mean "
            "cannot contain 0; use a --clip or a --shift above 0"
        )


def limits(pairs: Pairs, measure: Measure) -> Floats:
    """Return the largest possible value of a measure; NaN if there is none, or on another clock."""
    limit = pairs.numbers("time_limit_s")
    if not measure.is_time:
        return np.full_like(limit, np.nan)
    if measure.clock:
        return np.where(pairs.is_in("clock", (measure.clock, "")), limit, np.nan)
    return limit


def penalised(pairs: Pairs, factor: float, measure: Measure = SOLVE) -> Floats:
    """Return times in which unsolved pairs count with ``factor`` times the limit (PAR2, PAR10).

    For bounds over time, these are the pairs that did not reach the quality.
    """
    return np.where(
        reached(pairs, measure), recorded(pairs, measure), factor * pairs.numbers("time_limit_s")
    )


def _notes(excluded: Bools, unknown: Bools, measure: Measure) -> tuple[str, ...]:
    n = len(excluded)
    notes = []
    if excluded.any():
        notes.append(
            f"{int(excluded.sum())} of {n} pairs are excluded from all means, because a setting "
            "is wrong or failed there"
        )
    if unknown.any():
        notes.append(
            f"{int(unknown.sum())} of {n} pairs are excluded from all means, because "
            f"{measure.column} is not known for all settings"
        )
    return tuple(notes)


def subset(pairs: Pairs, name: str) -> Bools:
    """Return the pairs of a subset.

    The definitions are those of rubberband, SCIP's own evaluation: ``clean``: no setting is wrong
    or failed; the others are clean too. ``affected``: solved by one at least, and LP iterations
    (else nodes) differ. ``[a,T]``: solved by one at least, and one took ``a`` seconds or more.
    ``all-optimal``: solved by all. ``different-limits``: solved by some, not by all.
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
