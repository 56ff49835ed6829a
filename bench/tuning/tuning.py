"""A whole tuning except its test: the race, and the reasons for its winner."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

from bench.tuning.ablation import Ablation, ablation
from bench.tuning.candidate import STOCK, Candidate
from bench.tuning.race import Batch, Costs, RaceState, Rules, race
from bench.tuning.sampling import Sampling
from bench.tuning.space import Space

RACE_SHARE, WHY_SHARE = 0.6, 0.1
"""The shares of race and ablation in the budget; the test has the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuned:
    """The outcome of a tuning; ``why`` is None if the winner is stock or the budget too small."""

    winner: Candidate
    best_start: Candidate | None
    why: Ablation | None

    @property
    def is_stock(self) -> bool:
        """Whether no setting is better on the training set."""
        return self.winner.name == STOCK


def tuning(
    rules: Rules, space: Space, sampling: Sampling, state: RaceState, why_budget_s: float
) -> Generator[Batch, Costs, Tuned]:
    """Yield batches of solves until the test is determined; see `bench.tuning.race`."""
    yield from race(rules, list(space.starts), sampling.sample, sampling.learn, state)
    winner = state.incumbent
    why = None
    if winner.name != STOCK:
        why = yield from ablation(winner, space, rules.n_instances, why_budget_s, state.mean_s)
    return Tuned(winner=winner, best_start=state.best_start, why=why)
