"""The gate: whether a candidate may replace the baseline."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from bench.comparison.comparison import BaselineDifference, Comparison, SettingRow
from bench.comparison.evidence_text import no_information
from bench.errors import UsageError

MIN_INSTANCES = 5
COUNTS = ("solved", "wrong", "failed", "limits")
"""What may be asked not to become worse."""


class Decision(StrEnum):
    """What a gate decides."""

    PASS = "pass"  # noqa: S105 - no password
    REGRESSION = "regression"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Gate:
    """A decision with its reason in words."""

    decision: Decision
    reason: str


def decide(
    comparison: Comparison,
    candidate: str,
    max_slowdown: float = 1.05,
    no_worse: Collection[str] = ("solved", "wrong", "failed"),
    subset: str = "all",
) -> Gate:
    """Return whether a candidate passes, by the interval of its ratio, not by the point.

    Regression: the whole interval is above ``max_slowdown``; more pairs are wrong or failed; or
    fewer instances are solved, or more end at a limit, and McNemar's test confirms it. Pass: the
    whole interval is at most ``max_slowdown`` and no count is worse. Else undecided, and so where
    fewer than ``MIN_INSTANCES`` instances tell anything of the ratio. UsageError if the candidate
    is not compared or a count does not exist.
    """
    unknown = [name for name in no_worse if name not in COUNTS]
    if unknown:
        raise UsageError(f"there is no count {unknown[0]!r}; there are: {', '.join(COUNTS)}")
    if candidate not in comparison.settings[1:]:
        there_are = ", ".join(comparison.settings[1:])
        raise UsageError(f"{candidate!r} is not compared with the baseline; compared: {there_are}")
    table = comparison.table(subset)
    row, baseline = table.row(candidate), table.row(comparison.baseline)
    alpha = 1 - comparison.basis.level
    gates = [_count(name, row, baseline, alpha) for name in COUNTS if name in no_worse]
    gates.append(_slowdown(comparison, row.against, max_slowdown))
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
    return Gate(Decision.UNDECIDED, f"{told}, too few to tell from chance")


def _slowdown(comparison: Comparison, difference: BaselineDifference | None, most: float) -> Gate:
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
    interval = difference.interval
    ends = f"{interval.low:.3f} to {interval.high:.3f}"
    told = f"ratio {difference.ratio:.3f}, {interval.level:.0%} interval {ends}"
    if interval.low > most:
        return Gate(Decision.REGRESSION, f"{told}, all above {most:g}")
    if interval.high <= most:
        return Gate(
            Decision.PASS, "; ".join(filter(None, (f"{told}, all at most {most:g}", silent)))
        )
    return Gate(Decision.UNDECIDED, f"{told}, which contains {most:g}")
