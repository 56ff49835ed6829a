"""How often choosing by instance is called a help: where it is none, and where it is one.

Each simulated sweep has four settings on 40 instances of eight families with twelve statistics. The
costs of an instance vary with a standard deviation of 1.5 in logs, those of a setting on it with
one of 0.3 by chance. ``nothing``: settings differ on average alone. ``statistic``: one statistic
says for each instance which of two settings is better. ``family``: the family says it.

    PYTHONPATH=. python benchmarks/simulated_selections.py --number 60
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

import numpy as np

from bench.selection import learning
from bench.selection.evaluation import evaluate
from bench.selection.examples import Examples
from bench.statistics.arrays import Floats

KINDS = ("nothing", "statistic", "family")
N_INSTANCES, N_FAMILIES, N_STATISTICS, N_SETTINGS = 40, 8, 12, 4


@dataclass(frozen=True)
class Counts:
    """How many simulations were called a help, and the mean of the closed shares of the gap."""

    n: int
    n_helps: int
    mean_share: float


def simulated(kind: str, seed: int) -> Examples:
    """Return the examples of a simulated sweep."""
    rng = np.random.default_rng(seed)
    family = np.arange(N_INSTANCES) % N_FAMILIES
    centres = rng.normal(0, 2, size=(N_FAMILIES, N_STATISTICS))
    statistics = rng.normal(size=(N_INSTANCES, N_STATISTICS)) + centres[family]
    effect: Floats = np.zeros((N_INSTANCES, N_SETTINGS))
    if kind == "nothing":
        effect = effect + rng.normal(0, 0.3, size=N_SETTINGS)
    elif kind == "family":
        effect = rng.normal(0, 0.5, size=(N_FAMILIES, N_SETTINGS))[family]
    else:
        effect[:, 1] = np.where(statistics[:, 0] > 0, -0.6, 0.6)
        effect[:, 2:] = 0.5
    hard = rng.normal(0, 1.5, size=(N_INSTANCES, 1))
    costs = hard + effect + rng.normal(0, 0.3, size=(N_INSTANCES, N_SETTINGS))
    return Examples(
        instances=tuple(f"{chr(97 + which)}-{at}" for at, which in enumerate(family)),
        families=tuple(chr(97 + which) for which in family),
        features=tuple(f"f{at}" for at in range(N_STATISTICS)),
        settings=tuple(f"s{at}" for at in range(N_SETTINGS)),
        programs=("scip 1",),
        statistics=statistics,
        costs=costs,
        notes=(),
        warnings=(),
    )


def counted(kind: str, number: int) -> Counts:
    """Return how the simulations of a kind were judged."""
    found = [
        evaluate(simulated(kind, seed), n_resamples=500).known_families for seed in range(number)
    ]
    shares = [one.share for one in found if one.share is not None]
    return Counts(len(found), sum(one.helps for one in found), float(np.mean(shares)))


def main() -> None:
    """Print a line for each kind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--number", type=int, default=60)
    parser.add_argument("--trees", type=int, default=50)
    given = parser.parse_args()
    learning.N_TREES = given.trees
    for kind in KINDS:
        found = counted(kind, given.number)
        print(
            f"{kind}: {found.n_helps} of {found.n} called a help, "
            f"gap closed {100 * found.mean_share:.0f} % in the mean",
            flush=True,
        )


if __name__ == "__main__":
    main()
