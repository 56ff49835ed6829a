"""Readers: who is asked to check whom, by what solvers declare."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bench.solvers import readers, registry
from bench.solvers.declaration import Declaration


@pytest.fixture
def _plug_ins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Register the plug-ins of the tests behind the built-in solvers."""
    targets = {
        "scip-old": "OldScip",
        "third": "Third",
        "undeclared": "Undeclared",
        "broken": "Broken",
    }
    for name, target in targets.items():
        monkeypatch.setitem(registry.BUILT_IN, name, f"tests.plug_in_solvers:{target}")


@pytest.mark.parametrize(
    ("solver", "asked"),
    [("scip", ["highs", "scip"]), ("highs", ["scip", "highs"]), ("fake", ["highs", "scip"])],
)
def test_the_built_in_readers_check_each_other(solver: str, asked: list[str]) -> None:
    """A solver's own reader comes last; one that reads nothing is checked by HiGHS, then SCIP."""
    assert list(readers.candidates(solver)) == asked


@pytest.mark.usefixtures("_plug_ins")
@pytest.mark.parametrize(
    ("solver", "asked"),
    [
        ("scip", ["highs", "third", "scip", "scip-old"]),
        ("scip-old", ["highs", "third", "scip", "scip-old"]),
        ("highs", ["scip", "scip-old", "third", "highs"]),
        ("undeclared", ["highs", "scip", "scip-old", "third"]),
        ("broken", ["highs", "scip", "scip-old", "third"]),
        ("unknown", ["highs", "scip", "scip-old", "third"]),
    ],
)
def test_readers_of_the_same_code_base_come_last(solver: str, asked: list[str]) -> None:
    """Otherwise the order is the registry's; what cannot be loaded costs nothing."""
    assert list(readers.candidates(solver)) == asked


@pytest.mark.usefixtures("_plug_ins")
def test_no_version_of_a_solver_is_independent_of_another() -> None:
    """Whatever they are called."""
    assert not readers.are_independent("scip", "scip-old")
    assert readers.are_independent("scip", "third")
    assert readers.are_independent("undeclared", "scip")


@pytest.mark.usefixtures("_plug_ins")
def test_a_solver_without_a_declaration_is_a_code_base_of_its_own() -> None:
    """And reads nothing for others."""
    own = Declaration(code_base="undeclared", title="undeclared")
    assert registry.declaration("undeclared") == own


@pytest.mark.parametrize("name", sorted(registry.DECLARED))
def test_what_is_known_without_loading_is_what_the_solver_declares(name: str) -> None:
    """The two cannot drift apart."""
    assert getattr(registry.load(name), "declaration", None) is registry.declaration(name)


def test_who_is_asked_is_known_without_loading_a_solver() -> None:
    """Their libraries take a tenth of a second each."""
    text = (
        "import sys; from bench.solvers import readers; print(readers.first_two(), "
        "next(readers.candidates('scip')), {'highspy', 'pyscipopt'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    assert done.stdout == "('highs', 'scip') highs set()\n"
