"""CONTRIBUTING's "add a solver in four steps", followed to the letter from a separate package."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contributing import installed

Bench = Callable[..., Any]


@pytest.fixture
def _installed(root: Path, tmp_path: Path) -> Iterator[None]:
    """Install the package of CONTRIBUTING."""
    section = "Add a solver in four steps"
    with installed(root / "CONTRIBUTING.md", section, tmp_path / "site"):
        yield


@pytest.mark.usefixtures("_installed")
def test_a_solver_of_another_package_is_executed(bench: Bench, knapsack: Path) -> None:
    """By its name, in a process of its own, with its answer in the table."""
    found = bench("run", knapsack, "--solver", "origin", "--json").json
    (result,) = found["results"]
    assert (result["status"], result["primal_bound"]) == ("sollimit", 0)


@pytest.mark.usefixtures("_installed")
def test_it_stands_beside_the_others_in_one_sweep(bench: Bench, knapsack: Path) -> None:
    """Whatever package a solver comes from."""
    sweep = knapsack.parent / "sweep.yaml"
    sweep.write_text("instances: knapsack.mps\nsettings: {zero: {solver: origin}, scip: {}}\n")
    found = bench("sweep", sweep, "--json").json
    values = {result["setting"]: result["primal_bound"] for result in found["results"]}
    assert values == {"zero": 0, "scip": -8}


@pytest.mark.usefixtures("_installed")
def test_without_parameters_there_are_none_to_list(bench: Bench) -> None:
    """That is no error: nobody asked for one that does not exist."""
    assert bench("params", "--solver", "origin").err == "0 parameters of origin 1.0\n"
    assert bench("params", "--solver", "origin", "--json").json == []


def test_without_the_package_the_name_is_unknown(bench: Bench, knapsack: Path) -> None:
    """The message says which names are known."""
    assert "unknown solver" in bench("run", knapsack, "--solver", "origin", code=2).err
