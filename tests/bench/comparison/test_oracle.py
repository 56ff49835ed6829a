"""Every mean, count, subset and curve of the oracle, derived there in two or three other ways."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bench.comparison.compare import compare, prepare
from bench.comparison.comparison import Comparison
from bench.comparison.costs import subset
from bench.comparison.integrals import dual_integral, integral_gap, primal_integral
from bench.comparison.options import SUBSETS, Options
from bench.model.results.solver_output import TracePoint
from bench.statistics import curves, means

NAMES = {
    "[0,tilim]": "[0,T]",
    "[1,tilim]": "[1,T]",
    "[10,tilim]": "[10,T]",
    "[100,tilim]": "[100,T]",
    "alloptimal": "all-optimal",
    "difftimeouts": "different-limits",
}
SHIFTED = {"shift1": (1.0, 0.0), "shift10": (10.0, 0.0), "shift1_min0.5": (1.0, 0.5)}


def same(actual: Any, expected: Any) -> None:
    """Assert that numbers, or lists of them, agree to a relative 1e-9."""
    assert actual == pytest.approx(expected, rel=1e-9, abs=1e-12)


def by_setting(comparison: Comparison, number: str, table: str = "all") -> dict[str, Any]:
    """Return a number of each setting."""
    return {row.setting: getattr(row, number) for row in comparison.table(table).rows}


def of_each(expected: Mapping[str, Mapping[str, Any]], number: str) -> dict[str, Any]:
    """Return a number of each setting, as expected."""
    return {setting: numbers[number] for setting, numbers in expected.items()}


@pytest.mark.slow
def test_aggregates(toy: pd.DataFrame, expected: Mapping[str, Any]) -> None:
    """Counts, and means of all kinds."""
    each = expected["aggregates"]
    for name, (shift, clip) in (SHIFTED | {"shift10_min1": (10.0, 1.0)}).items():
        comparison = compare(toy, Options(baseline="A", shift=shift, clip=clip))
        same(by_setting(comparison, "sgm"), of_each(each, f"time_sgm_{name}"))
    comparison = compare(toy, Options(baseline="A", clip=0.0))
    for ours, theirs in {
        "solved": "solved",
        "limits": "timeouts",
        "mean": "time_arith_mean",
        "median": "time_median",
        "total": "time_total",
        "geometric_mean": "time_geom_mean",
        "nodes_sgm100": "nodes_sgm_shift100",
        "par2_s": "PAR2",
        "par10_s": "PAR10",
    }.items():
        same(by_setting(comparison, ours), of_each(each, theirs))
    clipped = compare(toy, Options(baseline="A"))
    same(by_setting(clipped, "geometric_mean"), of_each(each, "time_geom_mean_min0.5"))
    nodes = compare(toy, Options(baseline="A", measure="nodes", shift=0.0))
    same(by_setting(nodes, "sgm"), of_each(each, "nodes_geom_mean"))


def test_means_of_plain_lists(toy: pd.DataFrame, expected: Mapping[str, Any]) -> None:
    """The same means, as MLflow's rows are made of."""
    for setting, numbers in expected["aggregates"].items():
        times = list(toy.loc[toy["setting"] == setting, "solve_time_s"])
        same(means.shifted_geometric_mean(times, 1.0, 0.5), numbers["time_sgm_shift1_min0.5"])
        same(means.geometric_mean(times), numbers["time_geom_mean"])
        same(means.arithmetic_mean(times), numbers["PAR1"])


def test_subsets(toy: pd.DataFrame, expected: Mapping[str, Any]) -> None:
    """Which instances are in which, their means, and the ratios to A."""
    ready = prepare(toy, Options(baseline="A"))
    instances = np.array(ready.pairs.words("instance"))
    usual = compare(toy, Options(baseline="A"))
    tens = compare(toy, Options(baseline="A", shift=10.0))
    for theirs, members in expected["subsets"].items():
        name = NAMES.get(theirs, theirs)
        assert name in SUBSETS
        assert list(instances[subset(ready.pairs, name)]) == members
        numbers = expected["sgm_by_subset"][theirs]
        same(by_setting(usual, "sgm", name), of_each(numbers, "time_sgm_shift1_min0.5"))
        same(by_setting(tens, "sgm", name), of_each(numbers, "time_sgm_shift10"))
        same(by_setting(usual, "nodes_sgm100", name), of_each(numbers, "nodes_sgm_shift100"))
        assert by_setting(usual, "solved", name) == of_each(numbers, "solved")
        assert {usual.table(name).n_counted} == set(of_each(numbers, "n").values())
        for setting in "BC":
            against = usual.table(name).row(setting).against
            assert against is not None
            same(against.ratio, expected["ratios_to_A"][theirs][setting])


def test_best_settings(toy: pd.DataFrame, expected: Mapping[str, Any]) -> None:
    """The virtual best, the single best by two costs, and what a selector gains."""
    usual = compare(toy, Options(baseline="A")).table()
    tens = compare(toy, Options(baseline="A", shift=10.0)).table()
    best = expected["virtual_best"]
    same(usual.virtual_best.sgm, best["time_sgm_shift1_min0.5"])
    same(tens.virtual_best.sgm, best["time_sgm_shift10"])
    same(usual.virtual_best.par10_s, best["PAR10"])
    same(usual.virtual_best.nodes_sgm100, best["nodes_sgm_shift100"])
    assert usual.virtual_best.solved == best["solved"]
    assert usual.single_best.by_par10 == expected["single_best_by_PAR10"]
    assert tens.single_best.by_sgm == expected["single_best_by_sgm10"]
    least = min(row.sgm or math.inf for row in tens.rows)
    scaled = {row.setting: (row.sgm or math.nan) / least for row in tens.rows}
    same(scaled, expected["mittelmann_scaled_sh10"])
    worst = toy.groupby("instance")["solve_time_s"].max()
    worst_sgm = means.shifted_geometric_mean(worst, 10.0)
    same(worst_sgm, expected["virtual_worst"]["time_sgm_shift10"])


def test_wins_and_scores(toy: pd.DataFrame, expected: Mapping[str, Any]) -> None:
    """As SCIP's cmpres.awk counts them."""
    table = compare(toy, Options(baseline="A")).table()
    for setting, numbers in expected["cmpres_compare_to_A"].items():
        row = table.row(setting)
        assert row.wins_any == numbers["wins_within_10pct_of_best"]
        if row.against is not None:
            found = row.against.wins, row.against.losses, row.against.ties
            assert found == (numbers["better"], numbers["worse"], numbers["tie"])
            same(row.against.score, numbers["score_geom_clipped_ratio"])


def test_curves(toy: pd.DataFrame, expected: Mapping[str, Any]) -> None:
    """Performance profile and cactus plot."""
    ready = prepare(toy, Options(baseline="A"))
    values, solved = ready.costs.amounts, ready.pairs.solved
    profile = expected["performance_profile"]
    found = curves.ratios_to_best(values, solved)
    rho = curves.profile(values, solved, np.array(profile["taus"]))
    sorted_times = curves.cactus(values, solved)
    for at, setting in enumerate("ABC"):
        same(found[:, at], [math.inf if r is None else r for r in profile["ratios"][setting]])
        same(rho[:, at], profile["rho"][setting])
        same(sorted_times[at], expected["cactus"][setting])


def test_gaps(expected: Mapping[str, Any]) -> None:
    """On fourteen pairs of bounds."""
    for case in expected["gap_cases"]:
        same(integral_gap(case["primal"], case["dual"]), case["pdintegral_in_0_1"])


def test_integrals(expected: Mapping[str, Any]) -> None:
    """Of a history of six points."""
    numbers = expected["integrals"]
    trace = [TracePoint(time_s, primal, dual, 0) for time_s, primal, dual in numbers["history"]]
    reference, horizon = numbers["reference"], numbers["horizon"]
    same(primal_integral(trace, reference, horizon), numbers["primal"])
    same(dual_integral(trace, reference, horizon), numbers["dual"])
