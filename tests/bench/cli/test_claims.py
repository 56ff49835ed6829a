"""Tables on which version 0.1 claimed too much, compared and gated as a user would."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

Bench = Callable[..., Any]


@pytest.fixture
def tables(shared: Path) -> Path:
    """Return the folder with the tables."""
    return shared / "cases" / "tables"


def test_a_setting_that_crashes_is_not_faster(bench: Bench, tables: Path) -> None:
    """The sentence names the failures first, and McNemar's test is over all 20 instances."""
    path = tables / "crash.csv"
    out = bench("compare", path, "--baseline", "default", "--subset", "all", "--all").out
    assert "\nnew fails more than default (6 of 20 results of new are wrong or failed, 0" in out
    assert "faster" not in out
    assert "+0/-6  0.031" in out
    gate = ("gate", path, "--baseline", "default", "--candidate", "new", "--no-worse", "solved")
    assert "solved: 20 before, 14 now" in bench(*gate, code=4).out


@pytest.mark.parametrize(
    ("name", "why"), [("to.csv", "both at the time limit"), ("clip.csv", "both below the clip")]
)
def test_without_evidence_the_gate_is_undecided(
    bench: Bench, tables: Path, name: str, why: str
) -> None:
    """Exit code 5, and no claim that nothing differs."""
    out = bench("gate", tables / name, "--baseline", "default", "--candidate", "new", code=5).out
    assert out.startswith("undecided")
    assert why in out
    assert "does not differ" not in out


def test_the_order_of_rows_does_not_choose_the_baseline(
    bench: Bench, tables: Path, tmp_path: Path
) -> None:
    """The same output with the rows sorted by setting, and why this baseline."""
    ended = bench("compare", tables / "order.csv", "--subset", "all")
    pd.read_csv(tables / "order.csv").sort_values("setting").to_csv(tmp_path / "order.csv")
    assert bench("compare", tmp_path / "order.csv", "--subset", "all").out == ended.out
    assert "no setting is called 'default': the baseline is 'new', the first by name" in ended.err
