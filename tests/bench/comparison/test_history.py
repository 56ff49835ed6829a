"""A solver over its versions: which steps are marked, and on which instances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bench.comparison.history import history
from bench.comparison.options import Options
from bench.errors import UsageError

N = 40


def frame(
    *versions: tuple[str, str, float],
    setting: str = "{solver}-{version}",
    rng_seed: int = 3,
    n: int = N,
) -> pd.DataFrame:
    """Return results of versions (solver, version, factor) on instances with noise of 5 %."""
    rng = np.random.default_rng(rng_seed)
    hardness = rng.lognormal(2.0, 1.0, n)
    rows: list[dict[str, Any]] = []
    for solver, version, factor in versions:
        noise = rng.lognormal(0.0, 0.05, n)
        rows += [
            {
                "instance": f"i{at:02}",
                "setting": setting.format(solver=solver, version=version),
                "solver": solver,
                "solver_version": version,
                "verdict": "solved",
                "solve_time_s": float(hardness[at] * noise[at] * factor),
                "time_limit_s": 1e6,
            }
            for at in range(n)
        ]
    return pd.DataFrame(rows)


def marks(found: pd.DataFrame, patterns: Sequence[str] = ()) -> dict[str, list[str]]:
    """Return the versions of each line, with a star where the step to it is marked."""
    lines = history(found, Options(), patterns).lines
    return {
        line.name: [
            point.version + "*" * (at > 0 and line.steps[at - 1].is_marked)
            for at, point in enumerate(line.points)
        ]
        for line in lines
    }


def test_a_step_is_marked_where_versions_differ_and_nowhere_else() -> None:
    """In the order of the versions, whatever the order of the rows."""
    table = frame(
        ("scip", "10.0.0", 1.2), ("scip", "9.2.4", 1.0), ("scip", "9.10.0", 1.2), n=N
    ).sample(frac=1, random_state=1)
    assert marks(table) == {"scip": ["9.2.4", "9.10.0*", "10.0.0"]}


def test_families_are_lines_and_patterns_choose_versions() -> None:
    """A family with one version is no line, which is said."""
    table = pd.concat(
        [
            frame(("scip", "8.0.3", 1.0), ("scip", "9.2.0", 1.0), ("scip", "10.0.0", 1.0)),
            frame(("highs", "1.5.0", 2.0), ("highs", "1.12.0", 1.0), ("glpk", "5.0", 9.0)),
        ]
    )
    assert marks(table) == {
        "highs": ["1.5.0", "1.12.0*"],
        "scip": ["8.0.3", "9.2.0", "10.0.0"],
    }
    assert "glpk has one version only" in history(table, Options()).notes
    assert marks(table, ["scip@9", "scip@10*"]) == {"scip": ["9.2.0", "10.0.0"]}


@pytest.mark.parametrize(
    ("setting", "name"),
    [
        ("{solver}@{version}", "scip"),
        ("default", "scip"),
        ("{version}", "scip"),
        ("cuts {solver}@{version} alpha=0.1", "scip cuts alpha=0.1"),
        ("default@{solver}-{version}", "scip"),
    ],
)
def test_a_setting_is_known_again_in_each_version(setting: str, name: str) -> None:
    """By what is left of its name without solver and version."""
    table = frame(("scip", "9.2.4", 1.0), ("scip", "10.0.0", 1.0), setting=setting)
    assert [*marks(table)] == [name]


def test_environments_are_versions_of_their_family() -> None:
    """``scip@9.2.4`` is SCIP, as ``scip`` is."""
    table = frame(("scip@9.2.4", "9.2.4", 1.0), ("scip", "10.0.2", 1.3), setting="{solver}")
    assert marks(table) == {"scip": ["9.2.4", "10.0.2*"]}


def test_a_step_names_what_became_slower_faster_wrong_and_failed() -> None:
    """Whatever becomes wrong is in no mean, and is told all the same."""
    table = frame(("scip", "9.0.0", 1.0), ("scip", "10.0.0", 1.0))
    new = table["solver_version"] == "10.0.0"
    for instance, column, value in (
        ("i01", "solve_time_s", 1e4),
        ("i02", "solve_time_s", 1e-3),
        ("i03", "verdict", "wrong"),
        ("i04", "verdict", "crashed"),
    ):
        table.loc[new & (table["instance"] == instance), column] = value
    ((step,),) = [line.steps for line in history(table, Options()).lines]
    assert (step.slower[0], step.faster[0]) == ("i01", "i02")
    assert (step.newly_wrong, step.newly_failed) == (("i03",), ("i04",))
    assert step.n_instances == N - 2
    assert asdict(step)


def test_intervals_of_more_steps_are_wider() -> None:
    """So that all of them hold together."""
    one = frame(("scip", "9.0.0", 1.0), ("scip", "9.1.0", 1.0))
    many = frame(*(("scip", f"9.{minor}.0", 1.0) for minor in range(8)))
    alone = history(one, Options()).lines[0].steps[0].interval
    among = history(many, Options()).lines[0].steps[0].interval
    assert alone is not None
    assert among is not None
    assert among.level > alone.level == 0.95
    assert among.high - among.low > alone.high - alone.low


@pytest.mark.soak
def test_nothing_is_marked_too_often_where_nothing_changes() -> None:
    """At most 5 % of histories of equal versions have any mark; twice the error is allowed."""
    marked = sum(
        any(
            step.is_marked
            for step in history(
                frame(*(("scip", f"9.{k}.0", 1.0) for k in range(6)), rng_seed=seed), Options()
            )
            .lines[0]
            .steps
        )
        for seed in range(200)
    )
    assert marked <= 200 * 0.05 + 2 * (200 * 0.05 * 0.95) ** 0.5


@pytest.mark.parametrize(
    ("table", "patterns", "words"),
    [
        (
            frame(("scip", "9.0.0", 1.0)),
            [],
            "no solver has two versions; there is only one of scip",
        ),
        (frame(("scip", "9.0.0", 1.0)), ["highs"], "no solver matches highs; there are: scip"),
        (frame(("", "", 1.0), setting="a"), [], "the results do not name solver and version"),
    ],
)
def test_without_two_versions_there_is_no_history(
    table: pd.DataFrame, patterns: list[str], words: str
) -> None:
    """With what there is."""
    with pytest.raises(UsageError, match=words):
        history(table, Options(), patterns)


def test_versions_with_other_limits_are_not_compared() -> None:
    """Unless forced."""
    table = frame(("scip", "9.0.0", 1.0), ("scip", "10.0.0", 1.0))
    table["time_limit_s"] = table["solver_version"].map({"9.0.0": 100.0, "10.0.0": 200.0})
    with pytest.raises(UsageError, match="time_limit_s"):
        history(table, Options())
    assert any("by force" in note for note in history(table, Options(force=True)).notes)
