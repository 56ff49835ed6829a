"""Environments by name: the record of each, in a file of its folder.

The folder is below the user's data folder, or in ``BENCH_SOLVERS_DIR``. An environment exists once
its ``environment.json`` does, which is written last.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from bench.errors import SolverError
from bench.model.parameters import Catalogue, Parameter
from bench.model.plain_data import from_plain, to_plain
from bench.solvers.abilities import Abilities

T = TypeVar("T")

VARIABLE = "BENCH_SOLVERS_DIR"
RECORD = "environment.json"
CATALOGUE = "catalogue.json"
VENV = "venv"
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+@-]*")
"""The pattern of an environment's name, which is also the name of a folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """An interpreter's description of its solver.

    ``solver`` is the name of the class in bench that calls it; ``version`` is the solver's own,
    ``versions`` has those of all its parts. ``module_file`` is the path of its library.
    """

    solver: str
    version: str
    versions: Mapping[str, str]
    python_version: str
    module_file: Path
    limit_parameters: Mapping[str, str]
    counts_cpu_time: bool
    abilities: Abilities


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """A solver in another interpreter.

    ``source`` is ``uv``, ``conda`` or ``python`` (an interpreter of the user), ``requirement`` the
    requested package, empty for an interpreter of the user. ``variables`` are environment variables
    of its processes.
    """

    name: str
    source: str
    python: Path
    description: Description
    requirement: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_made(self) -> bool:
        """Whether bench has created it, so that nobody else changes it."""
        return self.source != "python"

    @property
    def add_command(self) -> str:
        """The command that creates or registers it."""
        if self.source == "python":
            return f"bench solvers add {self.name} --python {self.python}"
        if self.source == "conda":
            return f"bench solvers add {self.name} --conda {self.requirement}"
        return f"bench solvers add {self.requirement}"

    def catalogue(self) -> Catalogue:
        """Return the parameters of its solver; SolverError if they cannot be read."""
        try:
            found = json.loads((folder(self.name) / CATALOGUE).read_bytes())
            return Catalogue(from_plain(Parameter, each) for each in found)
        except (OSError, ValueError, TypeError) as error:
            raise SolverError(
                f"{self.name}: its parameter catalogue is missing; {again(self)}"
            ) from error


def again(environment: Environment) -> str:
    """Return the next step if an environment is broken."""
    name = environment.name
    return f"create it again with: bench solvers remove {name} && {environment.add_command}"


def root() -> Path:
    """Return the folder of all environments."""
    given = os.environ.get(VARIABLE)
    if given:
        return Path(given).expanduser().absolute()
    from platformdirs import user_data_path  # noqa: PLC0415  not in the other interpreters

    return user_data_path("scip-bench", appauthor=False) / "solvers"


def folder(name: str) -> Path:
    """Return the folder of an environment."""
    return root() / name


def names() -> list[str]:
    """Return the names of all environments, sorted."""
    return recorded_names(RECORD)


def find(name: str) -> Environment | None:
    """Return an environment, None if there is none; SolverError if its record is damaged."""
    return read_record(name, RECORD, Environment)


def recorded_names(record: str) -> list[str]:
    """Return the names of all folders that have a record of this name, sorted."""
    with suppress(OSError):
        return sorted(path.parent.name for path in root().glob(f"*/{record}"))
    return []


def read_record(name: str, record: str, kind: type[T]) -> T | None:
    """Return the record of a solver, None if there is none.

    Raise SolverError if it is damaged, or cannot be read.
    """
    if not NAME.fullmatch(name):
        return None
    try:
        content = (folder(name) / record).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise SolverError(f"{folder(name)}: cannot be read: {error.strerror}") from error
    try:
        return from_plain(kind, json.loads(content))
    except (ValueError, TypeError, KeyError) as error:
        fix = f"bench solvers remove {name}"
        raise SolverError(f"{name}: its record is damaged; remove it with: {fix}") from error


def update(environment: Environment) -> None:
    """Record the changes of an environment, if the folder can be written."""
    with suppress(OSError):
        write_json(folder(environment.name) / RECORD, to_plain(environment))


def write(environment: Environment, catalogue: Catalogue) -> None:
    """Record an environment; from then on it is there."""
    place = folder(environment.name)
    place.mkdir(parents=True, exist_ok=True)
    write_json(place / CATALOGUE, [to_plain(parameter) for parameter in catalogue.values()])
    write_json(place / RECORD, to_plain(environment))


def write_json(path: Path, content: object) -> None:
    """Write a file as JSON completely, or leave it unchanged."""
    half = path.with_suffix(f".{os.getpid()}")
    half.write_text(json.dumps(content, indent=1), encoding="utf-8")
    half.replace(path)
