"""Which package has which version, and what is said of those that none has."""

from __future__ import annotations

import pytest

from bench.errors import UsageError
from bench.solvers.environments.packages import add_command, wanted


@pytest.mark.parametrize("text", ["scip==9.2.4", "scip@9.2.4", "scip = 9.2.4", "SCIP==9.2.4"])
def test_a_version_of_scip_is_a_version_of_pyscipopt(text: str) -> None:
    """However it is written."""
    found = wanted(text)
    assert (found.solver, found.requirement) == ("scip", "pyscipopt==5.7.1")
    assert found.version == "9.2.4"


def test_a_version_of_highs_is_that_of_highspy() -> None:
    """Also one that nobody has heard of: the index decides."""
    assert wanted("highs==1.8.1").requirement == "highspy==1.8.1"
    assert wanted("highs==1.99.0").requirement == "highspy==1.99.0"


def test_a_package_may_be_named_itself() -> None:
    """Its solver's version is then what it reports."""
    found = wanted("pyscipopt==6.9.0")
    assert (found.solver, found.requirement, found.version) == ("scip", "pyscipopt==6.9.0", None)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("scip==9.2", "may be scip==9.2.1, scip==9.2.3, scip==9.2.4; name one"),
        ("scip==8.0.3", "nearest: scip==9.0.1"),
        ("scip==9.2.2", "nearest: scip==9.2.1 and scip==9.2.3"),
        ("scip==11.0.0", "by its package"),
        ("highs==1.5.3", "has no callbacks in Python, .* nearest: highs==1.7.1"),
        ("scpi==9.2.4", "did you mean 'scip'"),
        ("mosek==11.0", "known: scip, highs"),
        ("scip", "expected SOLVER==VERSION"),
        ("scip>=9", "expected SOLVER==VERSION"),
        ("", "expected SOLVER==VERSION"),
    ],
)
def test_what_cannot_be_added_is_said_with_what_can(text: str, words: str) -> None:
    """In one line."""
    with pytest.raises(UsageError, match=words):
        wanted(text)


def test_the_command_that_adds_a_solver_fits_its_name() -> None:
    """It is printed where a sweep names a solver that is not installed on this machine."""
    assert add_command("scip@9.2.4") == "bench solvers add scip==9.2.4"
    assert add_command("scip@trunk").startswith("bench solvers add scip@trunk --python")
