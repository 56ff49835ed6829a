"""Whether a candidate may replace the baseline."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from bench.comparison.compare import compare
from bench.comparison.gate import Decision, decide
from bench.errors import UsageError

Make = Callable[..., pd.DataFrame]


@pytest.mark.parametrize(
    ("factor", "n", "decision", "reason"),
    [
        (0.8, 36, Decision.PASS, "all at most 1.05"),
        (1.3, 36, Decision.REGRESSION, "all above 1.05"),
        (1.05, 36, Decision.UNDECIDED, "which contains 1.05"),
        (9.0, 4, Decision.UNDECIDED, "4 instances are too few, at least 5"),
    ],
)
def test_the_interval_decides(
    make: Make, factor: float, n: int, decision: Decision, reason: str
) -> None:
    """Not the point, and nothing on a handful of instances."""
    gate = decide(compare(make({"default": 1.0, "new": factor}, n=n)), "new")
    assert gate.decision is decision
    assert reason in gate.reason


@pytest.mark.parametrize(
    ("verdict", "n_worse", "decision"),
    [
        ("wrong", 1, Decision.REGRESSION),
        ("crashed", 1, Decision.REGRESSION),
        ("limit", 3, Decision.UNDECIDED),
        ("limit", 60, Decision.REGRESSION),
    ],
)
def test_a_faster_candidate_that_is_worse_otherwise_does_not_pass(
    make: Make, verdict: str, n_worse: int, decision: Decision
) -> None:
    """A wrong answer is one too many; a few unsolved instances may be chance."""
    frame = make({"default": 1.0, "new": 0.5})
    frame.loc[frame.index[-n_worse:], "verdict"] = verdict
    assert decide(compare(frame), "new").decision is decision


def test_only_what_is_asked_must_not_become_worse(make: Make) -> None:
    """The rest is left to the times."""
    frame = make({"default": 1.0, "new": 0.5})
    frame.loc[frame.index[-60:], "verdict"] = "limit"
    assert decide(compare(frame), "new", no_worse=()).decision is Decision.PASS


def test_an_unknown_candidate_or_count_is_said(make: Make) -> None:
    """With what there is."""
    comparison = compare(make({"default": 1.0, "new": 0.5}, n=6))
    with pytest.raises(UsageError, match=r"'old' is not compared .* compared: new"):
        decide(comparison, "old")
    with pytest.raises(UsageError, match="no count 'speed'; there are: solved, wrong"):
        decide(comparison, "new", no_worse=("speed",))
