"""Register executables: find them, query them, and notice changes."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
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
"""A version within an output line of an executable."""
LONGEST_QUOTE = 200


def add_found(like: str) -> Executable:
    """Register the executable on the path, under the name of its kind.

    If there is none, raise SolverError with the package that contains it.
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
    """Register an executable under a name, in place of another one of the same kind.

    Raise UsageError for a name with another meaning, an unknown kind or a missing file, SolverError
    if it is not the expected solver.
    """
    kind = adapter(like)
    check_name(name)
    check_kind(name, like)
    if environments.find(name) is not None:
        raise UsageError(
            f"{name!r} is a solver in an environment; choose another name, or remove it first: "
            f"bench solvers remove {name}"
        )
    _check_same_kind(name, like)
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


def _check_same_kind(name: str, like: str) -> None:
    """Raise UsageError if an executable of another kind has this name."""
    known = None
    with suppress(SolverError):  # a damaged record is replaced
        known = record.find(name)
    if known is not None and known.like != like:
        raise UsageError(
            f"{name!r} is an executable of the kind {known.like}; choose another name, or remove "
            f"it first: bench solvers remove {name}"
        )


def refreshed(executable: Executable) -> Executable:
    """Return the present state of an executable; query it again if its files have changed.

    Raise SolverError if it is gone, or is another solver now.
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
    printed: list[str] = []

    def ask_for_version(*words: str, given: str = "", leaves: str = "") -> str:
        printed.append(ask(*words, given=given, leaves=leaves))
        return printed[-1]

    line = kind.version_line(ask_for_version)
    number = NUMBER.search(line)
    if number is None:
        raise SolverError(
            f"{path}: does not identify itself as {kind.declaration.title}, which --like {like} "
            f"expects; asked for its version, it prints {_first_line(printed)}"
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


def _first_line(printed: Sequence[str]) -> str:
    """Return the first line with any text, in quotes."""
    lines = (line.strip() for text in printed for line in text.splitlines())
    first = next(filter(None, lines), "")
    return repr(first[:LONGEST_QUOTE]) if first else "nothing"
