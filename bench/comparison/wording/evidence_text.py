"""Texts about what limits and the clip hide of a ratio."""

from __future__ import annotations

from enum import StrEnum

from bench.comparison.comparison import BaselineDifference, Comparison, Evidence
from bench.comparison.options import Failures
from bench.statistics.censored import CensoredRatio

CHARGED = frozenset({Failures.CAP, Failures.PAR10})
"""Policies by which a failure has a cost that was not measured."""


class Bias(StrEnum):
    """The effect of results at a limit on a ratio, as text."""

    TOO_LARGE = "the ratio is an upper bound"
    TOO_SMALL = "the ratio is a lower bound"
    EITHER = "of either setting: the ratio may be too large or too small"


def limit_texts(
    comparison: Comparison, difference: BaselineDifference, stated: bool
) -> tuple[str, ...]:
    """Return the effect of limits and the clip on a ratio; nothing if there is none.

    ``stated``: the ratio was given as a bound already (`bounded_percent`).
    """
    found = difference.evidence
    if found is None:
        return ()
    told = []
    if found.n_at_limit:
        bias = _bias(found)
        untold = bias if bias is Bias.EITHER or not stated else None
        of = f"{found.n_at_limit} of {found.n_instances} at the {found.limit}"
        told.append(f"{of} ({untold})" if untold else of)
    told.append(no_information(found, comparison))
    if difference.tobit is not None:
        told.append(_tobit_text(difference.tobit, comparison))
    return tuple(filter(None, told))


def bounded_percent(difference: BaselineDifference) -> str:
    """Return the difference of the ratio from 1: ``20 %``, or at least or at most that."""
    change = (difference.ratio or 1.0) - 1
    bias = _bias(difference.evidence)
    if bias is None:
        return percent(abs(change))
    if bias is Bias.EITHER:
        return f"about {percent(abs(change))}"
    larger = (bias is Bias.TOO_LARGE) == (change < 0)
    return f"at {'least' if larger else 'most'} {percent(abs(change))}"


def _bias(evidence: Evidence | None) -> Bias | None:
    if evidence is None or not evidence.n_baseline_cut + evidence.n_setting_cut:
        return None
    if evidence.n_baseline_cut and evidence.n_setting_cut:
        return Bias.EITHER
    return Bias.TOO_LARGE if evidence.n_baseline_cut else Bias.TOO_SMALL


def no_information(evidence: Evidence, comparison: Comparison) -> str:
    """Return how many instances give no information about a ratio, and why; nothing if all do."""
    n, n_silent = evidence.n_instances, evidence.n_instances - evidence.n_informative
    if not n_silent:
        return ""
    clip = f"{comparison.basis.clip or 0:g} {comparison.basis.unit}"
    charged = any(comparison.failures) and comparison.basis.failures in CHARGED
    reasons = (
        (evidence.n_both_at_limit, f"both at the {evidence.limit}" + " or failed" * charged),
        (evidence.n_both_clipped, f"both below the clip of {clip}"),
    )
    given = [(count, reason) for count, reason in reasons if count]
    why = ", ".join(f"{reason} on {count}" if len(given) > 1 else reason for count, reason in given)
    of = f"any of {n}" if n_silent == n else f"{n_silent} of {n}"
    return f"no information from {of} {'instance' if n == 1 else 'instances'} ({why})"


def _tobit_text(tobit: CensoredRatio, comparison: Comparison) -> str:
    unit, shift = comparison.basis.unit, f"{comparison.basis.shift:g}"
    of = f"times + {shift} s" if unit == "s" else f"{unit} + {shift}"
    interval = f"{percent(tobit.level)} interval {tobit.low:.3f} to {tobit.high:.3f}"
    return (
        f"allowing for the limit (Tobit), the geometric mean of the ratios of {of} is "
        f"{tobit.ratio:.3f} ({interval}) if log ratios are normal; a few extreme instances bias it"
    )


def percent(share: float) -> str:
    """Return a share in percent, with two digits if it is small."""
    value = 100 * share
    return f"{value:.0f} %" if value >= 9.95 else f"{value:.2g} %"
