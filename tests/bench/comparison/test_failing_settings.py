"""A setting that fails more than the baseline is never better, however quick the rest is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest

from bench.comparison.compare import compare
from bench.comparison.comparison import BaselineDifference
from bench.comparison.gate import Decision, decide
from bench.comparison.options import Failures, Options
from bench.comparison.wording.narrative import ConclusionKind, conclusion, headline

Make = Callable[..., pd.DataFrame]
QUICK = Options(subsets=("all",), n_resamples=200)


def failing(
    make: Make, setting: str, n: int, verdict: str = "crashed", **factors: float
) -> pd.DataFrame:
    """Return 20 instances, on ``n`` of which a setting fails."""
    frame = make({"default": 1.0, "new": 0.8} | factors, n=20, seeds=1, scatter=0.01)
    own = frame.index[frame["setting"] == setting]
    frame.loc[own[:n], "verdict"] = verdict
    return frame


def against(frame: pd.DataFrame, options: Options | None = None) -> BaselineDifference:
    """Return how ``new`` compares on all pairs."""
    found = compare(frame, options or QUICK).tables[0].row("new").against
    assert found is not None
    return found


@pytest.mark.parametrize("verdict", ["crashed", "wrong", "killed"])
@pytest.mark.parametrize("failures", list(Failures))
def test_who_solves_more_is_asked_of_all_pairs(
    make: Make, verdict: str, failures: Failures
) -> None:
    """McNemar's test, wins and losses: failures are not solved, whatever they cost in a mean."""
    found = against(failing(make, "new", 6, verdict), replace(QUICK, failures=failures))
    assert (found.solved_more, found.solved_less) == (0, 6)
    assert found.p_mcnemar == pytest.approx(2 / 2**6)
    assert found.losses == 6
    assert found.wins + found.losses + found.ties == 20


@pytest.mark.slow
@pytest.mark.parametrize("subset", ["all", "clean"])
@pytest.mark.parametrize("failures", list(Failures))
def test_a_setting_that_fails_more_is_never_better(
    make: Make, subset: str, failures: Failures
) -> None:
    """On no subset and by no policy; the sentence begins with the failures."""
    options = replace(QUICK, subsets=(subset,), failures=failures)
    comparison = compare(failing(make, "new", 6), options)
    found = conclusion(comparison, "new")
    assert found.outcome is ConclusionKind.FAILS_MORE
    assert found.sentence.startswith(
        "new fails more than default (6 of 20 results of new are wrong or failed, 0 of default); "
    )
    assert "faster" not in found.sentence


def test_the_mean_of_a_setting_that_fails_more_says_where_it_is_from(make: Make) -> None:
    """On the instances that both solve; with a timeout among them that would not be true."""
    frame = failing(make, "new", 6)
    sentence = conclusion(compare(frame, QUICK), "new").sentence
    assert "; its mean time on the 14 instances that both solve is 18 % below that of" in sentence
    frame.loc[frame.index[[10, 30]], "verdict"] = "limit"
    sentence = conclusion(compare(frame, QUICK), "new").sentence
    assert " on the 14 instances where no setting is wrong or failed " in sentence


def test_a_setting_that_fails_everywhere_fails_more(make: Make) -> None:
    """Though nothing is left that a mean could be of."""
    comparison = compare(failing(make, "new", 20), QUICK)
    assert conclusion(comparison, "new").outcome is ConclusionKind.FAILS_MORE
    found = against(failing(make, "new", 20))
    assert (found.ratio, found.solved_less) == (None, 20)


def test_as_many_failures_are_no_reason_against_a_setting(make: Make) -> None:
    """But the sentence says which instances are left."""
    frame = failing(make, "new", 2)
    frame.loc[frame.index[frame["setting"] == "default"][:2], "verdict"] = "crashed"
    found = conclusion(compare(frame, QUICK), "new")
    assert found.outcome is ConclusionKind.BETTER
    assert "faster than default on the 18 instances that both solve (" in found.sentence


def test_a_setting_that_fails_less_is_not_worse_for_its_mean(make: Make) -> None:
    """The baseline's failures are named beside the mean."""
    found = conclusion(compare(failing(make, "default", 6, new=1.3), QUICK), "new")
    assert found.outcome is ConclusionKind.FAILS_LESS
    assert "% slower than default on the 14 instances that both solve (" in found.sentence
    told = "6 of 20 results of default are wrong or failed, 0 of new"
    assert found.sentence.endswith(told)


def test_the_headline_prefers_a_setting_that_does_not_fail_more(make: Make) -> None:
    """A quick one that fails is counted among the others."""
    frame = failing(make, "new", 6, other=0.99)
    said = headline(compare(frame, QUICK))
    assert not said.startswith("new")
    assert said.endswith("of the other settings: 1 fails more")


def test_a_gate_for_the_solved_counts_failures(make: Make) -> None:
    """Fewer solved, confirmed by McNemar's test over all pairs."""
    gate = decide(compare(failing(make, "new", 6), QUICK), "new", no_worse=("solved",))
    assert gate.decision is Decision.REGRESSION
    assert gate.reason == "solved: 20 before, 14 now (McNemar p = 0.031)"
