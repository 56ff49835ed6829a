"""SMAC3 asks for solves over a socket; executed by an environment that has smac.

Arguments: port, file of the space, budget in CPU seconds, number of instances, time limit, seed.
"""

from __future__ import annotations

import socket
import sys
from pathlib import Path
from typing import Any

import smac
from ConfigSpace import (
    Categorical,
    Configuration,
    ConfigurationSpace,
    Float,
    InCondition,
    Integer,
)
from smac.runhistory import TrialValue


def space_of(lines: list[str], seed: int) -> ConfigurationSpace:
    """Return the space that the lines describe."""
    space = ConfigurationSpace(seed=seed)
    conditions = []
    for line in lines:
        name, shape, domain, default, condition = line.split("\t")
        kind, _, log = shape.partition(",")
        ends = domain.split(",")
        made: Any
        if kind == "c":
            made = Categorical(name, ends, default=default)
        elif kind == "i":
            bounds = int(float(ends[0])), int(float(ends[1]))
            made = Integer(name, bounds, default=int(float(default)), log=bool(log))
        else:
            made = Float(
                name, (float(ends[0]), float(ends[1])), default=float(default), log=bool(log)
            )
        space.add(made)
        if condition:
            other, _, values = condition.partition("=")
            conditions.append((name, other, values))
    for name, other, values in conditions:
        space.add(InCondition(space[name], space[other], values.split(",")))
    return space


def words(one: Configuration) -> str:
    """Return a configuration as ``name=value`` words."""
    return " ".join(f"{name}={value}" for name, value in dict(one).items())


def never_called(config: Configuration, instance: str, seed: int) -> float:
    """Stand for the function that SMAC would call if it were not asked."""
    raise NotImplementedError


def main() -> None:
    """Ask until the budget is spent, then name the winner."""
    port, file, budget_s, n_instances, _, seed = sys.argv[1:]
    space = space_of(Path(file).read_text().splitlines(), int(seed))
    scenario = smac.Scenario(
        space,
        output_directory=Path("smac"),
        deterministic=False,
        use_default_config=True,
        instances=[str(at) for at in range(int(n_instances))],
        instance_features={str(at): [float(at)] for at in range(int(n_instances))},
        n_trials=100_000,
        seed=int(seed),
    )
    optimizer = smac.AlgorithmConfigurationFacade(
        scenario,
        never_called,
        overwrite=True,
    )
    connection = socket.create_connection(("127.0.0.1", int(port)))
    with connection, connection.makefile("rw", encoding="utf-8") as pipe:
        left = float(budget_s)
        while left > 0:
            trial = optimizer.ask()
            pipe.write(f"solve {trial.instance} {trial.seed} {words(trial.config)}\n")
            pipe.flush()
            cost, seconds, left = map(float, pipe.readline().split())
            optimizer.tell(trial, TrialValue(cost=cost, time=seconds))
        winner = optimizer.intensifier.get_incumbent() or space.get_default_configuration()
        pipe.write(f"winner {words(winner)}\n")
        pipe.flush()


if __name__ == "__main__":
    main()
