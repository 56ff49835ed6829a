"""SCIP's own statistics as a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pyscipopt import Model

from bench.solvers.scip import statistics_file


@pytest.fixture
def solved(knapsack: Path) -> Model:
    """Return a model that has been solved."""
    model = Model()
    model.hideOutput()
    model.readProblem(str(knapsack))
    model.optimize()
    return model


def test_the_bytes_are_those_that_scip_writes_itself(solved: Model, tmp_path: Path) -> None:
    """The detour through memory changes nothing."""
    statistics_file.write(solved, tmp_path / "ours.json")
    solved.writeStatisticsJson(str(tmp_path / "scips.json"))
    assert (tmp_path / "ours.json").read_bytes() == (tmp_path / "scips.json").read_bytes()


def test_scip_writes_the_file_where_its_library_cannot_be_reached(
    solved: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The statistics are there all the same."""
    monkeypatch.setattr(statistics_file, "_print_function", lambda: None)
    statistics_file.write(solved, tmp_path / "statistics.json")
    assert json.loads((tmp_path / "statistics.json").read_text())["origprob"]
