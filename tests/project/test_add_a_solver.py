"""CONTRIBUTING's "add a solver in four steps", followed to the letter from a separate package."""

from __future__ import annotations

import re
import sys
import textwrap
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

Bench = Callable[..., Any]


def block(text: str, language: str) -> str:
    """Return the only code block of a language in the section."""
    section = text.partition("## Add a solver in four steps")[2].partition("\n## ")[0]
    (found,) = re.findall(rf"^ *```{language}\n(.*?)^ *```$", section, re.DOTALL | re.MULTILINE)
    return textwrap.dedent(found)


@pytest.fixture
def _installed(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Install the package of CONTRIBUTING into a folder where Python looks for packages.

    The two files beside the module are what an installer makes of a pyproject.toml.
    """
    text = (root / "CONTRIBUTING.md").read_text()
    project = tomllib.loads(block(text, "toml"))["project"]
    site = tmp_path / "site"
    info = site / f"{project['name']}-{project['version']}.dist-info"
    info.mkdir(parents=True)
    (site / f"{project['name']}.py").write_text(block(text, "python"))
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    )
    points = [
        f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in entries.items())
        for group, entries in project["entry-points"].items()
    ]
    (info / "entry_points.txt").write_text("\n".join(points))
    monkeypatch.syspath_prepend(site)
    yield
    sys.modules.pop(project["name"], None)


@pytest.mark.usefixtures("_installed")
def test_a_solver_of_another_package_is_executed(bench: Bench, knapsack: Path) -> None:
    """By its name, in a process of its own, with its answer in the table."""
    found = bench("run", knapsack, "--solver", "origin", "--json").json
    (result,) = found["results"]
    assert (result["status"], result["primal_bound"]) == ("sollimit", 0)


@pytest.mark.usefixtures("_installed")
def test_it_stands_beside_the_others_in_one_sweep(bench: Bench, knapsack: Path) -> None:
    """Whatever package a solver comes from."""
    sweep = knapsack.parent / "sweep.yaml"
    sweep.write_text("instances: knapsack.mps\nsettings: {zero: {solver: origin}, scip: {}}\n")
    found = bench("sweep", sweep, "--json").json
    values = {result["setting"]: result["primal_bound"] for result in found["results"]}
    assert values == {"zero": 0, "scip": -8}


@pytest.mark.usefixtures("_installed")
def test_without_parameters_there_are_none_to_list(bench: Bench) -> None:
    """That is no error: nobody asked for one that does not exist."""
    assert bench("params", "--solver", "origin").err == "0 parameters of origin 1.0\n"
    assert bench("params", "--solver", "origin", "--json").json == []


def test_without_the_package_the_name_is_unknown(bench: Bench, knapsack: Path) -> None:
    """The message says which names are known."""
    assert "unknown solver" in bench("run", knapsack, "--solver", "origin", code=2).err
