"""CONTRIBUTING's "add an executor in three steps", followed to the letter from a package apart."""

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
    section = "Add an executor in three steps"
    with installed(root / "CONTRIBUTING.md", section, tmp_path / "site"):
        yield


@pytest.mark.usefixtures("_installed")
def test_an_executor_of_another_package_executes_a_run(bench: Bench, knapsack: Path) -> None:
    """By its name, with all that is measured and judged here, too."""
    found = bench("run", knapsack, "--solver", "fake", "--executor", "cooling", "--json").json
    (result,) = found["results"]
    assert (result["status"], result["primal_bound"]) == ("optimal", 42)


@pytest.mark.usefixtures("_installed")
def test_it_executes_a_sweep(bench: Bench, knapsack: Path) -> None:
    """The name can also stand in the environment."""
    sweep = ("sweep", knapsack, "--solver", "fake", "-p", "seconds=0,0.1", "--json")
    found = bench(*sweep, env={"BENCH_EXECUTOR": "cooling"}).json
    assert len(found["results"]) == 2


def test_without_the_package_the_name_is_unknown(bench: Bench, knapsack: Path) -> None:
    """The message says which names are known; nothing is executed."""
    for command in ("run", "sweep"):
        done = bench(command, knapsack, "--solver", "fake", "--executor", "cooling", code=2)
        assert "unknown executor 'cooling'; known: dask, in-process, local, slurm-array" in done.err


def test_a_name_that_is_nearly_right_is_corrected(bench: Bench, knapsack: Path) -> None:
    """As names of solvers and parameters are."""
    done = bench("run", knapsack, "--solver", "fake", "--executor", "inprocess", code=2)
    assert "unknown executor 'inprocess'; did you mean 'in-process'?" in done.err


@pytest.mark.parametrize("words", [("--executor", "in-process"), ("--jobs", "0")])
def test_there_are_two_words_for_this_process(
    bench: Bench, knapsack: Path, words: tuple[str, ...]
) -> None:
    """Both execute without isolation; the evidence says so."""
    (result,) = bench("run", knapsack, "--solver", "fake", *words, "--json").json["results"]
    assert "executed in bench's own process" in result["evidence"]
