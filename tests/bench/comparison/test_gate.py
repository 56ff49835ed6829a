"""Whether a candidate may replace the baseline."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from bench.comparison.compare import compare
from bench.comparison.gate import Decision, decide
from bench.comparison.options import Failures, Options
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


def quick(**options: Any) -> Options:
    """Return options that leave out what a gate does not look at."""
    return Options(subsets=("all",), n_resamples=200, **options)


def without_information(make: Make, n: int, columns: dict[str, object]) -> pd.DataFrame:
    """Return 20 instances on which ``new`` is quicker, with ``n`` that tell nothing of it."""
    frame = make({"default": 1.0, "new": 0.5}, n=20, seeds=2, scatter=0.01)
    frame["solve_time_s"] += 10.0
    frame = frame.assign(n_nodes=100, node_limit=1000)
    silent = frame["instance"].isin([f"i{at}" for at in range(n)])
    return frame.assign(**{name: frame[name].mask(silent, each) for name, each in columns.items()})


LIMIT = {"verdict": "limit", "termination": "time", "solve_time_s": 1e6}
NODES = {"verdict": "limit", "termination": "normal", "n_nodes": 1000}


@pytest.mark.parametrize(
    ("columns", "options", "reason"),
    [
        (LIMIT, {}, "both at the time limit"),
        (LIMIT | {"n_nodes": 7}, {"measure": "nodes"}, "both at the time limit"),
        (NODES, {"measure": "nodes"}, "both at the limit"),
        ({"solve_time_s": 0.3}, {}, "both below the clip of 0.5 s"),
        ({"solve_time_s": 0.3}, {"shift": 10.0, "clip": 2.0}, "both below the clip of 2 s"),
        ({"verdict": "crashed"}, {"failures": Failures.CAP}, "both at the limit or failed"),
        ({"verdict": "wrong"}, {"failures": Failures.PAR10}, "both at the limit or failed"),
    ],
)
def test_instances_that_tell_nothing_do_not_decide(
    make: Make, columns: dict[str, object], options: dict[str, Any], reason: str
) -> None:
    """With none that tells, and with fewer than it takes; with more of them they decide."""
    every, most, some = (
        decide(compare(without_information(make, n, columns), quick(**options)), "new")
        for n in (20, 16, 4)
    )
    assert every.decision is Decision.UNDECIDED
    assert every.reason == f"no information from any of 20 instances ({reason})"
    assert most.decision is Decision.UNDECIDED
    assert most.reason.startswith(f"no information from 16 of 20 instances ({reason})")
    assert most.reason.endswith("4 instances are too few, at least 5 are needed")
    assert some.decision is Decision.PASS
    assert some.reason.endswith(f"; no information from 4 of 20 instances ({reason})")


@pytest.mark.parametrize(
    ("columns", "options"),
    [
        ({"solve_time_s": 0.3}, {"clip": 0.0}),
        ({"solve_time_s": 0.3}, {"shift": 1.0}),
        ({"n_nodes": 1}, {"measure": "nodes"}),
        (NODES, {}),
    ],
)
def test_what_is_measured_to_be_alike_is_evidence(
    make: Make, columns: dict[str, object], options: dict[str, Any]
) -> None:
    """Short times without a clip, equal nodes, and the time that a number of nodes takes."""
    frame = without_information(make, 20, columns)
    assert decide(compare(frame, quick(**options)), "new").decision is Decision.PASS


def test_one_seed_that_tells_makes_an_instance_tell(make: Make) -> None:
    """An instance is silent only if it is so on all its seeds."""
    frame = without_information(make, 20, LIMIT)
    first = frame["seed"] == 0
    solved = without_information(make, 0, LIMIT)
    gate = decide(compare(pd.concat([frame[first], solved[~first]])), "new")
    assert gate.decision is Decision.PASS
    assert "no information" not in gate.reason


def test_an_unknown_candidate_or_count_is_said(make: Make) -> None:
    """With what there is."""
    comparison = compare(make({"default": 1.0, "new": 0.5}, n=6))
    with pytest.raises(UsageError, match=r"'old' is no compared setting; .* may be: new"):
        decide(comparison, "old")
    with pytest.raises(UsageError, match=r"'default' is the baseline; .* may be: new"):
        decide(comparison, "default")
    with pytest.raises(UsageError, match="unknown count 'speed'; known: solved, wrong"):
        decide(comparison, "new", no_worse=("speed",))
