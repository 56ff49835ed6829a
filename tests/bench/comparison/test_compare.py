"""Comparing results, as their user sees it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import pandas as pd
import pytest

from bench.comparison.compare import compare
from bench.comparison.options import Failures, Options
from bench.errors import UsageError

TIMES = {"default": (10.0, 20.0, 40.0), "cuts": (5.0, 10.0, 100.0)}


def results(**changes: Any) -> pd.DataFrame:
    """Return three instances with two settings; the last is a timeout of the second."""
    rows = [
        {
            "instance": f"i{at}",
            "setting": setting,
            "verdict": "limit" if time_s == 100 else "solved",
            "termination": "time" if time_s == 100 else "normal",
            "solve_time_s": time_s,
            "n_nodes": int(10 * time_s),
            "time_limit_s": 100.0,
        }
        for setting, times in TIMES.items()
        for at, time_s in enumerate(times)
    ]
    return pd.DataFrame(rows).assign(**changes)


def test_a_ratio_is_that_of_the_shifted_geometric_means() -> None:
    """With its shift and clip beside it."""
    comparison = compare(results())
    row = comparison.table().row("cuts")
    expected = ((6 * 11 * 101) ** (1 / 3) - 1) / ((11 * 21 * 41) ** (1 / 3) - 1)
    assert row.against is not None
    assert row.against.ratio == pytest.approx(expected, rel=1e-12)
    assert (comparison.basis.shift, comparison.basis.clip) == (1.0, 0.5)


def test_the_baseline_is_the_setting_named_default() -> None:
    """Wherever it stands."""
    assert compare(results()[::-1]).baseline == "default"
    assert compare(results(), Options(baseline="cuts")).settings == ("cuts", "default")


@pytest.mark.parametrize("seed", range(4))
def test_the_baseline_does_not_depend_on_the_order_of_rows(seed: int) -> None:
    """Without a default it is the first by name, and a note says why."""
    frame = results().replace({"setting": {"default": "old", "cuts": "new"}})
    comparison = compare(frame.sample(frac=1, random_state=seed))
    assert comparison == compare(frame)
    assert comparison.settings == ("new", "old")
    why = "no baseline is named and no setting is called 'default'"
    assert f"{why}: the baseline is 'new', the first by name" in comparison.notes
    named = compare(frame, Options(baseline="new"))
    assert not [note for note in named.notes + compare(results()).notes if "baseline" in note]


def test_means_respect_the_clip_and_a_total_does_not() -> None:
    """Each value counts as at least the clip; the total is what was measured."""
    row = compare(results(), Options(clip=15.0)).table().row("default")
    assert row.mean == pytest.approx((15 + 20 + 40) / 3)
    assert row.median == 20.0
    assert row.geometric_mean == pytest.approx((15 * 20 * 40) ** (1 / 3))
    assert row.total == 70.0
    assert compare(results(), Options(clip=30.0)).table().row("default").median == 30.0


def test_deterministic_time_comes_with_a_caution() -> None:
    """It does not count all work; no other measure has that warning."""
    frame = results(deterministic_time=[0.2, 0.3, 0.4, 0.1, 0.2, 0.3])
    for measure in ("deterministic", "solve", "nodes"):
        warnings = compare(frame, Options(measure=measure)).warnings
        found = [each for each in warnings if "does not count all work" in each]
        assert len(found) == (measure == "deterministic")


def test_a_comparison_is_plain_data() -> None:
    """It goes through JSON unharmed: no NaN, no array."""
    tree = json.loads(json.dumps(asdict(compare(results())), allow_nan=False))
    assert tree["tables"][0]["rows"][1]["solved"] == 2


def test_pairs_that_a_setting_lacks_are_left_out_and_counted() -> None:
    """Means are over what all settings have."""
    comparison = compare(results().drop(index=5))
    assert comparison.basis.n_blocks == 2
    assert "1 of 3 pairs" in comparison.notes[0]
    assert "cuts lacks 1" in comparison.notes[0]


def test_of_repetitions_the_newest_counts_and_it_is_said() -> None:
    """By the time they were started, whatever the order of rows."""
    twice = pd.concat([results(started_at=2.0), results(started_at=1.0, solve_time_s=77.0)])
    comparison = compare(twice)
    assert comparison.tables == compare(results()).tables
    assert "6 of 12 results are repetitions" in comparison.notes[0]


@pytest.mark.parametrize(
    ("failures", "mean"),
    [(Failures.EXCLUDE, 7.5), (Failures.CAP, 115 / 3), (Failures.PAR10, 1015 / 3)],
)
def test_a_wrong_answer_costs_what_the_policy_says(failures: Failures, mean: float) -> None:
    """Its pair is out for all, or it costs the limit, or ten times that."""
    frame = results()
    frame.loc[5, "verdict"] = "wrong"
    frame.loc[5, "solve_time_s"] = 0.1
    row = compare(frame, Options(failures=failures)).table().row("cuts")
    assert row.wrong == 1
    assert row.mean == pytest.approx(mean)


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (results().drop(columns="setting"), "no column 'setting'"),
        (results().head(3), "only one setting, 'default'"),
        (results()[:0], "no results"),
        (results(solve_time_s="fast"), "'solve_time_s' has a value that is not a number: 'fast'"),
        (results(solve_time_s=-1.0), "negative value: -1 .instance i0, setting default."),
        (
            results(instance=list("abcdef")),
            "no common pair .* with results",
        ),
    ],
)
def test_what_cannot_be_compared_is_said_in_one_line(frame: pd.DataFrame, message: str) -> None:
    """With the place to look at."""
    with pytest.raises(UsageError, match=message) as raised:
        compare(frame)
    assert "\n" not in str(raised.value)


def test_a_missing_baseline_is_named_with_those_there_are() -> None:
    """So that the right one can be chosen."""
    with pytest.raises(UsageError, match=r"no setting 'stock' .* cuts, default"):
        compare(results(), Options(baseline="stock"))


def test_variability_is_that_of_what_was_measured() -> None:
    """Not of the times that the clip made equal."""
    seeds = [results(seed=at, solve_time_s=0.1 * (at + 1)) for at in range(3)]
    varies = compare(pd.concat(seeds)).table().row("default").variability
    assert varies is not None
    assert varies.max_over_min == pytest.approx(3.0)
    assert varies.cv == pytest.approx((2 / 3) ** 0.5 / 2)
