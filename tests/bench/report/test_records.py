"""The key numbers of a comparison."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bench.comparison.compare import compare
from bench.comparison.sources import RecordedResults
from bench.report.records import headline_metrics
from bench.store.truncation import truncate_metrics

Make = Callable[..., RecordedResults]
INSTANCES = [f"i-{at}" for at in range(12)]


def test_each_setting_has_its_numbers_and_all_but_the_baseline_a_ratio(make: Make) -> None:
    """The ratio stands with its interval and p."""
    comparison = compare(make(["default", "cuts"], INSTANCES).table)
    numbers = headline_metrics(comparison)
    difference = comparison.tables[0].row("cuts").against
    assert difference is not None
    assert difference.interval is not None
    assert numbers["ratio/cuts"] == difference.ratio
    assert numbers["ratio_low/cuts"] == difference.interval.low
    assert numbers["p_holm/cuts"] == difference.p_holm
    assert numbers["solved/default"] == numbers["n_blocks"] == 12 * 2
    assert not any(name.startswith("ratio") and name.endswith("default") for name in numbers)


@pytest.mark.parametrize("names", [("a=1", "a+1"), ("a" * 300, "a" * 301)])
def test_settings_that_mlflow_names_alike_stay_apart(make: Make, names: tuple[str, str]) -> None:
    """Whatever characters they have, and however long they are."""
    numbers = truncate_metrics(headline_metrics(compare(make(names, INSTANCES).table)))
    assert len([name for name in numbers if name.startswith("sgm/")]) == 2
    assert len([name for name in numbers if name.startswith("ratio_high/")]) == 1


@pytest.mark.slow
def test_of_very_many_settings_only_as_many_are_told_as_mlflow_takes_at_a_time(make: Make) -> None:
    """It refuses more than 1000 metrics."""
    comparison = compare(make([f"s{at}" for at in range(100)], INSTANCES).table)
    assert 800 < len(headline_metrics(comparison)) <= 1000
