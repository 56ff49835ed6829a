"""The environment variables that a task's processes get."""

from __future__ import annotations

import os

import pytest

from bench.execution.process.environment import restrict_environment


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("PATH", True),
        ("LC_ALL", True),
        ("LD_LIBRARY_PATH", True),
        ("OPENBLAS_NUM_THREADS", True),
        ("GRB_WLSSECRET", True),
        ("XPAUTH_PATH", True),
        ("MLFLOW_TRACKING_TOKEN", False),
        ("AWS_SESSION_TOKEN", False),
        ("CI_JOB_TOKEN", False),
        ("PGPASSWORD", False),
        ("path", False),
    ],
)
def test_what_a_solver_needs_is_kept(
    monkeypatch: pytest.MonkeyPatch, name: str, kept: bool
) -> None:
    """Names are taken exactly, as Linux does."""
    monkeypatch.setattr(os, "environ", {name: "value"})
    restrict_environment()
    assert (name in os.environ) is kept


def test_a_variable_that_is_named_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """That one alone: a name is no pattern."""
    monkeypatch.setattr(os, "environ", {"MY_HOME": "/opt", "MY_KEY": "hush", "MY_*": "hush"})
    restrict_environment(frozenset({"MY_HOME"}))
    assert os.environ == {"MY_HOME": "/opt"}
