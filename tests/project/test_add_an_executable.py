"""CONTRIBUTING's "add an executable in three steps", followed from a package apart."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.solvers.environments import environment
from tests.contributing import installed

Bench = Callable[..., Any]
CBC = shutil.which("cbc")


@pytest.fixture(autouse=True)
def _apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Use a folder of solvers that no other test knows."""
    monkeypatch.setenv(environment.VARIABLE, str(tmp_path / "solvers"))
    monkeypatch.setenv("BENCH_NO_MLFLOW", "1")


@pytest.fixture
def _installed(root: Path, tmp_path: Path) -> Iterator[None]:
    """Install the package of CONTRIBUTING."""
    section = "Add an executable in three steps"
    with installed(root / "CONTRIBUTING.md", section, tmp_path / "site"):
        yield


@pytest.mark.slow
@pytest.mark.skipif(CBC is None, reason="cbc is not installed (coinor-cbc)")
@pytest.mark.usefixtures("_installed")
def test_an_executable_of_a_kind_of_another_package_is_executed_and_checked(
    bench: Bench, knapsack: Path
) -> None:
    """With its limits, by its name, and its parameters are checked."""
    bench("solvers", "add", "mine", "--executable", CBC, "--like", "shortcbc")
    found = bench("run", knapsack, "--solver", "mine", "--gap", "0", "--json").json
    (result,) = found["results"]
    assert (result["status"], result["primal_bound"], result["dual_bound"]) == ("optimal", -8, -8)
    assert result["verification_independent"]
    ended = bench("run", knapsack, "--solver", "mine", "-p", "ratioGaps=1", code=2)
    assert "did you mean 'ratioGap'" in ended.err


def test_without_the_package_the_kind_is_unknown(bench: Bench) -> None:
    """The message says which kinds are known."""
    words = ("solvers", "add", "mine", "--executable", "/bin/true", "--like", "shortcbc")
    assert "unknown kind of executable 'shortcbc'" in bench(*words, code=2).err
