"""The searches of ``benchmarks/tuning.py``, with drawn costs; SMAC3 and irace are not needed."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import pytest

from bench.planning.emphases import emphases_of
from bench.solvers import registry
from bench.tuning.candidate import STOCK, Candidate, setting_of
from bench.tuning.race import Rules, Solve
from bench.tuning.space import Space, default_space
from benchmarks.tuning import FAMILIES, N_TEST, OURS, Cell, read_cells, tables
from benchmarks.ways.tuners import searches
from benchmarks.ways.tuners.searches import Code, Problem, RefusedError, Search
from tests.simulated_tuning import Simulation, space_of

BUDGET_S = 60.0
FAST = {"part3-off": {"x": 3}, "part4-off": {"x": 4}}
GUEST = """
import socket, sys
port, file, budget_s, n_instances, time_limit_s, seed = sys.argv[1:]
assert open(file).readline().startswith("g0\\tc\\tv0,v1")
with socket.create_connection(("127.0.0.1", int(port))) as link, link.makefile("rw") as pipe:
    left = float(budget_s)
    while left > 0:
        print("solve 2 7 g0=v1 p0=0.25", file=pipe, flush=True)
        cost, seconds, left = map(float, pipe.readline().split())
    print("winner g0=v1 p0=0.25", file=pipe, flush=True)
"""


def problem(folder: Path, space: Space) -> Problem:
    """Return a problem of twelve instances."""
    rules = Rules(budget_s=BUDGET_S, n_instances=12, time_limit_s=10.0)
    return Problem(space=space, rules=rules, folder=folder)


def effect(candidate: Candidate) -> float:
    """Let one of the starting points take a third of the time."""
    return math.log(1 / 3) if "part3-off" in candidate.start else 0.0


def ended(search: Search, simulation: Simulation) -> tuple[Candidate, list[Solve]]:
    """Return what a search with drawn costs finds, and its solves."""
    batch = next(search)
    while True:
        try:
            batch = search.send(simulation.answer(batch))
        except StopIteration as end:
            return end.value, simulation.solves


@pytest.mark.parametrize("search", [searches.race, searches.emphases])
def test_a_fast_starting_point_is_found_within_the_budget(tmp_path: Path, search: object) -> None:
    """No search spends more than its last batch beyond the budget."""
    assert callable(search)
    simulation = Simulation(effect=effect)
    found, solves = ended(search(problem(tmp_path, space_of(starts=FAST))), simulation)
    assert found.start == "part3-off"
    spent = sum(simulation.cost(solve).cpu_s for solve in solves)
    assert spent < BUDGET_S + 20


def test_random_search_keeps_the_best_that_solved_every_instance(tmp_path: Path) -> None:
    """Its settings are drawn from the whole space, stock is the first."""
    simulation = Simulation(effect=effect)
    found, solves = ended(
        searches.random_search(problem(tmp_path, space_of(starts=FAST))), simulation
    )
    assert {solve.pair.instance for solve in solves if solve.candidate == found} == set(range(12))
    assert solves[0].candidate.name == STOCK


def test_a_tuner_in_another_process_asks_for_solves(tmp_path: Path) -> None:
    """It is answered costs and what is left, and names its winner."""
    driver = tmp_path / "guest.py"
    driver.write_text(GUEST)
    space = space_of(starts={"part-off": {"x": 1}})
    search = searches.driven(problem(tmp_path, space), [sys.executable, str(driver)])
    found, solves = ended(search, Simulation())
    assert (found.start, found.changes) == ("part-off", {"p0": 0.25})
    assert {(solve.pair.instance, solve.pair.seed) for solve in solves} == {(2, 7)}


def test_a_tuner_that_fails_is_refused_with_its_own_words(tmp_path: Path) -> None:
    """Its last lines say why."""
    command = [sys.executable, "-c", "raise SystemExit('not enough budget')"]
    with pytest.raises(RefusedError, match="not enough budget"):
        next(searches.driven(problem(tmp_path, space_of()), command))


def test_the_defaults_of_the_space_of_scip_are_stock() -> None:
    """As other tuners see it: all defaults together change nothing, all combinations are known."""
    solver = registry.load("scip")
    catalogue = solver.parameters()
    code = Code.of(default_space("scip", catalogue, emphases_of(solver)))
    rows = [line.split("\t") for line in code.lines()]
    defaults = [f"{row[0]}={row[3]}" for row in rows]
    assert not setting_of(code.candidate(defaults), code.whole_space, catalogue).params
    chosen = [f"{row[0]}=v1" for row in rows if row[0].startswith("g")]
    assert code.candidate(chosen).start in code.whole_space.starts


def test_tables_show_what_is_finished(tmp_path: Path) -> None:
    """One family with two tuners, another with one, and a tuner that was refused."""
    first, second, *_ = FAMILIES

    def cell(family: str, tuner: str, log: float, refused: str = "") -> Cell:
        logs = () if refused else tuple(log + 0.01 * at for at in range(N_TEST))
        return Cell(
            family=family,
            tuner=tuner,
            seed=0,
            budget_s=60,
            changes={},
            params={},
            logs=logs,
            refused=refused,
        )

    cells = [cell(first, OURS, -1), cell(first, "emphases", 0), cell(second, OURS, -1)]
    text = "\n".join(tables([*cells, cell(second, "irace", 0, "not enough budget")]))
    assert f"| {OURS} | 0.39 (" in text
    assert "| emphases | 0.37 (" in text
    assert f"refused: irace on {second}, seed 0: not enough budget" in text
    assert read_cells(tmp_path, 60) == []
