"""Names of solvers: family, version, patterns."""

from __future__ import annotations

import pytest

from bench.model.solver_name import family, matches, title, version_order


@pytest.mark.parametrize(
    ("pattern", "solver", "version", "means"),
    [
        ("scip", "scip", "10.0.2", True),
        ("scip", "scip@9.2.4", "9.2.4", True),
        ("scip@9", "scip@9.2.4", "9.2.4", True),
        ("scip@9.2", "scip@9.2.4", "9.2.4", True),
        ("scip@9.2", "scip@9.20.0", "9.20.0", False),
        ("scip@10", "scip", "10.0.2", True),
        ("scip@1", "scip", "10.0.2", False),
        ("scip@10.0.2", "scip", "10.0.2", True),
        ("scip@*", "scip", "8.0.3", True),
        ("scip@[89]*", "scip@9.2.4", "9.2.4", True),
        ("scip@[89]*", "scip", "10.0.2", False),
        ("highs@*", "scip", "10.0.2", False),
        ("mine", "mine", "9.1.1", True),
        ("mine@9", "mine", "9.1.1", True),
        ("mine@9.1.1", "mine", "9.1.1+3f2a9c0112ab", True),
        ("mine@9.1.1+3f2a9c0112ab", "mine", "9.1.1+3f2a9c0112ab", True),
        ("mine@9.1.1+000000000000", "mine", "9.1.1+3f2a9c0112ab", False),
        ("*", "fake", "1.0", True),
    ],
)
def test_a_pattern_means_versions(pattern: str, solver: str, version: str, means: bool) -> None:
    """By name, by the beginning of a version in whole parts, by shell patterns."""
    assert matches(pattern, solver, version) is means


def test_versions_are_ordered_by_their_numbers() -> None:
    """9.10 is after 9.2, and a release candidate before its release."""
    versions = ["10.0.0", "9.10.0", "9.2.4", "9.2.0", "9.2"]
    assert sorted(versions, key=version_order) == ["9.2", "9.2.0", "9.2.4", "9.10.0", "10.0.0"]


def test_a_title_has_the_version_once() -> None:
    """Also of an environment whose name says no version."""
    assert title("scip", "10.0.2") == "scip@10.0.2"
    assert title("scip@9.2.4", "9.2.4") == "scip@9.2.4"
    assert title("mine", "9.1.1") == "mine@9.1.1"
    assert family("scip@9.2.4") == "scip"
