"""The evidence for a registered setting: the conclusion of a comparison, as tags of its version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

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
SHIFT, CLIP = "bench.shift", "bench.clip"
RUN_IDS = "bench.run_ids"
AGAINST = frozenset({ConclusionKind.WORSE, ConclusionKind.FAILS_MORE})
"""Conclusions that speak against a setting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The conclusion about a setting against a baseline; None if it is the baseline itself.

    ``shift`` and ``clip`` of the mean are None for the defaults of the measure.
    """

    baseline: str
    measure: str
    shift: float | None = None
    clip: float | None = None
    conclusion: Conclusion | None
    numbers: Mapping[str, str]

    @property
    def tags(self) -> dict[str, str]:
        """The tags of the version with this evidence."""
        basis = {BASELINE: self.baseline, MEASURE: self.measure}
        basis |= {
            tag: f"{value:g}"
            for tag, value in ((SHIFT, self.shift), (CLIP, self.clip))
            if value is not None
        }
        if self.conclusion is None:
            return basis
        said = {
            "bench.conclusion": self.conclusion.outcome.value,
            "bench.evidence": self.conclusion.sentence,
        }
        return said | dict(self.numbers) | basis


def gather_evidence(options: ComparisonOptions, registered: RegisteredSetting) -> Evidence:
    """Compare the setting with the baseline, among all settings of the same results.

    Raise UsageError if there is nothing to compare, and if the results of the setting belong to
    another solver version than the registered one.
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
    without = Evidence(
        baseline=comparison.baseline,
        measure=options.measure,
        shift=options.shift,
        clip=options.clip,
        conclusion=None,
        numbers={},
    )
    if setting.name == comparison.baseline:
        return without
    numbers = {}
    difference = comparison.table().row(setting.name).against
    if difference is not None and difference.ratio is not None:
        numbers["bench.ratio"] = f"{difference.ratio:.4g}"
    if difference is not None and (interval := difference.interval) is not None:
        numbers["bench.interval"] = f"{interval.low:.4g} to {interval.high:.4g}"
        numbers["bench.interval_level"] = f"{interval.level:g}"
    return replace(without, conclusion=conclusion(comparison, setting.name), numbers=numbers)
