"""Reaching SCIP's classification of constraints through its C interface."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from typing import Any

import pytest
from pyscipopt import Model

from bench.model.problem import CONSTRAINT_CLASSES
from bench.solvers.scip import constraint_classes
from bench.solvers.scip.constraint_classes import classify


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
    constraint_classes._library.cache_clear()
    yield
    constraint_classes._library.cache_clear()


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
    model.free()
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
    monkeypatch.setattr(constraint_classes, "load", lambda: None)
    assert classify(model) is None


@pytest.mark.usefixtures("_fresh_library")
def test_a_library_without_the_functions_gives_none(
    model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A SCIP that does not export the classification only costs the counts."""
    monkeypatch.setattr(constraint_classes, "load", lambda: ctypes.CDLL(None))
    assert classify(model) is None
