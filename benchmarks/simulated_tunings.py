"""How often a tuning calls a setting better that is not: tunings over a space that does nothing.

What a solve costs is drawn: log-normal instances, seeds, and no effect of any setting. Race and
test are those of `bench tune`; the test claims a difference by the rule of `bench compare`, an
interval without 1 and a Wilcoxon test below 5 % after Holm.

    PYTHONPATH=. python benchmarks/simulated_tunings.py [N]
"""

from __future__ import annotations

import sys

import numpy as np

from bench.statistics.intervals import intervals
from bench.statistics.tests import differing, holm, wilcoxon
from bench.tuning.candidate import STOCK, Candidate, start_candidate
from bench.tuning.race import Pair
from bench.tuning.scores import SHIFT_S
from tests.simulated_tuning import Simulation, space_of

N_TEST, N_SEEDS = 12, 2
FIRST_TEST_INSTANCE, FIRST_SEED = 1000, 2_000_000
ALPHA = 0.05


def is_called_better(simulation: Simulation, settings: list[Candidate]) -> bool:
    """Return whether one of the settings is called better than stock on unseen instances."""
    logs = np.array(
        [
            [
                np.mean(
                    [
                        np.log(simulation.seconds(one, Pair(instance, seed)) + SHIFT_S)
                        for seed in range(FIRST_SEED, FIRST_SEED + N_SEEDS)
                    ]
                )
                for one in [start_candidate(STOCK), *settings]
            ]
            for instance in range(FIRST_TEST_INSTANCE, FIRST_TEST_INSTANCE + N_TEST)
        ]
    )
    found = intervals(logs, SHIFT_S, alpha=ALPHA, n_resamples=2000, rng_seed=1)
    differences = [differing(logs[:, at] - logs[:, 0]) for at in range(1, logs.shape[1])]
    p_values = holm([wilcoxon(each).p if len(each) >= 6 else 1.0 for each in differences])
    return any(
        interval is not None and interval.high < 1 and p < ALPHA
        for interval, p in zip(found[1:], p_values, strict=True)
    )


def tuned(seed: int) -> tuple[bool, bool]:
    """Return whether one tuning went to its test, and whether it called a setting better."""
    simulation = Simulation(seed=seed)
    found, _ = simulation.tuned(space_of(), budget_s=30)
    if found.is_stock:
        return False, False
    best = found.best_start
    others = [best] if best is not None and best.name != found.winner.name else []
    return True, is_called_better(simulation, [found.winner, *others])


def wilson(k: int, n: int) -> tuple[float, float]:
    """Return Wilson's interval of a share, at 95 %."""
    z, share = 1.96, k / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    reach = z * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, float(centre - reach)), float(centre + reach)


def main() -> None:
    """Print how many of the tunings were tested, and how many called a setting better."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    found = [tuned(seed) for seed in range(n)]
    n_tested, n_better = (sum(each) for each in zip(*found, strict=True))
    low, high = wilson(n_better, n)
    print(
        f"{n} tunings over a space that does nothing: {n_tested} went to the test, "
        f"{n_better} called a setting better ({n_better / n:.1%}, 95 % interval {low:.1%} to "
        f"{high:.1%})"
    )


if __name__ == "__main__":
    main()
