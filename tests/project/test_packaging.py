"""The files around the package agree with each other and with the program."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from bench import __version__
from bench.cli.main import command as root_command

ROOT = Path(__file__).parent.parent.parent
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
MLPROJECT: dict[str, Any] = yaml.safe_load((ROOT / "MLproject").read_text())
MAIN: dict[str, Any] = MLPROJECT["entry_points"]["main"]
CONDA: dict[str, Any] = yaml.safe_load((ROOT / "conda.yaml").read_text())
SUFFIXES = {".html", ".css", ".js"}
OF_MLFLOW = {
    "MLFLOW_TRACKING_URI",
    "MLFLOW_EXPERIMENT_NAME",
    "MLFLOW_EXPERIMENT_ID",
    "MLFLOW_TRACKING_USERNAME",
    "MLFLOW_TRACKING_PASSWORD",
}


def lines(name: str) -> list[str]:
    """Return the lines of a file of the project."""
    return (ROOT / name).read_text().splitlines()


def variables() -> set[str]:
    """Return the environment variables of all options of all commands."""
    found: set[str] = set()
    context = click.Context(root_command)
    waiting: list[click.Command] = [root_command]
    while waiting:
        command = waiting.pop()
        if isinstance(command, click.Group):
            names = command.list_commands(context)
            waiting += [one for name in names if (one := command.get_command(context, name))]
        for parameter in command.params:
            given = parameter.envvar or ()
            found |= {given} if isinstance(given, str) else set(given)
    return found


def test_the_files_of_a_release_name_the_same_version_and_date() -> None:
    """The package, the newest dated section of the changelog, and the citation."""
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    dated = re.findall(
        r"^## \[(\d[\d.]*)\] - (\S+)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE
    )
    assert dated[0] == (__version__, str(citation["date-released"]))
    assert citation["version"] == __version__


def test_requirements_are_the_runtime_dependencies() -> None:
    """Conda's environment is built from requirements.txt, pip's from pyproject.toml."""
    assert lines("requirements.txt") == PROJECT["dependencies"]


def test_mlproject_has_the_parameters_of_the_readme() -> None:
    """With these types and defaults."""
    parameters = {name: (p["type"], p["default"]) for name, p in MAIN["parameters"].items()}
    assert parameters == {
        "alpha": ("float", 0.15),
        "l1_ratio": ("float", 0.001),
        "solver": ("string", "scip"),
        "instances": ("string", "instances/quick.test"),
        "time_limit": ("float", 3600),
        "memory_limit": ("float", 4096),
        "seeds": ("string", "1"),
        "jobs": ("int", 1),
    }


def test_every_parameter_of_mlproject_reaches_the_command() -> None:
    """One that is declared and not used would be ignored without a word."""
    assert set(re.findall(r"\{(\w+)\}", MAIN["command"])) == MAIN["parameters"].keys()


def test_the_default_instances_of_mlproject_exist() -> None:
    """The first command of the README uses them."""
    assert (ROOT / MAIN["parameters"]["instances"]["default"]).is_file()


def test_mlproject_names_the_conda_file() -> None:
    """It is what ``mlflow run`` without --env-manager builds."""
    assert (ROOT / MLPROJECT["conda_env"]).samefile(ROOT / "conda.yaml")


def test_conda_takes_everything_from_conda_forge() -> None:
    """There SCIP and pyscipopt are built for each other."""
    assert CONDA["channels"] == ["conda-forge"]


def test_conda_has_scip_and_the_requirements() -> None:
    """Python, SCIP and its interface from conda, the rest by pip."""
    plain = [each for each in CONDA["dependencies"] if isinstance(each, str)]
    assert {re.split("[=<>]", each)[0] for each in plain} == {"python", "scip", "pyscipopt", "pip"}
    assert {"pip": ["-r requirements.txt"]} in CONDA["dependencies"]


def test_the_python_of_conda_is_one_that_the_package_allows() -> None:
    """Else pip refuses to install the package in it."""
    plain = [each for each in CONDA["dependencies"] if isinstance(each, str)]
    python = next(each for each in plain if each.startswith("python="))
    lowest = PROJECT["requires-python"].removeprefix(">=")
    assert _numbers(python.removeprefix("python=")) >= _numbers(lowest)


def test_there_is_one_console_script() -> None:
    """``bench`` is the program."""
    assert PROJECT["scripts"] == {"bench": "bench.__main__:main"}


def test_the_license_is_apache() -> None:
    """In words and in the metadata."""
    words = " ".join((ROOT / "LICENSE").read_text().split())
    assert words.startswith("Apache License Version 2.0, January 2004")
    assert PROJECT["license"] == "Apache-2.0"


def test_the_example_of_env_names_variables_that_exist() -> None:
    """A misspelt one would be ignored without a word."""
    named = {m[1] for line in lines(".env.example") if (m := re.match(r"#?([A-Z_]+)=", line))}
    assert named
    assert named <= variables() | OF_MLFLOW


def test_the_example_of_env_changes_nothing_as_it_stands() -> None:
    """Every value in it is commented out."""
    assert all(not line or line.startswith("#") for line in lines(".env.example"))


def test_a_wheel_has_the_package_alone() -> None:
    """Tests, benchmarks and examples stay at home."""
    setuptools = pytest.importorskip("setuptools")
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    include = settings["packages"]["find"]["include"]
    found = setuptools.find_namespace_packages(str(ROOT), include=include)
    assert {name.partition(".")[0] for name in found} == {"bench"}


def test_a_wheel_has_every_template() -> None:
    """The report is rendered from files that are no Python."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    named = [each for each in settings["package-data"]["bench"] if each.startswith("report")]
    shipped = {path for pattern in named for path in (ROOT / "bench").glob(pattern)}
    other = {path for path in (ROOT / "bench" / "report").rglob("*.*") if path.suffix in SUFFIXES}
    assert {"report.html", "report.css", "report.js"} <= {path.name for path in shipped}
    assert other <= shipped


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
