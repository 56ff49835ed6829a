"""The gate: whether a candidate may replace the baseline."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from bench.comparison.comparison import BaselineDifference, Comparison, SettingRow
from bench.comparison.disturbance import are_alike, widened
from bench.comparison.wording.disturbance_text import counts_text
from bench.comparison.wording.evidence_text import no_information
from bench.errors import UsageError
from bench.statistics.intervals import Interval

MIN_INSTANCES = 5
COUNTS = ("solved", "wrong", "failed", "limits")
"""Counts that can be required not to become worse."""


class Decision(StrEnum):
    """The decisions of a gate."""

    PASS = "pass"  # noqa: S105 - no password
    REGRESSION = "regression"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Gate:
    """A decision with its reason as text."""

    decision: Decision
    reason: str


def decide(
    comparison: Comparison,
    candidate: str,
    max_slowdown: float = 1.05,
    no_worse: Collection[str] = ("solved", "wrong", "failed"),
    subset: str = "all",
) -> Gate:
    """Return whether a candidate passes, by the confidence interval of its ratio.

    Regression: the whole interval is above ``max_slowdown``; more pairs are wrong or failed; or
    fewer instances are solved, or more end at a limit, and McNemar's test confirms it. Pass: the
    whole interval is at most ``max_slowdown`` and no count is worse. Otherwise undecided; also if
    fewer than ``MIN_INSTANCES`` instances give information about the ratio, or if the settings were
    not disturbed alike and CPU time decides differently. UsageError if the candidate is not
    compared or a count does not exist.
    """
    unknown = [name for name in no_worse if name not in COUNTS]
    if unknown:
        raise UsageError(f"unknown count {unknown[0]!r}; known: {', '.join(COUNTS)}")
    if candidate not in comparison.settings[1:]:
        there_are = ", ".join(comparison.settings[1:])
        what = (
            "is the baseline" if candidate == comparison.settings[0] else "is no compared setting"
        )
        raise UsageError(f"{candidate!r} {what}; the candidate may be: {there_are}")
    table = comparison.table(subset)
    row, baseline = table.row(candidate), table.row(comparison.baseline)
    alpha = 1 - comparison.basis.level
    gates = [_count(name, row, baseline, alpha) for name in COUNTS if name in no_worse]
    gates.append(_slowdown(comparison, candidate, row.against, max_slowdown))
    for decision in (Decision.REGRESSION, Decision.UNDECIDED):
        reasons = [gate.reason for gate in gates if gate.decision is decision]
        if reasons:
            return Gate(decision, "; ".join(reasons))
    return Gate(Decision.PASS, gates[-1].reason)


def _count(name: str, row: SettingRow, baseline: SettingRow, alpha: float) -> Gate:
    now, before = getattr(row, name), getattr(baseline, name)
    told = f"{name}: {before} before, {now} now"
    if now == before or (now > before) == (name == "solved"):
        return Gate(Decision.PASS, told)
    difference = row.against
    if name in {"wrong", "failed"}:
        return Gate(Decision.REGRESSION, told)
    if difference is not None and difference.p_mcnemar is not None and difference.p_mcnemar < alpha:
        return Gate(Decision.REGRESSION, f"{told} (McNemar p = {difference.p_mcnemar:.2g})")
    return Gate(Decision.UNDECIDED, f"{told}, too small a change to exclude chance")


def _slowdown(
    comparison: Comparison, setting: str, difference: BaselineDifference | None, most: float
) -> Gate:
    found = difference.evidence if difference else None
    n = found.n_informative if found else 0
    silent = no_information(found, comparison) if found else ""
    if silent and not n:
        return Gate(Decision.UNDECIDED, silent)
    if n < MIN_INSTANCES:
        few = "1 instance is" if n == 1 else f"{n} instances are"
        reason = f"{few} too few, at least {MIN_INSTANCES} are needed"
        return Gate(Decision.UNDECIDED, "; ".join(filter(None, (silent, reason))))
    if difference is None or difference.ratio is None or difference.interval is None:
        return Gate(Decision.UNDECIDED, "there is no ratio, because a mean is 0")
    gate = _by_interval(difference.ratio, difference.interval, most)
    if gate.decision is Decision.PASS:
        gate = _with(gate, silent)
    return _disturbed(gate, comparison, setting, difference, most)


def _by_interval(ratio: float, interval: Interval, most: float) -> Gate:
    ends = f"{interval.low:.3f} to {interval.high:.3f}"
    told = f"ratio {ratio:.3f}, {interval.level:.0%} interval {ends}"
    if interval.low > most:
        return Gate(Decision.REGRESSION, f"{told}, all above {most:g}")
    if interval.high <= most:
        return Gate(Decision.PASS, f"{told}, all at most {most:g}")
    return Gate(Decision.UNDECIDED, f"{told}, which contains {most:g}")


def _disturbed(
    gate: Gate, comparison: Comparison, setting: str, difference: BaselineDifference, most: float
) -> Gate:
    """Return the decision by wall time, if it is accepted despite disturbances.

    If the settings were not disturbed alike, the decision must be the same by CPU time, or with the
    interval widened by the possible effect.
    """
    known = difference.disturbance
    if known is None:
        return gate
    gate = _with(gate, counts_text(known, setting, comparison.baseline))
    if are_alike(known) or gate.decision is Decision.UNDECIDED:
        return gate
    cpu, wide = known.cpu, widened(difference)
    if cpu is not None and cpu.ratio is not None and cpu.interval is not None:
        second, name = _by_interval(cpu.ratio, cpu.interval, most), "by CPU time"
    elif wide is not None:
        second = _by_interval(difference.ratio or 1.0, wide, most)
        name = "widened by the possible effect of disturbances"
    else:
        return Gate(Decision.UNDECIDED, f"{gate.reason}, with no CPU time to confirm it")
    decision = gate.decision if second.decision is gate.decision else Decision.UNDECIDED
    return Gate(decision, f"{gate.reason}; {name}: {second.reason}")


def _with(gate: Gate, more: str) -> Gate:
    return Gate(gate.decision, "; ".join(filter(None, (gate.reason, more))))
