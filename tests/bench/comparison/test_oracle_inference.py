"""Every test and interval of the oracle, derived there in two or three other ways."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bench.comparison.compare import compare, prepare
from bench.comparison.comparison import Comparison
from bench.comparison.options import Options
from bench.statistics import means, tests
from bench.statistics.intervals import exhaustive_means, percentiles, ratios, variability
from bench.statistics.tests import differing, mcnemar, normal_p, wilcoxon

TAILS = np.array([0.025, 0.975])


def same(actual: Any, expected: Any) -> None:
    """Assert that numbers, or lists of them, agree to a relative 1e-9."""
    assert actual == pytest.approx(expected, rel=1e-9, abs=1e-12)


def by_setting(comparison: Comparison, number: str, table: str = "all") -> dict[str, Any]:
    """Return a number of each setting."""
    return {row.setting: getattr(row, number) for row in comparison.table(table).rows}


def test_tests_of_few_pairs(expected: Mapping[str, Any]) -> None:
    """Wilcoxon, exact."""
    for numbers in expected["wilcoxon_toy"].values():
        differences = np.array(numbers["log2_ratio_shift1_min0.5"])
        found = wilcoxon(differences)
        assert (found.n, found.plus, found.minus) == (
            numbers["n_nonzero"],
            numbers["W_plus"],
            numbers["W_minus"],
        )
        same(found.p, numbers["p_exact_two_sided_zeros_dropped"])


def test_exhaustive_bootstrap(toy: pd.DataFrame, expected: Mapping[str, Any]) -> None:
    """All 6^6 resamples of the ratio of means, and of the mean ratio."""
    comparison = compare(toy, Options(baseline="A"))
    logs = np.log(np.maximum(prepare(toy, Options(baseline="A")).costs.amounts, 0.5) + 1)
    for at, setting in ((1, "B"), (2, "C")):
        numbers = expected["bootstrap_exhaustive"][f"{setting}/A"]
        against = comparison.table().row(setting).against
        assert against is not None
        assert against.interval is not None
        low, high, median = numbers["percentile_ci95_and_median_of_sgm_ratio"]
        same(against.ratio, numbers["sgm_ratio_point"])
        ends = percentiles(logs, 1.0, TAILS, n_resamples=100, rng_seed=1)
        same([end[at] for end in ends], (low, high))
        assert against.interval.low < low < high < against.interval.high
        assert against.interval.method == "hull, exhaustive"
        resampled, chances = exhaustive_means(logs)
        found = ratios(resampled, 1.0)[:, at]
        same(chances[found < 1].sum(), numbers["P(ratio<1)"])
        order = np.argsort(found)
        middle = np.searchsorted(np.cumsum(chances[order]), 0.5)
        same(found[order][middle], median)
        differences = np.stack((np.zeros(6), logs[:, at] - logs[:, 0]), axis=1)
        same(math.exp(differences[:, 1].mean()), numbers["shifted_geomean_of_ratios_point"])
        ends = percentiles(differences, 0.0, TAILS, n_resamples=100, rng_seed=1)
        same([end[1] for end in ends], numbers["ci95_of_shifted_ratio"])


def test_mcnemar(expected: Mapping[str, Any]) -> None:
    """Exact."""
    for numbers in (*expected["mcnemar"].values(), expected["pairs30"]["mcnemar_solved"]):
        same(mcnemar(numbers["b"], numbers["c"]), numbers["p_exact"])


def test_ranks(toy: pd.DataFrame, expected: Mapping[str, Any]) -> None:
    """Friedman, Iman and Davenport, Nemenyi."""
    numbers = expected["friedman_toy_PAR10"]
    table = compare(toy, Options(baseline="A")).table()
    same([row.rank for row in table.rows], numbers["avg_ranks"])
    omnibus = table.omnibus
    assert omnibus is not None
    same(
        (omnibus.chi2, omnibus.p, omnibus.f, omnibus.p_f, omnibus.critical_difference),
        [
            numbers[name]
            for name in ("chi2_ties_corrected", "p", "iman_davenport_F", "p_F", "nemenyi_CD05")
        ],
    )
    for k, quantile in expected["nemenyi_q05_by_k"].items():
        same(tests.studentized(int(k)), quantile)


def test_adjusted_p_values(expected: Mapping[str, Any]) -> None:
    """Holm."""
    numbers = expected["p_adjust"]
    same(tests.holm(numbers["p"]), numbers["holm"])


def seeds(expected: Mapping[str, Any]) -> pd.DataFrame:
    """Return three instances solved with two settings and three seeds."""
    return pd.DataFrame(
        [
            {
                "instance": name.split("/")[0],
                "setting": name.split("/")[1],
                "seed": seed,
                "verdict": "solved",
                "solve_time_s": time_s,
            }
            for name, numbers in expected["seeds"]["runs"].items()
            for seed, time_s in enumerate(numbers["times"])
        ]
    )


def test_seeds(expected: Mapping[str, Any]) -> None:
    """Variability, and means over seeds."""
    for numbers in expected["seeds"]["runs"].values():
        times = np.array(numbers["times"])
        found = variability(times, np.zeros(3, dtype=np.int64))
        assert found is not None
        same(found.cv, numbers["cv_pop"])
        same(found.cv * math.sqrt(3 / 2), numbers["cv_sample"])
        same(found.score, numbers["ipet_variability_score"])
        same(found.max_over_min, numbers["max_over_min"])
        same(means.arithmetic_mean(times), numbers["mean"])
        same(means.shifted_geometric_mean(times, 1.0), numbers["sgm1"])
    frame = seeds(expected)
    comparison = compare(frame, Options(baseline="A", clip=0.0))
    both = expected["seeds"]
    same(by_setting(comparison, "sgm"), both["sgm1_seeds_as_separate_instances"])
    same(by_setting(comparison, "sgm"), both["sgm1_of_per_instance_sgm1 (identical)"])
    averaged = frame.pivot_table(index="instance", columns="setting", values="solve_time_s")
    same(
        {name: means.shifted_geometric_mean(averaged[name], 1.0) for name in averaged},
        both["sgm1_of_per_instance_arith_mean (differs)"],
    )


def test_thirty_pairs(pairs: pd.DataFrame, expected: Mapping[str, Any]) -> None:
    """Means, and Wilcoxon's test as ipet and rubberband make it."""
    numbers = expected["pairs30"]
    usual = compare(pairs, Options(baseline="A"))
    tens = compare(pairs, Options(baseline="A", shift=10.0))
    same(by_setting(usual, "sgm"), numbers["time_sgm1_min0.5"])
    same(by_setting(tens, "sgm"), numbers["time_sgm10"])
    same(by_setting(usual, "nodes_sgm100"), numbers["nodes_sgm100"])
    against = tens.table().row("B").against
    assert against is not None
    ipet = numbers["ipet_wilcoxon_shift10"]
    assert against.n_pairs == ipet["n_after_1pct_filter"]
    same(against.p_wilcoxon, ipet["p"])
    same(against.p_wilcoxon, ipet["p_exact"])
    times = prepare(pairs, Options(baseline="A")).costs.amounts
    kept = differing(np.log((times[:, 1] + 10) / (times[:, 0] + 10)))
    same(normal_p(kept), ipet["p_approx"])
    band = numbers["rubberband_style_shift1_min0.5"]
    clipped = np.maximum(times, 0.5) + 1
    kept = differing(np.log(clipped[:, 0] / clipped[:, 1]))
    found = wilcoxon(kept)
    expected_sums = band["n_after_1pct_filter"], band["W_plus"], band["W_minus"]
    assert (found.n, found.plus, found.minus) == expected_sums
    same(found.p, band["p_exact"])
    same(normal_p(kept), band["p_approx"])
