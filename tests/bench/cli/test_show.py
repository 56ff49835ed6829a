"""``bench show``, executed as a user would."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.usefixtures("without_mlflow")

Bench = Callable[..., Any]
SECTIONS = ("verdict", "primal bound", "peak memory", "binary", "solver.log")


@pytest.fixture
def swept(bench: Bench, knapsack: Path) -> Bench:
    """Return the command line in a folder where a sweep has been executed."""
    bench("sweep", knapsack, "--name", "mine", "--seeds", "2", "--jobs", "1")
    return bench


@pytest.mark.slow
def test_a_task_shows_all_that_is_known(swept: Bench, knapsack: Path) -> None:
    """Verdict, bounds, plot, measures, problem and files stand there; its key finds it as well."""
    one = swept("show", knapsack.stem, "--seed", 1)
    assert [words for words in SECTIONS if words not in one.out] == []
    key = swept("show", knapsack.stem, "--seed", 1, "--json").json[0]["key"]
    assert swept("show", key[:12]).out == one.out
    assert all(len(line) <= 100 for line in one.out.splitlines() if "/" not in line)


@pytest.mark.slow
def test_several_tasks_are_listed(swept: Bench, knapsack: Path) -> None:
    """Each has its line, and the next command is said, which finds it where it is."""
    swept("sweep", knapsack, "--name", "later", "--setting", "a: limits/nodes=5")
    both = swept("show", knapsack.stem, "--sweep", "mine")
    assert both.out.count("seed ") == 2
    _, command = both.err.strip().split(": bench ")
    assert "verdict " in swept(*command.split()).out


@pytest.mark.slow
def test_what_is_not_there_says_what_is(swept: Bench, knapsack: Path) -> None:
    """A misspelt instance gets the near one, a wrong setting the settings."""
    wrong = knapsack.stem[:-1] + "q"
    assert f"did you mean '{knapsack.stem}'" in swept("show", wrong, code=2).err
    assert "its settings are: default" in swept("show", knapsack.stem, "--setting", "x", code=2).err
