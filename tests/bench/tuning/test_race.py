"""The race, with costs that are drawn instead of solved for."""

from __future__ import annotations

import math
from collections import defaultdict
from contextlib import suppress

import pytest

from bench.errors import BenchError
from bench.tuning.candidate import STOCK, Candidate
from bench.tuning.race import FIRST_STAGE, NothingToGainError, Pair, Rules, Solve, race, stock_state
from bench.tuning.sampling import SamplerName, Sampling
from bench.tuning.scores import Cost, Objective
from tests.simulated_tuning import Simulation, space_of

GOOD = "part3-off"


def good_start(candidate: Candidate) -> float:
    """Return that one starting point halves the time, and one parameter does besides."""
    value = float(candidate.changes.get("p1", 0.5))
    return (math.log(0.5) if candidate.start == GOOD else 0.0) - 0.6 * (value > 0.7)


def test_the_better_starting_point_wins_and_is_improved() -> None:
    """The emphasis is found in the first round, the parameter afterwards."""
    found, state = Simulation(effect=good_start, seed=1).tuned(space_of(4), budget_s=200)
    assert found.best_start is not None
    assert found.best_start.name == GOOD
    assert found.winner.start == GOOD
    assert float(found.winner.changes["p1"]) > 0.7
    assert state.spent_s >= 120


def test_what_samplers_learn_is_relative_to_stock() -> None:
    """Else a setting of the first round looks better than the improvements found after it."""
    simulation = Simulation(effect=good_start, seed=1, noise=0.05, interaction=0.05)
    space, state = space_of(4), stock_state()
    sampling = Sampling(space, SamplerName.RANDOM, 1)
    learned: dict[Candidate, float] = {}
    moves = race(
        Rules(budget_s=100, n_instances=12, time_limit_s=60.0),
        list(space.starts),
        sampling.sample,
        learned.__setitem__,
        state,
    )
    batch = next(moves)
    with suppress(StopIteration):
        while True:
            batch = moves.send(simulation.answer(batch))
    rounds = {one.candidate: one.round for one in state.standings}
    late = [one for one in learned if rounds[one] > 1 and one.start == GOOD]
    assert len(late) > 10
    assert max(learned[one] for one in late) < math.log(0.8)


def test_where_everything_is_slower_stock_wins() -> None:
    """That is an answer, and there is nothing to explain."""
    found, _ = Simulation(effect=lambda _: 0.5).tuned(space_of())
    assert found.is_stock
    assert found.why is None


def test_a_wrong_answer_is_infinitely_bad() -> None:
    """The fastest setting of all loses if it is wrong, at once."""
    lying = Simulation(effect=good_start, wrong=lambda one: one.start == GOOD)
    found, _ = lying.tuned(space_of())
    assert found.winner.start != GOOD
    assert sum(solve.candidate.name == GOOD for solve in lying.solves) <= FIRST_STAGE


def test_equal_costs_give_equal_races() -> None:
    """So that a race is repeated from its journal."""
    one, other = (Simulation(effect=good_start, seed=4) for _ in range(2))
    one.tuned(space_of(), sampler=SamplerName.TPE)
    other.tuned(space_of(), sampler=SamplerName.TPE)
    assert one.solves == other.solves
    assert [solve.cap_s for solve in one.solves] == [solve.cap_s for solve in other.solves]
    assert len(set(one.solves)) == len(one.solves)


def test_candidates_are_held_against_the_incumbent_on_pairs_that_both_solve() -> None:
    """Each pair that a candidate solves, the incumbent of the round has solved just before."""
    simulation = Simulation(seed=2)
    simulation.tuned(space_of(), budget_s=30)
    solvers = defaultdict(list)
    for solve in simulation.solves:
        solvers[solve.pair].append(solve)
    for solves in solvers.values():
        assert solves[0].cap_s is None
        assert all(one.cap_s is None or one.candidate.name != STOCK for one in solves)


def test_survivors_get_twice_as_many_pairs() -> None:
    """2, 4, 8, ... pairs, and each stage at most half as many candidates."""
    _, state = Simulation(seed=3, noise=0.05, interaction=0.0).tuned(space_of(), budget_s=100)
    first = [one.n_pairs for one in state.standings if one.round == 1]
    assert set(first) <= {2, 4, 8, 16, 32}
    assert first.count(2) >= len(first) / 2


def test_a_candidate_is_cut_off_at_a_multiple_of_the_incumbent() -> None:
    """What is hopeless costs little."""
    slow = Simulation(effect=lambda _: math.log(100.0))
    _, state = slow.tuned(space_of(), budget_s=100)
    caps = [solve.cap_s for solve in slow.solves if solve.candidate.name != STOCK]
    assert caps
    assert all(cap is not None for cap in caps)
    spent = [one.n_pairs for one in state.standings]
    assert max(spent) <= FIRST_STAGE


@pytest.mark.parametrize("sampler", list(SamplerName))
def test_every_sampler_proposes_what_the_space_has(sampler: SamplerName) -> None:
    """Values lie within, names are known, and no setting is tried twice."""
    simulation = Simulation(seed=5)
    simulation.tuned(space_of(3), budget_s=15, sampler=sampler)
    candidates = {solve.candidate for solve in simulation.solves}
    assert all(name.startswith("p") for one in candidates for name in one.changes)
    assert all(0 <= float(value) <= 1 for one in candidates for value in one.changes.values())
    contents = [one.content for one in candidates if not one.name.startswith(("only", "up to"))]
    assert len(contents) == len(set(contents))


class Even(Simulation):
    """Every solve costs the same."""

    def __init__(self, seconds: float, *, at_limit: bool = False) -> None:
        """Take what a solve costs."""
        super().__init__()
        self._seconds, self._at_limit = seconds, at_limit

    def cost(self, solve: Solve) -> Cost:
        """Return the cost."""
        del solve
        return Cost(cpu_s=self._seconds, score=self._seconds, at_limit=self._at_limit)


def test_there_is_nothing_to_gain_where_stock_takes_no_time() -> None:
    """It says so after one look at the training set."""
    simulation = Even(0.01)
    with pytest.raises(NothingToGainError, match=r"0\.01 s of CPU time or less"):
        simulation.tuned(space_of())
    assert len(simulation.solves) == 12


def test_a_budget_below_one_pair_is_one_line() -> None:
    """It says how much would do."""
    with pytest.raises(BenchError, match=r"the budget is too small.*at least \d+ s"):
        Even(50.0).tuned(space_of(), budget_s=60)


def test_a_candidate_counts_as_tried_once_it_has_solved_something() -> None:
    """An interrupt comes while a batch is executed."""
    simulation, space, state = Simulation(effect=good_start), space_of(4), stock_state()
    rules = Rules(budget_s=60.0, n_instances=12, time_limit_s=60.0)
    sampling = Sampling(space, SamplerName.RANDOM, 0)
    moves = race(rules, list(space.starts), sampling.sample, sampling.learn, state)
    batch = next(moves)
    for _ in range(20):
        solved = {solve.candidate.name for solve in simulation.solves}
        assert state.n_candidates == len(solved - {STOCK})
        batch = moves.send(simulation.answer(batch))


def test_where_stock_always_ends_at_the_limit_the_integral_counts() -> None:
    """No solve is cut off then: the integral needs all of its time."""
    simulation = Even(2.0, at_limit=True)
    _, state = simulation.tuned(space_of(), budget_s=100)
    assert state.objective is Objective.INTEGRAL
    assert all(solve.cap_s is None for solve in simulation.solves)


def test_the_ablation_says_which_change_brought_what() -> None:
    """On pairs of its own; the change that brings nothing is not in the smallest setting."""
    space = space_of(4)
    simulation = Simulation(effect=good_start, seed=1, interaction=0.05)
    found, _ = simulation.tuned(space, budget_s=200)
    why = found.why
    assert why is not None
    by_label = {one.label: one for one in why.contributions}
    assert 0.5 < by_label[GOOD].alone < 0.75  # times are shifted by 0.1 s
    interval = by_label[GOOD].alone_interval
    assert interval is not None
    assert interval.high < 1
    assert why.smallest.start == GOOD
    assert "p1" in why.smallest.changes
    race = {solve.pair for solve in simulation.solves if solve.pair.seed < 1000}
    own = {solve.pair for solve in simulation.solves if solve.pair.seed >= 1000}
    assert race.isdisjoint(own)
    assert all(isinstance(pair, Pair) for pair in own)
