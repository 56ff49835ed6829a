"""Made-up results, and those of the oracle."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

Make = Callable[..., pd.DataFrame]


@pytest.fixture(scope="session")
def make() -> Make:
    """Return a function that makes results of settings that differ by given factors.

    Times scatter by ``scatter`` over settings and seeds, and widely over instances.
    """

    def results(
        factors: dict[str, float], n: int = 36, seeds: int = 3, scatter: float = 0.2
    ) -> pd.DataFrame:
        rng = np.random.default_rng(5)
        hardness = np.exp(rng.normal(3, 1.5, n))
        rows = [
            {
                "instance": f"i{at}",
                "setting": setting,
                "seed": seed,
                "verdict": "solved",
                "termination": "normal",
                "solve_time_s": float(factor * hardness[at] * np.exp(rng.normal(0, scatter))),
                "time_limit_s": 1e6,
            }
            for setting, factor in factors.items()
            for at in range(n)
            for seed in range(seeds)
        ]
        return pd.DataFrame(rows)

    return results


@pytest.fixture(scope="session")
def expected(shared: Path) -> Mapping[str, Any]:
    """Return all expected numbers."""
    numbers: Mapping[str, Any] = json.loads((shared / "oracle" / "expected.json").read_text())
    return numbers


@pytest.fixture(scope="session")
def toy(shared: Path) -> pd.DataFrame:
    """Return six instances solved with three settings."""
    table = pd.read_csv(shared / "oracle" / "toy.csv")
    limit = table["status"] == "timelimit"
    return pd.DataFrame(
        {
            "instance": table["instance"],
            "setting": table["config"],
            "verdict": np.where(limit, "limit", "solved"),
            "termination": np.where(limit, "time", "normal"),
            "solve_time_s": table["time"],
            "n_nodes": table["nodes"],
            "n_lp_iterations": table["lp_iterations"],
            "time_limit_s": table["time_limit"],
        }
    )


@pytest.fixture(scope="session")
def pairs(shared: Path) -> pd.DataFrame:
    """Return thirty instances solved with two settings."""
    table = pd.read_csv(shared / "oracle" / "pairs30.csv")
    return pd.concat(
        pd.DataFrame(
            {
                "instance": table["instance"],
                "setting": name,
                "verdict": np.where(table[f"solved_{name}"] == 1, "solved", "limit"),
                "termination": np.where(table[f"solved_{name}"] == 1, "normal", "time"),
                "solve_time_s": table[f"time_{name}"],
                "n_nodes": table[f"nodes_{name}"],
                "time_limit_s": 100.0,
            }
        )
        for name in "AB"
    )
