"""The evidence for a registered setting: what a comparison says of it, as tags of its version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bench.app.analysis.sources import ComparisonOptions
from bench.comparison.compare import compare
from bench.comparison.wording.narrative import Conclusion, ConclusionKind, conclusion
from bench.errors import UsageError
from bench.model.registered_setting import RegisteredSetting

STATUS = "validation-status"
PENDING = "pending"
APPROVED = "approved"
REJECTED = "rejected"
SETTING = "bench.setting"
BASELINE = "bench.baseline"
MEASURE = "bench.measure"
RUN_IDS = "bench.run_ids"
AGAINST = frozenset({ConclusionKind.WORSE, ConclusionKind.FAILS_MORE})
"""Conclusions that speak against a setting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is concluded of a setting against a baseline; None where it is the baseline itself."""

    baseline: str
    measure: str
    conclusion: Conclusion | None
    numbers: Mapping[str, str]

    @property
    def tags(self) -> dict[str, str]:
        """The tags of the version that say it."""
        basis = {BASELINE: self.baseline, MEASURE: self.measure}
        if self.conclusion is None:
            return basis
        said = {
            "bench.conclusion": self.conclusion.outcome.value,
            "bench.evidence": self.conclusion.sentence,
        }
        return said | dict(self.numbers) | basis


def gather_evidence(options: ComparisonOptions, registered: RegisteredSetting) -> Evidence:
    """Compare a setting with the baseline, among all settings of the same results.

    UsageError where there is nothing to compare, and where the results of the setting are not of
    the solver version that it is registered with.
    """
    setting = registered.setting
    recorded = options.recorded()
    own = recorded.table[recorded.table["setting"] == setting.name]
    versions = {str(each) for each in own["solver_version"].dropna().unique()}
    if other := sorted(versions - {registered.solver_version}):
        raise UsageError(
            f"the results of {setting.name!r} are of {setting.solver} {', '.join(other)}, but the "
            f"setting is registered with {registered.solver_version}; register it again"
        )
    comparison = compare(recorded.table, options.counting(recorded, ("all",)))
    if setting.name == comparison.baseline:
        return Evidence(
            baseline=comparison.baseline, measure=options.measure, conclusion=None, numbers={}
        )
    numbers = {}
    difference = comparison.table().row(setting.name).against
    if difference is not None and difference.ratio is not None:
        numbers["bench.ratio"] = f"{difference.ratio:.4g}"
    if difference is not None and (interval := difference.interval) is not None:
        numbers["bench.interval"] = f"{interval.low:.4g} to {interval.high:.4g}"
        numbers["bench.interval_level"] = f"{interval.level:g}"
    return Evidence(
        baseline=comparison.baseline,
        measure=options.measure,
        conclusion=conclusion(comparison, setting.name),
        numbers=numbers,
    )
