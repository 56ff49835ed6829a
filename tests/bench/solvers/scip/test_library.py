"""What is reached in SCIP's C library."""

from __future__ import annotations

import ctypes
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyscipopt import Model

from bench.model.instances.problem import CONSTRAINT_CLASSES
from bench.solvers.scip import library, versions
from bench.solvers.scip.library import classify


@pytest.fixture
def model() -> Any:
    """Build a small problem: one set packing row."""
    model = Model()
    model.hideOutput()
    columns = [model.addVar(vtype="B", obj=-1) for _ in range(3)]
    model.addCons(sum(columns) <= 1)
    return model


@pytest.fixture
def _fresh_library() -> Iterator[None]:
    library._library.cache_clear()
    yield
    library._library.cache_clear()


def test_the_counts_name_every_class_in_the_fixed_order(model: Any) -> None:
    """All 17 classes are there, also those without a row."""
    counts = classify(model)
    assert counts is not None
    assert list(counts) == list(CONSTRAINT_CLASSES)
    assert {name for name, n in counts.items() if n} == {"setpacking"}


def test_a_model_without_rows_has_no_row_in_any_class() -> None:
    """An empty problem gives zeros."""
    counts = classify(Model())
    assert counts is not None
    assert set(counts.values()) == {0}


def test_a_solved_model_gives_none(model: Any) -> None:
    """What presolve has left is not what the file says, so nothing is claimed about it."""
    model.optimize()
    assert classify(model) is None


def test_a_freed_model_gives_none(model: Any) -> None:
    """A model whose memory is gone does not crash the process."""
    versions.free(model)
    assert classify(model) is None


def test_a_model_without_plugins_gives_zeros() -> None:
    """Where no handler for linear constraints exists, nothing is counted and nothing crashes."""
    counts = classify(Model(defaultPlugins=False))
    assert counts is None or set(counts.values()) == {0}


def test_the_classification_does_not_change_the_search(model: Any) -> None:
    """The solve after it is the same as without it."""
    other = Model(sourceModel=model)
    other.hideOutput()
    classify(model)
    for each in (model, other):
        each.optimize()
    assert model.getNLPIterations() == other.getNLPIterations()
    assert model.getObjVal() == other.getObjVal()


@pytest.mark.usefixtures("_fresh_library")
def test_no_library_gives_none(model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wheel whose library is not found only costs the counts."""
    monkeypatch.setattr(library, "load", lambda: None)
    assert classify(model) is None


@pytest.mark.usefixtures("_fresh_library")
def test_a_library_without_the_functions_gives_none(
    model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A SCIP that does not export the classification only costs the counts."""
    monkeypatch.setattr(library, "load", lambda: ctypes.CDLL(None))
    assert classify(model) is None


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
    library.write_statistics(solved, tmp_path / "ours.json")
    solved.writeStatisticsJson(str(tmp_path / "scips.json"))
    assert (tmp_path / "ours.json").read_bytes() == (tmp_path / "scips.json").read_bytes()


def test_scip_writes_the_file_where_its_library_cannot_be_reached(
    solved: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The statistics are there all the same."""
    monkeypatch.setattr(library, "_print_function", lambda: None)
    library.write_statistics(solved, tmp_path / "statistics.json")
    assert json.loads((tmp_path / "statistics.json").read_text())["origprob"]
