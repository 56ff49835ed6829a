"""``bench selftest``, executed as a user would."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

Bench = Callable[..., Any]


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Return results of one setting on 20 instances with four seeds that differ by chance."""
    rng = np.random.default_rng(3)
    rows = ["instance,setting,seed,verdict,solve_time_s"]
    rows += [
        f"i{k},default,{seed},solved,{(2 + k) * rng.lognormal(0, 0.1)}"
        for k in range(20)
        for seed in range(4)
    ]
    path = tmp_path / "results.csv"
    path.write_text("\n".join(rows))
    return path


def test_false_alarms_are_rare_and_a_large_effect_is_found(bench: Bench, results: Path) -> None:
    """Exit code 0, at most the promised share of alarms, and the planted 50 % always seen."""
    found = bench("selftest", results, "--effect", "0.5", "--rounds", "200", "--json").json
    assert found["holds"]
    assert found["rate"] <= 0.05 + 2 * (0.05 * 0.95 / 200) ** 0.5
    assert found["power"] == 1
    assert found["noise"]["source"] == "seeds"
    text = bench("selftest", results, "--rounds", "10").out
    assert text.startswith("False alarms: ")
    assert "Noise floor: not known, because no task was executed twice" in text
    assert "(80 results)" in " ".join(text.split())


def test_it_takes_seeds(bench: Bench, results: Path) -> None:
    """Results of one seed say nothing about chance, and that is said."""
    lines = results.read_text().splitlines()
    results.write_text("\n".join(line for line in lines if ",default,0," in line or "seed" in line))
    assert "at least two seeds" in bench("selftest", results, code=2).err
