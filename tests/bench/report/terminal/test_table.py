"""Names in tables, shortened and still told apart."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import pytest

from bench.comparison.compare import compare
from bench.comparison.options import Options
from bench.model.results.verdict import Category
from bench.report.terminal.comparison import comparison_text, group_table, headline_text
from bench.report.terminal.status import SettingState, State, state_table
from bench.report.terminal.table import disambiguate, with_full_names

LONG = "größe/Nähe=ä<b>|" * 12
NAMES = ["default", *(f"{LONG[:95]}{k}{LONG[:103]}" for k in range(11))]
WIDTH = 100


@pytest.fixture(scope="module")
def results() -> pd.DataFrame:
    """Return results of 12 settings with names of 200 characters and with large numbers."""
    return pd.DataFrame(
        {
            "instance": f"{LONG}-{i}",
            "setting": name,
            "seed": seed,
            "verdict": "solved",
            "solve_time_s": (1 + 9 * k) * (1000.0 + i * 7777 + seed) * (1 + ((i * k) % 7) / 9),
            "n_nodes": 10**9 + i,
            "time_limit_s": 1e7,
        }
        for k, name in enumerate(NAMES)
        for i in range(12)
        for seed in (0, 1)
    )


def widest(text: str) -> int:
    """Return the length of the longest line."""
    return max(map(len, text.splitlines()))


def test_twelve_settings_with_long_names_fit_the_terminal(results: pd.DataFrame) -> None:
    """All tables, the groups and the last line have at most 100 columns."""
    comparison = compare(results, Options(baseline="default", n_resamples=100))
    text = comparison_text(comparison)
    assert widest(text) <= WIDTH
    assert widest(headline_text(comparison)) <= WIDTH
    assert widest(group_table({LONG: comparison}, "family")) <= WIDTH


def test_settings_that_would_look_alike_are_numbered_and_named_in_full(
    results: pd.DataFrame,
) -> None:
    """Each row of the main table is one setting, and below stands which."""
    comparison = compare(results, Options(baseline="default", n_resamples=100, subsets=("all",)))
    text = comparison_text(comparison)
    rows = text.split("\n\n")[1].splitlines()[2:]
    assert len({row.split()[0] for row in rows}) == len(NAMES)
    for number in range(2, 13):
        assert f"#{number} " in text
        assert f"#{number}: größe" in text


def test_the_state_of_a_sweep_fits_as_well() -> None:
    """With the same numbers."""
    counts = Counter({Category.SOLVED: 100_000})
    settings = [SettingState(name=name, n_tasks=200_000, categories=counts) for name in NAMES]
    text = state_table(
        State(
            name="s",
            folder="s",
            pid=None,
            running=(),
            settings=settings,
            expected_s=None,
            worst_s=None,
            command="",
        )
    )
    assert widest(text) <= WIDTH
    assert len({line.split()[0] for line in text.splitlines()[2:14]}) == len(NAMES)


def test_short_names_stay_as_they_are() -> None:
    """No number, no explanation."""
    names = ["default", "alpha=0.15"]
    assert disambiguate(names, 10) == {name: name for name in names}
    assert not with_full_names(names, 10)


def test_what_all_settings_share_is_said_once() -> None:
    """Knobs with one value tell nothing apart; ``default`` has none of them."""
    names = ["default", "alpha=0.15 l1_ratio=0.001", "alpha=0 l1_ratio=0.001"]
    assert list(disambiguate(names, 20).values()) == ["default", "alpha=0.15", "alpha=0"]
    assert with_full_names(names, 20) == "all but default: l1_ratio=0.001"
    assert disambiguate(names, 30) == {name: name for name in names}
    assert not with_full_names(names, 30)


def test_a_setting_of_shared_parts_alone_keeps_its_name() -> None:
    """Something must stand in its row."""
    names = ["alpha=0.15", "alpha=0.15 separating/maxrounds=0"]
    assert list(disambiguate(names, 25).values()) == ["alpha=0.15", "separating/maxrounds=0"]
    assert with_full_names(names, 25) == "all: alpha=0.15"
