"""Ways to find a setting, each a generator: it yields solves, is sent costs, returns a candidate.

All of them search the same space with the same time limit, and a solve costs the same everywhere:
the logarithm of its CPU seconds plus 0.1 s, ten times the limit where it was not solved.
"""

from __future__ import annotations

import math
import random
import socket
import statistics
import subprocess
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import TextIO

from bench.model.setting import ParameterValue
from bench.tuning.candidate import STOCK, Candidate, start_candidate
from bench.tuning.race import CAP_FACTOR, LEAST_CAP_S, Batch, Costs, Pair, Rules, Solve, stock_state
from bench.tuning.race import race as bench_race
from bench.tuning.sampling import SamplerName, Sampling
from bench.tuning.scores import PENALTY, SHIFT_S
from bench.tuning.space import Dimension, Space

Search = Generator[Batch, Costs, Candidate]
HERE = Path(__file__).parent
MOST_SEEDS = 1_000_000
"""The seeds of searches are below, those of tests above."""


class RefusedError(Exception):
    """Why a tuner did not search."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is searched, and where a tuner may leave its files."""

    space: Space
    rules: Rules
    folder: Path

    @property
    def worst(self) -> float:
        """The cost of a solve that ends at the limit, or is wrong."""
        return math.log(PENALTY * self.rules.time_limit_s + SHIFT_S)


def race(problem: Problem) -> Search:
    """Search as `bench tune` does; its ablation is left out."""
    space, rules, state = problem.space, problem.rules, stock_state()
    sampling = Sampling(space, SamplerName.TPE, rules.seed)
    yield from bench_race(rules, list(space.starts), sampling.sample, sampling.learn, state)
    return state.incumbent


def random_search(problem: Problem) -> Search:
    """Try settings drawn from the whole space on all training instances, and keep the best.

    A setting is given up when it costs more than the best one on at least two instances.
    """
    rules, space = problem.rules, problem.space
    generator = random.Random(rules.seed)  # noqa: S311  no secret
    pairs = [Pair(at, 0) for at in range(rules.n_instances)]
    best, best_costs, spent, n = start_candidate(STOCK), list[float](), 0.0, 0
    one = best
    while spent < rules.budget_s:
        costs: list[float] = []
        for at, pair in enumerate(pairs):
            solve = Solve(one, pair)
            cost = (yield (solve,))[solve]
            costs.append(min(cost.log, problem.worst))
            spent += cost.cpu_s
            if spent >= rules.budget_s or (at and best_costs and _is_worse(costs, best_costs)):
                break
        if len(costs) == len(pairs) and (not best_costs or not _is_worse(costs, best_costs)):
            best, best_costs = one, costs
        n += 1
        one = _drawn(space, generator, f"r{n:04d}")
    return best


def _is_worse(costs: Sequence[float], best: Sequence[float]) -> bool:
    return sum(costs) >= sum(best[: len(costs)])


def _drawn(space: Space, generator: random.Random, name: str) -> Candidate:
    return Candidate(
        name=name,
        start=generator.choice([STOCK, *space.starts]),
        changes={one.name: _value(one, generator) for one in space.dimensions if one.is_free},
    )


def _value(one: Dimension, generator: random.Random) -> ParameterValue:
    if one.choices:
        return generator.choice(one.choices)
    if one.log:
        value = math.exp(generator.uniform(math.log(one.low), math.log(one.high)))
    else:
        value = generator.uniform(one.low, one.high)
    return round(value) if one.whole else float(f"{value:.4g}")


def emphases(problem: Problem) -> Search:
    """Compare stock, the published emphases and their pairs by successive halving.

    As many of them begin as the budget affords, single ones first.
    """
    rules, mean_s = problem.rules, 0.0
    stock = start_candidate(STOCK)
    alive = [stock, *map(start_candidate, problem.space.starts)]
    generator = random.Random(rules.seed)  # noqa: S311  no secret
    order = generator.sample(range(rules.n_instances), rules.n_instances)
    logs: dict[Candidate, list[float]] = {one: [] for one in alive}
    spent, at, n_new = 0.0, 0, 1
    while True:
        for _ in range(n_new):
            pair = Pair(order[at % len(order)], at // len(order))
            at += 1
            own = Solve(stock, pair)
            cost = (yield (own,))[own]
            logs[stock].append(min(cost.log, problem.worst))
            cap = round(max(CAP_FACTOR * min(cost.score, rules.time_limit_s), LEAST_CAP_S), 2)
            spent += cost.cpu_s
            if at == 1:
                mean_s = max(cost.cpu_s, 0.01)
                alive = alive[: _affordable(rules.budget_s / mean_s)]
            batch = tuple(
                Solve(one, pair, cap if cap < rules.time_limit_s else None)
                for one in alive
                if one is not stock
            )
            costs = yield batch
            spent += sum(each.cpu_s for each in costs.values())
            for solve in batch:
                logs[solve.candidate].append(min(costs[solve].log, problem.worst))
            if spent >= rules.budget_s:
                break
        alive = sorted(alive, key=lambda one: statistics.fmean(logs[one]))
        if spent >= rules.budget_s or (len(alive) <= 2 and at >= 4 * rules.n_instances):
            return alive[0]
        alive = alive[: max(2, math.ceil(len(alive) / 2))]
        n_new = at


def _affordable(n_solves: float) -> int:
    """Return how many settings can be halved down to two: each stage costs about the same."""
    n = 4
    while (n + 1) * math.log2(n + 1) <= n_solves:
        n += 1
    return n


def smac(python: Path) -> Callable[[Problem], Search]:
    """Return the search by SMAC3 in another environment."""
    return lambda problem: driven(problem, [str(python), str(HERE / "smac_driver.py")])


def irace(rscript: str) -> Callable[[Problem], Search]:
    """Return the search by irace."""
    return lambda problem: driven(problem, [rscript, str(HERE / "irace_driver.R")])


@dataclass(frozen=True, slots=True)
class Code:
    """The space as foreign tuners see it: groups of emphases, then parameters, by plain names."""

    space: Space
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, space: Space) -> Code:
        """Return the code of a space; an emphasis of each group can be chosen, or none."""
        groups: dict[str, list[str]] = {}
        for name in space.starts:
            if " " not in name:
                groups.setdefault(name.rpartition("-")[0] or name, []).append(name)
        return cls(space, {name: tuple(members) for name, members in groups.items()})

    @property
    def whole_space(self) -> Space:
        """The space with all combinations of groups as starting points."""
        starts = dict(self.space.starts)
        for chosen in product(*((None, *members) for members in self.groups.values())):
            names = [name for name in chosen if name]
            merged: dict[str, ParameterValue] = {}
            for name in names:
                merged |= self.space.starts[name]
            if names:
                starts.setdefault(" ".join(names), merged)
        return replace(self.space, starts=starts)

    def lines(self) -> list[str]:
        """Return a line for each parameter: name, kind, domain, default, condition."""
        found = [
            f"g{at}\tc\t{_codes(len(members) + 1)}\tv0\t"
            for at, members in enumerate(self.groups.values())
        ]
        places = {one.name: f"p{at}" for at, one in enumerate(self.space.dimensions)}
        for one in self.space.dimensions:
            if not one.is_free:
                continue
            if choices := _choices(one):
                kind, domain = "c", _codes(len(choices))
                default = f"v{choices.index(one.stock) if one.stock in choices else 0}"
            else:
                kind = ("i" if one.whole else "r") + (",log" if one.log else "")
                domain = f"{one.low:g},{one.high:g}"
                default = f"{min(max(float(one.stock or 0), one.low), one.high):g}"
            condition = "".join(
                f"{places[other]}="
                + ",".join(f"v{_choices(self._known(other)).index(value)}" for value in values)
                for other, values in one.condition.items()
            )
            found.append("\t".join([places[one.name], kind, domain, default, condition]))
        return found

    def _known(self, name: str) -> Dimension:
        return next(one for one in self.space.dimensions if one.name == name)

    def candidate(self, words: Sequence[str]) -> Candidate:
        """Return the candidate that a tuner means by ``name=value`` words."""
        values = dict(word.split("=", 1) for word in words)
        starts = [
            members[int(values[f"g{at}"][1:]) - 1]
            for at, members in enumerate(self.groups.values())
            if values.get(f"g{at}", "v0") != "v0"
        ]
        changes: dict[str, ParameterValue] = {}
        for at, one in enumerate(self.space.dimensions):
            text = values.get(f"p{at}")
            if text is None:
                continue
            value: ParameterValue
            if choices := _choices(one):
                value = choices[int(text[1:])]
            else:
                value = round(float(text)) if one.whole else float(f"{float(text):.4g}")
            if one.stock is None or not _is_stock(value, one.stock):
                changes[one.name] = value
        start = " ".join(starts) or STOCK
        return Candidate(name="|".join(sorted(words)), start=start, changes=changes)


def _choices(one: Dimension) -> tuple[ParameterValue, ...]:
    """Return the values to choose from, the solver's own among them."""
    if not one.choices or one.stock is None or one.stock in one.choices:
        return one.choices
    return (one.stock, *one.choices)


def _is_stock(value: ParameterValue, stock: ParameterValue) -> bool:
    if isinstance(value, float) and isinstance(stock, int | float):
        return math.isclose(value, float(stock), rel_tol=1e-3)
    return value == stock


def _codes(n: int) -> str:
    return ",".join(f"v{at}" for at in range(n))


def driven(problem: Problem, command: Sequence[str]) -> Search:
    """Solve what a tuner in another process asks for.

    It gets a port, the file of the space, budget, number of instances, time limit, seed. It sends
    ``solve INSTANCE SEED NAME=VALUE...`` and is answered ``COST SECONDS LEFT``; it ends with
    ``winner NAME=VALUE...``.
    """
    code, rules = Code.of(problem.space), problem.rules
    problem.folder.mkdir(parents=True, exist_ok=True)
    file = problem.folder / "space.tsv"
    file.write_text("\n".join(code.lines()) + "\n")
    log = problem.folder / "driver.log"
    with closing(socket.create_server(("127.0.0.1", 0))) as server, log.open("w") as output:
        server.settimeout(1.0)
        numbers = (rules.budget_s, rules.n_instances, rules.time_limit_s, rules.seed)
        process = subprocess.Popen(
            [*command, str(server.getsockname()[1]), str(file), *map(str, numbers)],
            cwd=problem.folder,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            connection = _connection(server, process)
            with connection, connection.makefile("rw", encoding="utf-8") as pipe:
                found = yield from _served(pipe, code, problem)
        except ConnectionError:
            found = None
        finally:
            process.terminate()
            process.wait()
    if found is None:
        last = [line for line in log.read_text().splitlines() if line.strip()][-2:]
        raise RefusedError(" ".join(last) or "no answer")
    return found


def _connection(server: socket.socket, process: subprocess.Popen[bytes]) -> socket.socket:
    """Wait for the tuner to connect; ConnectionError where it has ended instead."""
    while process.poll() is None:
        try:
            return server.accept()[0]
        except TimeoutError:
            continue
    raise ConnectionAbortedError


def _served(
    pipe: TextIO, code: Code, problem: Problem
) -> Generator[Batch, Costs, Candidate | None]:
    """Answer until the winner is named; None where the tuner has ended before."""
    left = problem.rules.budget_s
    for line in pipe:
        kind, *words = line.split()
        if kind == "winner":
            return code.candidate(words)
        instance, seed, *values = words
        pair = Pair(int(instance), int(seed) % MOST_SEEDS)
        solve = Solve(code.candidate(values), pair)
        cost = (yield (solve,))[solve]
        left -= cost.cpu_s
        pipe.write(f"{min(cost.log, problem.worst):.6f} {max(cost.cpu_s, 0.01):.4f} {left:.3f}\n")
        pipe.flush()
    return None
