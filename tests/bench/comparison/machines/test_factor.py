"""Machines as a factor: a ratio on each of them, and whether they agree."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from bench.comparison.compare import compare
from bench.comparison.groups import groups
from bench.report.terminal.comparison import table_text

Make = Callable[..., pd.DataFrame]


def on_machines(frame: pd.DataFrame, column: str, n: int, **slower: float) -> pd.DataFrame:
    """Return results of ``n`` machines, all settings of a pair on one of them.

    ``slower`` says on which machines which setting takes so many times as long.
    """
    pairs = frame["instance"].str[1:].astype(int) + frame["seed"]
    names = (pairs % n).map(lambda at: f"m{at}")
    factor = names.map(lambda name: slower.get(name, 1.0)).where(frame["setting"] == "cuts", 1.0)
    also: dict[str, Any] = {column: names, "solve_time_s": frame["solve_time_s"] * factor}
    return frame.assign(solver="scip", **also)


@pytest.mark.parametrize("column", ["machine", "machine_class"])
def test_each_machine_has_a_ratio_and_a_sentence_says_whether_they_agree(
    make: Make, column: str
) -> None:
    """Of hosts, or of classes of machines."""
    frame = on_machines(make({"default": 1.0, "cuts": 0.5}), column, 2)
    found = compare(frame)
    assert found.machines is not None
    assert found.machines.by == column
    assert [row.n_pairs for row in found.machines.rows] == [54, 54]
    assert [0.35 < (row.ratios[0].ratio or 0) < 0.7 for row in found.machines.rows] == [True, True]
    assert sum("no sign that machines disagree" in note for note in found.notes) == 1
    other = compare(on_machines(make({"default": 1.0, "cuts": 0.5}), column, 2, m1=3.0))
    (note,) = [each for each in other.notes if "the machines disagree" in each]
    assert note.startswith("cuts: the ratio is 0.")
    assert "on m0 and 1." in note
    assert "or of the instances that each had" in note
    text = table_text(other, "machines")
    assert text.count("54") == 2
    assert "ratio" in text


def test_classes_count_before_machines(make: Make) -> None:
    """Many nodes of two kinds are two machines to compare."""
    frame = on_machines(make({"default": 1.0, "cuts": 0.5}), "machine", 6)
    frame["machine_class"] = frame["machine"].map(lambda name: f"class {int(name[1]) % 2}")
    found = compare(frame).machines
    assert found is not None
    assert [row.machine for row in found.rows] == ["class 0", "class 1"]


def test_few_instances_are_not_tested(make: Make) -> None:
    """The ratios are shown all the same."""
    found = compare(on_machines(make({"default": 1.0, "cuts": 0.5}, n=4), "machine", 3))
    assert any("too few instances on each machine to test" in note for note in found.notes)


def test_many_machines_are_taken_together(make: Make) -> None:
    """Those with the fewest pairs."""
    found = compare(on_machines(make({"default": 1.0, "cuts": 0.5}), "machine", 20)).machines
    assert found is not None
    assert len(found.rows) == 13
    assert found.rows[-1].machine == "8 others"
    assert sum(row.n_pairs for row in found.rows) == 108


def test_one_machine_is_no_factor(make: Make) -> None:
    """Nor are machines that nobody knows."""
    frame = make({"default": 1.0, "cuts": 0.5})
    assert compare(frame).machines is None
    assert compare(frame.assign(machine="a", machine_class="b")).machines is None
    assert table_text(compare(frame), "machines") == ""


def test_groups_by_machine_have_whole_pairs(make: Make) -> None:
    """Seeds of an instance may be on several machines, unlike other columns."""
    frame = on_machines(make({"default": 1.0, "cuts": 0.5}), "machine", 2)
    parts = groups(frame, "machine")
    assert {name: set(part["machine"]) for name, part in parts.items()} == {
        "m0": {"m0"},
        "m1": {"m1"},
    }
