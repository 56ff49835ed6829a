"""Made-up results, the same each time."""

from __future__ import annotations

from collections.abc import Callable

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
