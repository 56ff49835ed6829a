"""The evidence for a registered setting."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from bench.app.analysis.sources import ComparisonOptions
from bench.app.registry.evidence import AGAINST, gather_evidence
from bench.app.registry.promote import Promotion
from bench.comparison.wording.narrative import ConclusionKind
from bench.model.registered_setting import RegisteredSetting
from bench.model.setting import Setting


@pytest.mark.parametrize(
    ("n_crashed", "outcome"), [(0, ConclusionKind.BETTER), (6, ConclusionKind.FAILS_MORE)]
)
def test_a_quicker_setting_that_fails_more_speaks_against_itself(
    tmp_path: Path, n_crashed: int, outcome: ConclusionKind
) -> None:
    """Its promotion is refused as that of a worse one is."""
    rows = [
        {
            "instance": f"i{i}",
            "setting": setting,
            "solver_version": "1.0",
            "verdict": "crashed" if setting == "new" and i < n_crashed else "solved",
            "solve_time_s": seconds * (10 + i),
        }
        for i in range(20)
        for setting, seconds in (("default", 1.0), ("new", 0.5))
    ]
    path = tmp_path / "results.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    registered = RegisteredSetting(
        setting=Setting(name="new", solver="fake"), solver_version="1.0", bench_version="0"
    )
    found = gather_evidence(ComparisonOptions(sources=[path]), registered)
    assert found.conclusion is not None
    assert found.conclusion.outcome is outcome
    refused = Promotion(
        model="m",
        version=1,
        alias="champion",
        moved=False,
        forced=False,
        conclusion=found.conclusion,
        reason="",
    )
    assert refused.speaks_against is (outcome in AGAINST)
    assert refused.speaks_against is (n_crashed > 0)
