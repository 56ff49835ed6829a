"""``bench select evaluate``, executed as a user does."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.selection import evaluation, learning

Bench = Callable[..., Any]


@pytest.fixture(autouse=True)
def few_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let forests be small, so that tests are short."""
    monkeypatch.setattr(learning, "N_TREES", 5)
    monkeypatch.setattr(evaluation, "FOLDS", 3)


def write_table(path: Path, n: int) -> Path:
    """Write results of two settings, of which the size says which is better."""
    lines = ["instance,setting,verdict,termination,solve_time_s,time_limit_s,n_vars"]
    for at in range(n):
        for setting, factor in (("a", 1), ("b", 3 if at % 2 else 1 / 3)):
            seconds = (5 + at % 7) * factor
            lines.append(f"f{at},{setting},solved,normal,{seconds},100,{100 + 900 * (at % 2)}")
    path.write_text("\n".join(lines) + "\n")
    return path


def test_a_table_is_evaluated(bench: Bench, tmp_path: Path) -> None:
    """As text, and as JSON with the same conclusion."""
    path = write_table(tmp_path / "results.csv", 24)
    shown = bench("select", "evaluate", path, "--baseline", "a")
    assert "gap closed" in shown.out
    found = bench("select", "evaluate", path, "--baseline", "a", "--json").json
    assert found["known_families"]["share"] > 0.9
    assert found["unseen_families"] is None
    assert " ".join(found["conclusion"].split()) in " ".join(shown.out.split())
    json.dumps(found, allow_nan=False)


def test_too_few_instances_are_one_line(bench: Bench, tmp_path: Path) -> None:
    """Without a traceback."""
    refused = bench("select", "evaluate", write_table(tmp_path / "few.csv", 6), code=2)
    assert "learning takes 10 at least" in refused.err
