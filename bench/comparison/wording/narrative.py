"""A comparison as sentences: which setting is faster, by how much, and with what evidence."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from bench.comparison.comparison import BaselineDifference, Comparison, SubsetTable
from bench.comparison.disturbance import support
from bench.comparison.wording.disturbance_text import counts_text, support_text
from bench.comparison.wording.evidence_text import (
    bounded_percent,
    limit_texts,
    no_information,
    percent,
)
from bench.statistics.intervals import Interval
from bench.statistics.power import Needed, Spread, needed
from bench.statistics.tests import MIN_PAIRS

EFFECT = 0.05
"""The effect for which the required number of instances is given."""


class ConclusionKind(StrEnum):
    """The possible conclusions about a setting against the baseline."""

    BETTER = "better"
    WORSE = "worse"
    UNDECIDED = "undecided"
    UNRESOLVABLE = "unresolvable"
    TOO_FEW = "too few"
    FAILS_MORE = "fails more"
    FAILS_LESS = "fails less"


CLAIMS = frozenset({ConclusionKind.BETTER, ConclusionKind.WORSE})
"""Conclusions that the means differ."""


@dataclass(frozen=True, slots=True)
class Conclusion:
    """The conclusion about one setting, and the sentence that states it with its evidence.

    ``means_differ`` is whether the means alone show a difference, regardless of failures.
    """

    setting: str
    outcome: ConclusionKind
    sentence: str
    means_differ: bool = False


def conclusions(comparison: Comparison) -> tuple[Conclusion, ...]:
    """Return the conclusion about each setting except the baseline, in their order."""
    return tuple(conclusion(comparison, setting) for setting in comparison.settings[1:])


def conclusion(comparison: Comparison, setting: str) -> Conclusion:
    """Return the conclusion about a setting, on the first requested subset.

    Better or worse needs both: an interval that does not contain 1 and a Wilcoxon test below
    ``alpha`` after Holm. A difference below the machine's noise floor is unresolvable. A setting
    with more wrong and failed results than the baseline fails more, regardless of its mean; one
    with fewer of them fails less, and is not called worse for a larger mean. If the settings were
    not disturbed alike, wall times alone allow no conclusion (`bench.comparison.disturbance`).
    Before the first look of a sequential comparison there is no conclusion.
    """
    table = comparison.tables[0]
    difference = table.row(setting).against
    if comparison.look is not None and not comparison.look.is_reached:
        return Conclusion(setting, ConclusionKind.UNDECIDED, _before(comparison, setting))
    outcome, sentence = _of_means(setting, comparison, table, difference)
    means_differ = outcome in CLAIMS
    disturbances = _disturbances_text(comparison, setting, difference, claimed=means_differ)
    own, base = (comparison.failures_of(each) for each in (setting, comparison.baseline))
    if own > base:
        if means_differ and difference:
            sentence = _mean_sentence(comparison, table, difference)
        counts = _failures_text(setting, comparison.baseline, comparison)
        sentence = f"{setting} fails more than {comparison.baseline} ({counts}); {sentence}"
        outcome = ConclusionKind.FAILS_MORE
    elif own < base:
        sentence = f"{sentence}; {_failures_text(comparison.baseline, setting, comparison)}"
        if outcome is ConclusionKind.WORSE:
            outcome = ConclusionKind.FAILS_LESS
    whole = "; ".join(filter(None, (sentence, disturbances)))
    return Conclusion(setting, outcome, whole, means_differ)


def _of_means(
    setting: str, comparison: Comparison, table: SubsetTable, difference: BaselineDifference | None
) -> tuple[ConclusionKind, str]:
    """Return the conclusion from the means alone."""
    baseline = comparison.baseline
    found = difference.evidence if difference else None
    if found and not found.n_informative:
        remedy = "; a smaller --clip counts them as measured" if found.n_both_clipped else ""
        why = no_information(found, comparison)
        sentence = f"{setting} and {baseline} cannot be compared: {why}{remedy}"
        return ConclusionKind.UNDECIDED, sentence
    if difference is None or difference.ratio is None or difference.interval is None:
        return ConclusionKind.TOO_FEW, _nothing(setting, comparison, table)
    outcome = _outcome(comparison, difference.ratio, difference.interval, difference)
    if outcome in CLAIMS and not support(difference, 1 - comparison.basis.level).stands:
        outcome, sentence = ConclusionKind.UNDECIDED, _disturbed(comparison, setting, table)
    else:
        sentence = _sentence(outcome, setting, comparison, table, difference)
    return outcome, "; ".join((sentence, *limit_texts(comparison, difference, outcome in CLAIMS)))


def _before(comparison: Comparison, setting: str) -> str:
    """Return why there is no conclusion before the first look."""
    look = comparison.look
    if look is None:
        return ""
    have = "has all its results" if look.n_complete == 1 else "have all their results"
    return (
        f"not decided between {setting} and {comparison.baseline}: the first look needs "
        f"{look.size} of {look.last} instances, and {look.n_complete} {have}"
    )


def _disturbed(comparison: Comparison, setting: str, table: SubsetTable) -> str:
    """Return why a difference of wall times is inconclusive."""
    difference, baseline = table.row(setting).against, comparison.baseline
    if difference is None:
        return ""
    change = (difference.ratio or 1.0) - 1
    by_wall = f"{bounded_percent(difference)} {'faster' if change < 0 else 'slower'} by wall time"
    evidence = _evidence(comparison, table, difference, in_percent=True)
    why = support_text(difference, support(difference, 1 - comparison.basis.level))
    return (
        f"inconclusive{_scope(table)}: {setting} and {baseline} were not equally disturbed; "
        f"{setting} is {by_wall} ({evidence}), and {why}"
    )


def _disturbances_text(
    comparison: Comparison, setting: str, difference: BaselineDifference | None, *, claimed: bool
) -> str:
    """Return the number of disturbed results and, for a claim, the criterion that decided."""
    if difference is None or difference.disturbance is None:
        return ""
    told = counts_text(difference.disturbance, setting, comparison.baseline)
    if not claimed:
        return told
    found = support(difference, 1 - comparison.basis.level)
    return ", ".join(filter(None, (told, support_text(difference, found))))


def _failures_text(more: str, less: str, comparison: Comparison) -> str:
    n, n_less = comparison.failures_of(more), comparison.failures_of(less)
    verb = "is" if n == 1 else "are"
    of = comparison.basis.n_blocks
    return f"{n} of {of} results of {more} {verb} wrong or failed, {n_less} of {less}"


def headline(comparison: Comparison) -> str:
    """Return the last line: the best setting that is better, or the conclusion otherwise.

    With several settings, it names the one with the smallest ratio, and the number of others that
    differ.
    """
    found = conclusions(comparison)
    best = min(found, key=lambda each: _by_effect(comparison, each))
    others = [each for each in found if each is not best]
    if not others:
        return best.sentence
    counts = [sum(each.outcome is kind for each in others) for kind in ConclusionKind]
    told = ", ".join(
        f"{n} {kind.value}" for n, kind in zip(counts, ConclusionKind, strict=True) if n
    )
    return f"{best.sentence}; of the other settings: {told}"


def _by_effect(comparison: Comparison, found: Conclusion) -> tuple[bool, bool, float]:
    difference = comparison.tables[0].row(found.setting).against
    ratio = math.inf if difference is None or difference.ratio is None else difference.ratio
    fails_more = found.outcome is ConclusionKind.FAILS_MORE
    return found.outcome is not ConclusionKind.BETTER, fails_more, ratio


def _outcome(
    comparison: Comparison, ratio: float, interval: Interval, difference: BaselineDifference
) -> ConclusionKind:
    if difference.p_holm is None:
        return ConclusionKind.TOO_FEW
    alpha = 1 - comparison.basis.level
    if interval.low <= 1 <= interval.high or difference.p_holm >= alpha:
        return ConclusionKind.UNDECIDED
    noise = comparison.noise
    if noise and noise.source == "repetitions" and abs(math.log(ratio)) < math.log1p(noise.value):
        return ConclusionKind.UNRESOLVABLE
    return ConclusionKind.BETTER if ratio < 1 else ConclusionKind.WORSE


def _sentence(
    outcome: ConclusionKind,
    setting: str,
    comparison: Comparison,
    table: SubsetTable,
    difference: BaselineDifference,
) -> str:
    baseline = comparison.baseline
    evidence = _evidence(
        comparison, table, difference, in_percent=outcome in {*CLAIMS, ConclusionKind.UNRESOLVABLE}
    )
    scope = _scope(table)
    match outcome:
        case ConclusionKind.BETTER | ConclusionKind.WORSE:
            return f"{setting} {_effect(comparison, difference)} {baseline}{scope} ({evidence})"
        case ConclusionKind.UNRESOLVABLE:
            value = comparison.noise.value if comparison.noise else 0.0
            return (
                f"the difference between {setting} and {baseline}{scope} is unresolvable "
                f"({evidence}): "
                f"repetitions of the same setting differ by up to {percent(value)}"
            )
        case ConclusionKind.TOO_FEW:
            n_telling = difference.evidence.n_informative if difference.evidence else 0
            if not difference.n_pairs and n_telling >= MIN_PAIRS:
                return (
                    f"{setting} does not differ from {baseline} by 1 % or more on any of "
                    f"{n_telling} instances ({evidence})"
                )
            return (
                f"too few instances to decide between {setting} and {baseline}{scope} "
                f"({evidence}): they differ by 1 % or more on {difference.n_pairs} of "
                f"{table.n_instances} instances, and the test needs {MIN_PAIRS}"
            )
        case _:
            why = _disagreement(comparison, difference) or _takes(
                _needed(comparison, table, difference)
            )
            between = f"{setting} and {baseline}{scope}"
            return f"no significant difference between {between} ({evidence}): {why}"


def _scope(table: SubsetTable) -> str:
    """Return which pairs the means are over, if wrong or failed results are excluded."""
    if table.n_counted == table.n_blocks or not any(row.wrong + row.failed for row in table.rows):
        return ""
    n, what = table.n_instances, "instances"
    if table.n_counted > n:
        n, what = table.n_counted, "pairs"
    if any(row.limits for row in table.rows):
        return f" on the {n} {what} where no setting is wrong or failed"
    return f" on the {n} {what} that {'both' if len(table.rows) == 2 else 'all settings'} solve"


def _mean_sentence(
    comparison: Comparison, table: SubsetTable, difference: BaselineDifference
) -> str:
    """Return how the mean differs, without calling a setting better that fails more."""
    evidence = _evidence(comparison, table, difference, in_percent=True)
    than = f"{'below' if (difference.ratio or 1.0) < 1 else 'above'} that of {comparison.baseline}"
    mean = "mean time" if comparison.basis.unit == "s" else f"mean ({comparison.basis.unit})"
    told = f"its {mean}{_scope(table)} is {bounded_percent(difference)} {than} ({evidence})"
    return "; ".join((told, *limit_texts(comparison, difference, stated=True)))


def _disagreement(comparison: Comparison, difference: BaselineDifference) -> str:
    """Return a text if only one of interval and test shows a difference."""
    interval, alpha = difference.interval, 1 - comparison.basis.level
    if interval is not None and not interval.low <= 1 <= interval.high:
        if difference.p_wilcoxon is not None and difference.p_wilcoxon < alpha:
            return (
                "the interval and the unadjusted test "
                f"({_p_value_text(difference.p_wilcoxon)}) show one, the test after Holm does "
                "not; more instances may decide"
            )
        return (
            "the interval shows one, the rank test does not confirm it (a few instances may make "
            "most of it); more instances may decide"
        )
    if difference.p_holm is not None and difference.p_holm < alpha:
        return (
            "the rank test shows one, the interval of the means does not confirm it; more "
            "instances may decide"
        )
    return ""


def _nothing(setting: str, comparison: Comparison, table: SubsetTable) -> str:
    if table.n_instances > 1:
        return (
            f"{setting} and {comparison.baseline} have no ratio on {table.n_instances} instances: "
            "a mean is 0"
        )
    return (
        f"too few instances to decide between {setting} and {comparison.baseline}: "
        f"{table.n_instances} {'instance counts' if table.n_instances == 1 else 'instances count'}"
    )


def _effect(comparison: Comparison, difference: BaselineDifference) -> str:
    change = (difference.ratio or 1.0) - 1
    if comparison.basis.unit == "s":
        return f"is {bounded_percent(difference)} {'faster' if change < 0 else 'slower'} than"
    less_or_more = "fewer" if change < 0 else "more"
    return f"takes {bounded_percent(difference)} {less_or_more} {comparison.basis.unit} than"


def _evidence(
    comparison: Comparison,
    table: SubsetTable,
    difference: BaselineDifference,
    *,
    in_percent: bool,
) -> str:
    parts = []
    if difference.interval is not None:
        parts.append(_range(difference.interval, in_percent=in_percent))
    parts.append(_pairs_text(table) + ("" if table.subset == "all" else f" of {table.subset}"))
    if difference.p_holm is not None:
        tests = sum(
            row.against is not None and row.against.p_holm is not None for row in table.rows
        )
        after = f" after Holm for {tests} settings" if tests > 1 else ""
        parts.append(f"{_p_value_text(difference.p_holm)}{after}")
    if (look := comparison.look) is not None:
        parts.append(f"look at {look.size} of {look.last} with level {look.level:.2g}")
    return ", ".join(parts)


def _range(interval: Interval, *, in_percent: bool) -> str:
    level = f"{100 * interval.level:.4g} % interval"
    if in_percent and interval.high < 1:
        return f"{level} {percent(1 - interval.high)} to {percent(1 - interval.low)}"
    if in_percent and interval.low > 1:
        return f"{level} {percent(interval.low - 1)} to {percent(interval.high - 1)}"
    return f"{level} of the ratio {interval.low:.3f} to {interval.high:.3f}"


def _pairs_text(table: SubsetTable) -> str:
    n, each = table.n_instances, table.n_counted / max(table.n_instances, 1)
    if each == 1:
        return f"{n} instances, one seed"
    return (
        f"{n} instances x {each:g} seeds"
        if each.is_integer()
        else (f"{table.n_counted} pairs of {n} instances")
    )


def _needed(
    comparison: Comparison, table: SubsetTable, difference: BaselineDifference
) -> Needed | None:
    if not difference.deviation:
        return None
    mean = table.row(comparison.baseline).sgm or 0.0
    shift = comparison.basis.shift
    effect = math.log(((1 + EFFECT) * mean + shift) / (mean + shift)) if mean + shift else 0.0
    if not effect:
        return None
    spread = Spread(
        deviation=difference.deviation,
        within=difference.deviation_seeds,
        n_instances=table.n_instances,
        n_seeds=table.n_counted / table.n_instances,
    )
    return needed(spread, effect, (1 - comparison.basis.level) / (len(comparison.settings) - 1))


def _takes(more: Needed | None) -> str:
    if more is None or not more.instances:
        return f"a difference of {percent(EFFECT)} would probably have been detected"
    seeds = f" or {_more(more.seeds, 'seed')}" if more.seeds else ""
    instances = _more(more.instances, "instance")
    return f"detecting {percent(EFFECT)} would need about {instances}{seeds}"


def _more(n: int, what: str) -> str:
    return f"{n} more {what}" if n == 1 else f"{n} more {what}s"


def _p_value_text(p: float) -> str:
    return "p < 0.0001" if p < 0.0001 else f"p = {p:.2g}"
