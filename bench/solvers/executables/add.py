"""Making executables known: finding them, asking what they are, and noticing that they changed."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from bench.errors import SolverError, UsageError
from bench.solvers.environments import environment as environments
from bench.solvers.environments.make import check_name, locked
from bench.solvers.executables import record
from bench.solvers.executables.adapter import Adapter
from bench.solvers.executables.adapters import adapter, check_kind
from bench.solvers.executables.program import AskedProgram
from bench.solvers.executables.record import Executable
from bench.solvers.executables.solver import gone

NUMBER = re.compile(r"\d+(?:\.\w+)*")
"""A version within the line that an executable prints."""


def add_found(like: str) -> Executable:
    """Make the executable known that is on the path, by the name of its kind.

    Raise SolverError with the package that has it where there is none.
    """
    kind = adapter(like)
    found = shutil.which(kind.program)
    if found is None:
        package = f"; Debian has it in {kind.package}" if kind.package else ""
        raise SolverError(
            f"{like}: no {kind.program!r} is on the path{package}; or name it with: "
            f"bench solvers add {like} --executable /path/to/{kind.program} --like {like}"
        )
    return add(like, Path(found), like)


def add(name: str, path: Path, like: str, variables: Mapping[str, str] | None = None) -> Executable:
    """Make an executable known by a name.

    Raise UsageError for a name that means something else, a kind that is not known or a file that
    is not there, SolverError where it is not the solver that it is said to be.
    """
    kind = adapter(like)
    check_name(name)
    check_kind(name, like)
    if environments.find(name) is not None:
        raise UsageError(
            f"{name!r} is a solver in an environment; choose another name, or remove it first: "
            f"bench solvers remove {name}"
        )
    absolute = Path(os.path.normpath(path.expanduser().absolute()))
    if not absolute.is_file():
        what = "is a folder" if absolute.is_dir() else "no such file"
        raise UsageError(f"--executable {path}: {what}")
    if not os.access(absolute, os.X_OK):
        raise UsageError(
            f"--executable {path}: may not be executed; allow it with: chmod +x {path}"
        )
    with locked(name):
        return _recorded(name, absolute, like, kind, dict(variables or {}))


def refreshed(executable: Executable) -> Executable:
    """Return an executable as it is now: asked anew where its files have changed, and recorded.

    Raise SolverError where it is gone, or is another solver now.
    """
    if executable.is_unchanged():
        return executable
    if not executable.path.exists():
        raise SolverError(gone(executable))
    kind = adapter(executable.like)
    with locked(executable.name):
        return _recorded(
            executable.name, executable.path, executable.like, kind, executable.variables
        )


def _recorded(
    name: str, path: Path, like: str, kind: Adapter, variables: Mapping[str, str]
) -> Executable:
    ask = AskedProgram(path, variables)
    line = kind.version_line(ask)
    number = NUMBER.search(line)
    if number is None:
        raise SolverError(
            f"{path}: does not say that it is {kind.declaration.title}, as --like {like} expects"
        )
    catalogue = kind.catalogue(ask)
    limits = {name: what for name, what in kind.limit_parameters.items() if name in catalogue}
    executable = Executable(
        name=name,
        like=like,
        path=path,
        number=number[0],
        version_line=line,
        files=record.program_files(path, variables),
        limit_parameters=limits,
        variables=variables,
    )
    record.write(executable, catalogue)
    return executable
