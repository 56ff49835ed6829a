"""Comparing a sweep that goes on: by its looks, with the level of the last one."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from bench.comparison.compare import compare
from bench.comparison.options import Options
from bench.comparison.sequential import at_look, each_look, with_looks
from bench.comparison.wording.narrative import ConclusionKind, conclusion
from bench.errors import UsageError
from bench.model.looks import LAST_LOOK, LOOK
from bench.statistics.sequential import nominal_levels

Make = Callable[..., pd.DataFrame]
N = 24
FACTORS = {"default": 1.0, "fast": 0.3}


@pytest.fixture
def planned(make: Make) -> pd.DataFrame:
    """Return the results of all 24 instances, with looks in the order of their names."""
    table = make(FACTORS, n=N, seeds=2)
    return with_looks(table, [f"i{at}" for at in range(N)], 0.05)


def first(table: pd.DataFrame, n: int) -> pd.DataFrame:
    """Return the results of the first instances."""
    return table[table["instance"].isin([f"i{at}" for at in range(n)])]


def test_a_comparison_uses_the_last_complete_look_and_its_level(planned: pd.DataFrame) -> None:
    """Of 13 instances the look at 12 counts; the interval has its level, and others are noted."""
    found = compare(first(planned, 13))
    assert found.look is not None
    assert found.look.sizes == (10, 12)
    level = nominal_levels((10, 12), N, 0.05)[-1]
    assert found.basis.n_instances == 12
    assert found.basis.level == pytest.approx(1 - level)
    assert any("after the look at 12 of 24" in note for note in found.notes)
    assert conclusion(found, "fast").outcome is ConclusionKind.BETTER
    assert "look at 12 of 24 with level" in conclusion(found, "fast").sentence
    assert any("stops early, because it is decided" in each for each in found.warnings)


def test_an_instance_with_a_missing_result_is_not_complete(planned: pd.DataFrame) -> None:
    """A look waits for the second seed of each of its instances."""
    lacking = first(planned, 13)
    gone = (lacking["instance"] == "i11") & (lacking["seed"] == 1) & (lacking["setting"] == "fast")
    found = compare(lacking[~gone])
    assert found.look is not None
    assert found.look.size == 10


def test_before_the_first_look_nothing_is_concluded(planned: pd.DataFrame) -> None:
    """However clear the numbers of five instances are."""
    found = conclusion(compare(first(planned, 5)), "fast")
    assert found.outcome is ConclusionKind.UNDECIDED
    assert "first look needs 10 of 24 instances, and 5 have all their results" in found.sentence


def test_with_all_instances_the_last_look_is_stricter_than_a_single_test(
    planned: pd.DataFrame,
) -> None:
    """A sweep that could have stopped never gets the level of one that could not."""
    found = compare(planned)
    assert found.look is not None
    assert found.look.size == found.look.last == N
    assert 0.02 < 1 - found.basis.level < 0.05
    assert not any("stops early, because it is decided" in each for each in found.warnings)


def test_each_look_is_compared_as_it_was(planned: pd.DataFrame) -> None:
    """Later results change nothing of an earlier look."""
    early = compare(first(planned, 12))
    looks = each_look(planned, Options())
    assert [options.look.size for _, options in looks if options.look] == [
        *range(10, N + 1, 2),
    ]
    assert compare(*looks[1]).tables == early.tables


def test_a_table_without_looks_is_compared_as_ever(make: Make) -> None:
    """Nothing changes where no sweep stops by its results."""
    table = make(FACTORS, n=8)
    assert at_look(table, Options())[0] is table
    assert compare(table).look is None


def test_p_values_of_several_settings_are_adjusted_for_the_look(make: Make) -> None:
    """Three settings: the adjusted values are larger than Holm's, and noise is not claimed."""
    table = make({"default": 1.0, "a": 1.0, "b": 1.0, "c": 0.2}, n=N, seeds=1)
    found = compare(with_looks(table, [f"i{at}" for at in range(N)], 0.05))
    rows = {row.setting: row.against for row in found.tables[0].rows if row.against}
    assert rows["c"].p_holm is not None
    assert rows["c"].p_wilcoxon is not None
    assert rows["c"].p_holm > 3 * rows["c"].p_wilcoxon
    outcomes = {name: conclusion(found, name).outcome for name in "abc"}
    assert outcomes["c"] is ConclusionKind.BETTER
    assert ConclusionKind.BETTER not in {outcomes["a"], outcomes["b"]}


def test_looks_of_several_sweeps_are_refused_unless_forced(planned: pd.DataFrame) -> None:
    """Their levels do not go together."""
    other = planned.assign(last_look=99, setting=planned["setting"] + "2")
    both = pd.concat([planned, other])
    with pytest.raises(UsageError, match="several sweeps with separate looks"):
        compare(both)
    assert compare(both, Options(force=True)).look is None


@pytest.mark.parametrize(
    ("planned", "message"), [([], "one sweep of the work folder"), (["i0", "i1"], "6 planned")]
)
def test_looks_take_a_plan(make: Make, planned: list[str], message: str) -> None:
    """A table alone does not say how many instances there will be."""
    with pytest.raises(UsageError, match=message):
        with_looks(make(FACTORS, n=3), planned, 0.05)


def test_results_keep_their_look_in_the_table(planned: pd.DataFrame) -> None:
    """The table alone tells the looks, wherever it goes."""
    again = planned[["instance", "setting", "seed", "verdict", "solve_time_s", LOOK, LAST_LOOK]]
    found = compare(first(again, 12))
    assert found.look is not None
    assert found.look.sizes == (10, 12)


def short(make: Make) -> pd.DataFrame:
    """Return a table with looks whose solves take a small part of a second."""
    table = make(FACTORS, n=N, seeds=2)
    table["solve_time_s"] /= 500
    return with_looks(table, [f"i{at}" for at in range(N)], 0.05)


def test_short_solves_are_compared_with_a_smaller_shift_and_clip(make: Make) -> None:
    """The usual ones would hide any difference; the note says so, and options override it."""
    table = first(short(make), 12)
    assert table["solve_time_s"].max() < 0.5
    found = compare(table)
    assert (found.basis.shift, found.basis.clip) == (0.1, 0.01)
    assert conclusion(found, "fast").outcome is ConclusionKind.BETTER
    assert any("shift is 0.1 s, and times below 0.01 s count as 0.01 s" in n for n in found.notes)
    usual = compare(table, Options(shift=1.0, clip=0.5))
    assert conclusion(usual, "fast").outcome is ConclusionKind.UNDECIDED
    assert not any("the shift is" in note for note in usual.notes)


def test_all_looks_have_the_shift_of_the_first_one(make: Make) -> None:
    """Later instances that take long change nothing, and neither does the faster setting."""
    table = short(make)
    late = table["instance"] == f"i{N - 1}"
    table.loc[late, "solve_time_s"] = 1e6
    found = compare(table)
    assert (found.basis.shift, found.basis.clip) == (0.1, 0.01)
    swapped = table.assign(setting=table["setting"].map({"default": "fast", "fast": "default"}))
    assert compare(swapped).look == found.look
    assert compare(table, Options(measure="nodes")).basis.shift == 100.0


def test_long_solves_and_tables_without_looks_keep_the_usual_shift(
    planned: pd.DataFrame, make: Make
) -> None:
    """Only a sweep that decides by itself needs another one."""
    assert compare(planned).basis.shift == 1.0
    table = short(make).drop(columns=[LOOK, LAST_LOOK])
    assert compare(table).basis.shift == 1.0
