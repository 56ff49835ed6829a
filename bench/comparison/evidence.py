"""Evidence: the number of instances that give information about a difference."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bench.comparison.comparison import Evidence
from bench.comparison.costs import Costs
from bench.comparison.options import NODES, Failures, Measure, Options
from bench.comparison.pairs import Pairs
from bench.statistics.arrays import Bools, Floats, Ints, all_of, any_of


@dataclass(frozen=True, slots=True)
class Hidden:
    """Masks of the costs that do not equal the effort of solving.

    Each has shape (pairs, settings), with the baseline first. ``cut``: the solve ended at a limit,
    so the cost is a lower bound; ``by_time``: at the time limit. ``charged``: the solve failed, and
    the failure policy determines the cost. ``clipped``: the cost is below the clip.
    """

    cut: Bools
    by_time: Bools
    charged: Bools
    clipped: Bools


def hidden(pairs: Pairs, costs: Costs, options: Options, chosen: Bools) -> Hidden:
    """Return the masks of the chosen pairs."""
    charged = (pairs.wrong | pairs.failed)[chosen]
    if options.failures is Failures.KEEP:
        charged = np.zeros_like(charged)
    clip = options.clip_used
    amounts = costs.amounts[chosen]
    over_time = pairs.numbers("solve_time_s") >= pairs.numbers("time_limit_s")
    at_time = pairs.is_in("termination", ("time",))
    return Hidden(
        cut=cut(pairs, costs, options.of)[chosen],
        by_time=(at_time | (pairs.is_in("termination", ("",)) & over_time))[chosen],
        charged=charged,
        clipped=amounts <= clip if clip else np.zeros_like(charged),
    )


def cut(pairs: Pairs, costs: Costs, measure: Measure) -> Bools:
    """Return which results ended at a limit that truncates this measure.

    A limit of time or memory truncates every measure, and so does an unknown limit. A node limit
    truncates only nodes: the time for a given number of nodes is a measurement. An integral to the
    end of a solve is known for any end.
    """
    if measure.at_any_end:
        return np.zeros_like(pairs.limits)
    ended = pairs.limits & ~pairs.is_in("termination", ("normal",))
    at_most = np.full_like(costs.amounts, np.nan)
    if measure.is_time:
        at_most = pairs.numbers("time_limit_s")
    elif measure is NODES:
        at_most = pairs.numbers("node_limit")
    return ended | (pairs.limits & (costs.amounts >= at_most))


def evidence(hidden: Hidden, instance: Ints, at: int) -> Evidence:
    """Return how many instances distinguish a setting from the first one, and why others do not.

    ``instance`` numbers the instances of the pairs from 0. An instance gives no information if on
    each of its pairs neither result is known, or both are below the clip.
    """
    both = [0, at]
    unknown = all_of((hidden.cut | hidden.charged)[:, both])
    silent = unknown | all_of(hidden.clipped[:, both])
    n_pairs = np.bincount(instance)
    at_limit, by_time = hidden.cut[:, both], hidden.by_time[:, both]
    tells = np.bincount(instance, ~silent) > 0
    known = np.bincount(instance, ~unknown) > 0
    one_sided = ~any_of(hidden.charged[:, both]) & ~all_of(at_limit)
    return Evidence(
        n_instances=len(n_pairs),
        n_informative=int(tells.sum()),
        n_both_at_limit=int((~known).sum()),
        n_both_clipped=int((known & ~tells).sum()),
        n_at_limit=_n_with(any_of(at_limit), instance),
        limit="time limit" if at_limit.any() and by_time[at_limit].all() else "limit",
        n_baseline_cut=_n_with(one_sided & hidden.cut[:, 0], instance),
        n_setting_cut=_n_with(one_sided & hidden.cut[:, at], instance),
    )


def bounded(log_ratios: Floats, hidden: Hidden, instance: Ints, at: int) -> tuple[Floats, Ints]:
    """Return the mean log ratio of each instance, and whether it is a bound of the true one.

    1: a lower bound, because a result of the setting was truncated; -1: an upper bound, because one
    of the baseline was; 0: exact. Pairs with both truncated, or with a failure, give no
    information, and neither do instances without other pairs, or with bounds in both directions.
    """
    says = ~all_of(hidden.cut[:, [0, at]]) & ~any_of(hidden.charged[:, [0, at]])
    n = np.bincount(instance, says)
    sums = np.bincount(instance, np.where(says, log_ratios, 0.0))
    at_most = np.bincount(instance, says & hidden.cut[:, 0]) > 0
    at_least = np.bincount(instance, says & hidden.cut[:, at]) > 0
    used = (n > 0) & ~(at_most & at_least)
    sides = at_least.astype(np.int64) - at_most.astype(np.int64)
    return sums[used] / n[used], sides[used]


def _n_with(pairs: Bools, instance: Ints) -> int:
    return len(np.unique(instance[pairs]))
