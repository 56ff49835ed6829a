"""The race: candidates against the incumbent on common pairs, few first, doubled for survivors.

A race is a generator. It yields batches of solves and receives the cost of each, so that the same
race can be executed, simulated, and repeated from a journal: equal costs give equal batches.

Each round begins with new pairs, which the incumbent solves as well, a few pairs ahead of the
candidates. Drift of the machine therefore affects both, and the incumbent does not profit from the
luck that made it the incumbent. A candidate's solve is stopped at a multiple of the incumbent's
time on the same pair. After each stage the worse half drops out; candidates that are far worse than
the incumbent drop out at once. A candidate that is still ahead after the last stage, by more than
the standard error, is the new incumbent.
"""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bench.errors import BenchError
from bench.tuning.candidate import STOCK, Candidate, start_candidate
from bench.tuning.scores import NOTHING_TO_GAIN_S, SHIFT_S, Cost, Objective

FIRST_STAGE = 2
"""Pairs of the first stage; each stage after it doubles them all."""
MOST_PAIRS = 16
"""The largest number of pairs of a round: more would leave the budget fewer candidates."""
ROUND_SIZE = 8
"""The number of candidates of each round after that of the starting points."""
START_SHARE = 0.1
"""The share of the budget that the first stage of the starting points may take."""
PROBE_SHARE = 0.05
"""The share of the budget after which the stock setting is known well enough."""
CAP_FACTOR, LEAST_CAP_S = 4.0, 0.5
"""A candidate's solve is stopped at this multiple of the incumbent's time, rounded up to the least
cap times a power of two: runs in MLflow are for a setting with its limits, and would be many.
"""
HOPELESS = math.log(2.0)
"""A candidate that costs twice as much as the incumbent drops out before its stage is over."""


@dataclass(frozen=True, slots=True)
class Pair:
    """An instance, by its position in the training set, with a seed."""

    instance: int
    seed: int


@dataclass(frozen=True, slots=True)
class Solve:
    """One solve that a race requests; ``cap_s`` is a time limit below the usual one, or None."""

    candidate: Candidate
    pair: Pair
    cap_s: float | None = None


Batch = tuple[Solve, ...]
Costs = Mapping[Solve, Cost]
Sampler = Callable[[Candidate, int], Sequence[Candidate]]
"""Returns this many new candidates, given the incumbent; fewer if there are no more."""
Learn = Callable[[Candidate, float], None]
"""Receives a candidate and its log ratio to stock, so that results of all rounds compare."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules of a race: CPU seconds, the sizes of the training set and of its batches.

    ``time_limit_s`` is that of each solve; ``jobs`` solves run at a time.
    """

    budget_s: float
    n_instances: int
    time_limit_s: float
    jobs: int = 1
    seed: int = 0


class EndedEarlyError(BenchError):
    """The race has ended before any candidate: the reason."""


class NothingToGainError(EndedEarlyError):
    """No setting can be faster than stock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The result of a candidate in a round: the mean of its log ratios to the incumbent.

    ``spent_s`` are the CPU seconds that the race had taken when the candidate dropped out.
    """

    round: int
    candidate: Candidate
    n_pairs: int
    log_ratio: float
    error: float
    won: bool = False
    spent_s: float = 0.0


@dataclass(slots=True, kw_only=True)
class RaceState:
    """The state of a race, which changes as it proceeds.

    ``log_ratio`` is the incumbent's to stock, as the sum over the rounds in which it was replaced;
    ``n_candidates`` have solved something.
    """

    incumbent: Candidate
    log_ratio: float = 0.0
    best_start: Candidate | None = None
    objective: Objective | None = None
    spent_s: float = 0.0
    round: int = 0
    standings: list[Standing] = field(default_factory=list)
    mean_s: float = 0.0
    n_candidates: int = 0


Race = Generator[Batch, Costs, RaceState]


def race(
    rules: Rules, starts: Sequence[str], sample: Sampler, learn: Learn, state: RaceState
) -> Race:
    """Yield batches of solves until the budget is spent; ``state.incumbent`` is the winner.

    Raise NothingToGainError if the stock setting solves everything at once, EndedEarlyError if
    the budget is too small for one pair of two settings.
    """
    pairs = _Pairs(rules)
    known = yield from _probe(rules, pairs, state)
    entrants: Sequence[Candidate] = _first_entrants(rules, starts, state)
    while True:
        state.round += 1
        if not entrants:
            entrants = sample(state.incumbent, ROUND_SIZE)
        if not entrants or state.spent_s >= rules.budget_s:
            return state
        standings = yield from _Round(rules, state, pairs, known).run(entrants)
        known = {}
        for one in standings:
            learn(one.candidate, state.log_ratio + one.log_ratio)
        if state.round == 1 and standings:
            state.best_start = max(
                standings, key=lambda one: (one.n_pairs, -one.log_ratio)
            ).candidate
        winner = next((one for one in standings if one.won), None)
        if winner is not None:
            state.incumbent = winner.candidate
            state.log_ratio += winner.log_ratio
        state.standings += standings
        entrants = ()


class _Pairs:
    """The pairs of a race in order: all instances shuffled, then again with the next seed."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._found: list[Pair] = []
        self._pass = 0

    def take(self, n: int) -> list[Pair]:
        """Return the next pairs, which are unsolved."""
        while len(self._found) < n:
            order = list(range(self._rules.n_instances))
            random.Random(f"{self._rules.seed} {self._pass}").shuffle(order)  # noqa: S311
            self._found += [Pair(each, self._pass) for each in order]
            self._pass += 1
        taken, self._found = self._found[:n], self._found[n:]
        return taken


def _probe(
    rules: Rules, pairs: _Pairs, state: RaceState
) -> Generator[Batch, Costs, dict[Pair, Cost]]:
    """Solve with the stock setting alone, to find the possible gain and the cost of a solve."""
    known: dict[Pair, Cost] = {}
    while len(known) < rules.n_instances:
        n = min(max(rules.jobs, 1), rules.n_instances - len(known))
        batch = tuple(Solve(state.incumbent, pair) for pair in pairs.take(n))
        costs = yield batch
        known |= {solve.pair: costs[solve] for solve in batch}
        state.spent_s += sum(costs[solve].cpu_s for solve in batch)
        if state.spent_s >= PROBE_SHARE * rules.budget_s and len(known) >= FIRST_STAGE:
            break
        if state.spent_s >= rules.budget_s / 2:
            break
    found = list(known.values())
    state.mean_s = statistics.fmean(cost.cpu_s for cost in found)
    if state.spent_s + state.mean_s > rules.budget_s:
        raise EndedEarlyError(
            f"the budget is too small: {len(found)} solve{'s' * (len(found) > 1)} of the stock "
            f"setting took {state.spent_s:.3g} of {rules.budget_s:.3g} CPU seconds for tuning; "
            f"give at least {20 * state.mean_s:.0f} s, or smaller instances"
        )
    if all(cost.score <= NOTHING_TO_GAIN_S for cost in found):
        longest = max(cost.score for cost in found)
        raise NothingToGainError(
            f"nothing to gain: the stock setting solves each of {len(found)} training instances "
            f"in {max(longest, 0.001):.2g} s of CPU time or less; tune on harder instances"
        )
    if state.objective is None:
        all_at_limit = all(cost.at_limit for cost in found)
        state.objective = Objective.INTEGRAL if all_at_limit else Objective.CPU
    return known


def _first_entrants(rules: Rules, starts: Sequence[str], state: RaceState) -> list[Candidate]:
    """Return as many starting points as the budget allows, at least a few."""
    affordable = START_SHARE * rules.budget_s / (FIRST_STAGE * max(state.mean_s, 1e-3))
    return [start_candidate(name) for name in starts[: max(int(affordable), ROUND_SIZE // 2)]]


class _Round:
    """One round: its candidates, and the costs of these and the incumbent on its pairs."""

    def __init__(
        self, rules: Rules, state: RaceState, pairs: _Pairs, known: Mapping[Pair, Cost]
    ) -> None:
        self._rules = rules
        self._state = state
        self._pairs = pairs
        self._waiting = list(known)
        self._own = dict(known)
        self._costs: dict[Candidate, dict[Pair, Cost]] = {}
        self._alive: list[Candidate] = []
        self._out: dict[Candidate, Standing] = {}

    def run(self, entrants: Sequence[Candidate]) -> Generator[Batch, Costs, list[Standing]]:
        """Return the standing of each candidate that was tried, with the winner marked."""
        self._alive = list(entrants)
        self._costs = {one: {} for one in entrants}
        most = max(FIRST_STAGE, min(MOST_PAIRS, 4 * self._rules.n_instances))
        n, done = FIRST_STAGE, 0
        while self._alive and done < most and not self._is_spent:
            finished = yield from self._stage(n - done)
            if not finished:
                break
            done = n
            n = min(2 * n, most)
            if done < most:
                self._halve(done)
        standings = [*self._out.values(), *(self._standing(one) for one in self._alive)]
        return self._with_winner([one for one in standings if one.n_pairs], done, most)

    @property
    def _is_spent(self) -> bool:
        return self._state.spent_s >= self._rules.budget_s

    def _take(self, n: int) -> list[Pair]:
        taken, self._waiting = self._waiting[:n], self._waiting[n:]
        return taken + self._pairs.take(n - len(taken))

    def _stage(self, n_new: int) -> Generator[Batch, Costs, bool]:
        """Solve this many more pairs; return whether the budget was sufficient."""
        pairs = self._take(n_new)
        size = max(self._rules.jobs, FIRST_STAGE)
        for at in range(0, len(pairs), size):
            if self._is_spent:
                return False
            chunk = pairs[at : at + size]
            own = tuple(
                Solve(self._state.incumbent, pair) for pair in chunk if pair not in self._own
            )
            if own:
                costs = yield own
                self._charge(costs)
                self._own |= {solve.pair: costs[solve] for solve in own}
            batch = tuple(
                Solve(one, pair, self._cap(pair)) for pair in chunk for one in self._alive
            )
            costs = yield batch
            self._charge(costs)
            self._state.n_candidates += sum(not self._costs[one] for one in self._alive)
            for solve in batch:
                self._costs[solve.candidate][solve.pair] = costs[solve]
            for one in [each for each in self._alive if self._is_hopeless(each)]:
                self._drop(one)
            if not self._alive:
                return True
        return True

    def _charge(self, costs: Costs) -> None:
        self._state.spent_s += sum(cost.cpu_s for cost in costs.values())

    def _cap(self, pair: Pair) -> float | None:
        """Return the time limit of a candidate by the incumbent's cost, None for the usual one."""
        own = self._own[pair]
        if self._state.objective is Objective.INTEGRAL or not math.isfinite(own.score):
            return None
        doublings = math.ceil(math.log2(max(CAP_FACTOR * own.score / LEAST_CAP_S, 1.0)))
        cap = LEAST_CAP_S * 2.0**doublings
        return cap if cap < self._rules.time_limit_s else None

    def _logs(self, candidate: Candidate) -> list[float]:
        """Return the log ratios to the incumbent; none if both answers are wrong."""
        return [
            cost.log - self._own[pair].log
            for pair, cost in self._costs[candidate].items()
            if math.isfinite(self._own[pair].score)
        ]

    def _is_hopeless(self, candidate: Candidate) -> bool:
        costs = self._costs[candidate]
        if any(not math.isfinite(cost.score) for cost in costs.values()):
            return True
        logs = self._logs(candidate)
        lost = sum(
            costs[pair].score - self._own[pair].score
            for pair in costs
            if math.isfinite(self._own[pair].score)
        )
        return len(logs) >= FIRST_STAGE and statistics.fmean(logs) > HOPELESS and lost > SHIFT_S

    def _standing(self, candidate: Candidate) -> Standing:
        logs = self._logs(candidate)
        n = len(logs)
        mean = statistics.fmean(logs) if logs else 0.0
        known = n > 1 and math.isfinite(mean)
        error = statistics.stdev(logs) / math.sqrt(n) if known else math.inf
        return Standing(
            round=self._state.round,
            candidate=candidate,
            n_pairs=n,
            log_ratio=mean,
            error=error,
            spent_s=self._state.spent_s,
        )

    def _drop(self, candidate: Candidate) -> None:
        self._alive.remove(candidate)
        self._out[candidate] = self._standing(candidate)

    def _halve(self, n_pairs: int) -> None:
        """Drop the worse half, and after two stages all that are not ahead of the incumbent."""
        order = sorted(self._alive, key=lambda one: self._standing(one).log_ratio)
        n_kept = math.ceil(len(order) / 2)
        for at, one in enumerate(order):
            behind = self._standing(one).log_ratio > 0 and n_pairs > FIRST_STAGE
            if at >= n_kept or behind:
                self._drop(one)

    def _with_winner(self, found: list[Standing], done: int, most: int) -> list[Standing]:
        """Mark the candidate that replaces the incumbent, if there is one."""
        enough = [
            one
            for one in found
            if one.n_pairs >= min(most, 4 * FIRST_STAGE)
            and one.n_pairs >= done
            and one.log_ratio + one.error < 0
        ]
        best = min(enough, key=lambda one: one.log_ratio, default=None)
        return [replace(one, won=one is best) for one in found]


def stock_state() -> RaceState:
    """Return the initial state of a race: the stock setting is the incumbent."""
    return RaceState(incumbent=start_candidate(STOCK))
