"""Tunings in which nothing is solved: what a solve costs is drawn."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bench.model.parameters import Catalogue
from bench.model.setting import ParameterValue
from bench.tuning.candidate import STOCK, Candidate
from bench.tuning.race import Batch, Pair, RaceState, Rules, Solve, stock_state
from bench.tuning.sampling import SamplerName, Sampling
from bench.tuning.scores import Cost
from bench.tuning.space import Dimension, Space
from bench.tuning.tuning import Tuned, tuning

EMPTY = Catalogue([])
N_TRAIN = 12
CAP_WEIGHT = 2.0

Effect = Callable[[Candidate], float]
"""Returns the logarithm of how many times as long a candidate takes as stock."""


def space_of(
    n: int = 12, starts: Mapping[str, Mapping[str, ParameterValue]] | None = None
) -> Space:
    """Return a space of so many numbers, and starting points."""
    dimensions = tuple(Dimension(name=f"p{at}", low=0.0, high=1.0, stock=0.5) for at in range(n))
    usual = {f"part{at}-off": {"x": at} for at in range(10)}
    return Space(solver="fake", dimensions=dimensions, starts=usual if starts is None else starts)


def no_effect(_: Candidate) -> float:
    """Return that a candidate takes as long as stock."""
    return 0.0


@dataclass(slots=True, kw_only=True)
class Simulation:
    """Costs of solves: log-normal instances, an interaction of setting and instance, and seeds."""

    effect: Effect = no_effect
    seed: int = 0
    noise: float = 0.15
    interaction: float = 0.2
    wrong: Callable[[Candidate], bool] = lambda _: False
    solves: list[Solve] = field(default_factory=list)

    def cost(self, solve: Solve) -> Cost:
        """Return what a solve costs; the same solve always costs the same."""
        seconds = self.seconds(solve.candidate, solve.pair)
        if self.wrong(solve.candidate):
            return Cost(cpu_s=seconds, score=math.inf)
        if solve.cap_s is not None and seconds > solve.cap_s:
            return Cost(cpu_s=solve.cap_s, score=CAP_WEIGHT * solve.cap_s, at_limit=True)
        return Cost(cpu_s=seconds, score=seconds)

    def seconds(self, candidate: Candidate, pair: Pair) -> float:
        """Return how long a candidate takes on a pair."""
        base = self._draw(-1.0, 0.8, pair.instance)
        own = 0.0
        if candidate.name != STOCK:
            own = self.effect(candidate) + self._draw(
                0.0, self.interaction, candidate.name, pair.instance
            )
        return math.exp(base + own + self._draw(0.0, self.noise, candidate.name, pair))

    def _draw(self, mean: float, deviation: float, *what: object) -> float:
        return random.Random(f"{self.seed} {what}").gauss(mean, deviation)

    def answer(self, batch: Batch) -> dict[Solve, Cost]:
        """Return the costs of a batch, and remember it."""
        self.solves += batch
        return {solve: self.cost(solve) for solve in batch}

    def tuned(
        self,
        space: Space,
        budget_s: float = 60.0,
        sampler: SamplerName = SamplerName.RANDOM,
        n_instances: int = N_TRAIN,
    ) -> tuple[Tuned, RaceState]:
        """Return what a tuning with these costs comes to."""
        state = stock_state()
        moves = tuning(
            Rules(budget_s=budget_s, n_instances=n_instances, time_limit_s=60.0, seed=self.seed),
            space,
            Sampling(space, sampler, self.seed),
            state,
            why_budget_s=budget_s / 6,
        )
        batch = next(moves)
        while True:
            try:
                batch = moves.send(self.answer(batch))
            except StopIteration as end:
                return end.value, state
