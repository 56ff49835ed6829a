"""The outcome of a tuning, and how its test is counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict

from bench.app.campaign.campaign_result import CampaignResult
from bench.comparison.comparison import Comparison
from bench.comparison.options import CPU
from bench.comparison.wording.narrative import Conclusion, ConclusionKind
from bench.model.setting import Setting
from bench.tuning.candidate import STOCK, Candidate
from bench.tuning.race import RaceState
from bench.tuning.record import Phase, Progress, Split, name_of_test
from bench.tuning.scores import NOTHING_TO_GAIN_S, SHIFT_S, Objective

WINNER = "winner"
SHORT_S = 2.0
"""If stock takes less on average, the test uses a smaller shift and clip."""


class CountingRules(TypedDict, total=False):
    """How the test is counted, by the fields of `ComparisonOptions`."""

    measure: str
    shift: float
    clip: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TuneResult:
    """The outcome of a tuning.

    ``progress`` describes it in numbers and words; ``settings`` are winner, best emphasis and
    smallest setting by their names. ``test`` and ``comparison`` are None if there was nothing to
    test or the test is not finished. ``counting`` has the options of the comparison.
    """

    name: str
    folder: Path
    split: Split
    progress: Progress
    race: CampaignResult
    test: CampaignResult | None = None
    settings: Mapping[str, Setting] = field(default_factory=dict)
    comparison: Comparison | None = None
    counting: CountingRules = field(default_factory=CountingRules)

    @property
    def better(self) -> str | None:
        """The setting that is better than stock on unseen instances, None if there is none."""
        return self.progress.better or None

    @property
    def interrupted(self) -> bool:
        """Whether the same command has something left to do."""
        return self.progress.phase != Phase.DONE

    @property
    def test_name(self) -> str:
        """The name of the sweep that is the test."""
        return name_of_test(self.name)


def counting_rules(state: RaceState) -> CountingRules:
    """Return how the test is counted; this depends only on the training set.

    If solves are short, the usual shift and clip would hide differences.
    """
    if state.objective is Objective.INTEGRAL:
        return {"measure": Objective.INTEGRAL.value}
    if state.mean_s < SHORT_S:
        return {"measure": CPU.name, "shift": SHIFT_S, "clip": NOTHING_TO_GAIN_S / 2}
    return {"measure": CPU.name}


def changes_text(candidate: Candidate) -> str:
    """Return the changes of a candidate, e.g. ``heuristics-off, misc/usesymmetry = 0``."""
    parts = [] if candidate.start == STOCK else [candidate.start]
    parts += [f"{name} = {value}" for name, value in candidate.changes.items()]
    return ", ".join(parts) or "stock"


def better_setting(comparison: Comparison, drawn: tuple[Conclusion, ...]) -> str | None:
    """Return the better setting with the smallest ratio, None if none is better."""
    ratios = {}
    for one in drawn:
        difference = comparison.table().row(one.setting).against
        if one.outcome is ConclusionKind.BETTER and difference and difference.ratio is not None:
            ratios[one.setting] = difference.ratio
    return min(ratios, key=lambda name: (ratios[name], name != WINNER), default=None)
