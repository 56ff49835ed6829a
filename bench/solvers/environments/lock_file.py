"""A lock file: the exact packages of environments with hashes, to create them elsewhere."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.errors import SolverError, UsageError
from bench.model.plain_data import from_plain, to_plain
from bench.solvers.commercial.wheels import WHEELS
from bench.solvers.environments import environment as environments
from bench.solvers.environments.environment import Environment
from bench.solvers.environments.make import (
    Tell,
    check_name,
    examined,
    find_uv,
    last_line,
    locked,
    make_venv,
    run_program,
    uv_variables,
    venv_folder,
)
from bench.solvers.environments.pythons import interpreters

COMMERCIAL = "|".join(wheel.package for wheel in WHEELS.values())
REQUIREMENT = re.compile(rf"(pyscipopt|highspy)==[\w.]+|({COMMERCIAL})(==[\w.]+)?")
"""The package of an environment; for a commercial solver, the latest version is allowed."""
PACKAGE_LINE = re.compile(r"\s*([\w.-]+==[\w.+!]+|--hash=sha256:[0-9a-f]{64})(\s*;.*)?( \\)?\s*")
"""A line of uv's output: a package with its version, or a hash of it."""
HASHES = (
    *("-q", "--generate-hashes", "--no-deps", "--no-header", "--no-annotate"),
    *("--only-binary", ":all:"),
)
"""The uv options that print the hashes of packages with known versions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked:
    """An environment in a lock file; ``packages`` are lines of ``requirements.txt``."""

    name: str
    solver: str
    version: str
    requirement: str
    python_version: str
    packages: tuple[str, ...]


def freeze(names: Sequence[str], tell: Tell) -> str:
    """Return a lock file of these environments, by default of all that bench created with uv.

    Raise UsageError for an unknown name, SolverError if hashes are unavailable.
    """
    found = list(_chosen(names or environments.names()))
    others = [each.name for each in found if each.source != "uv"]
    for name in others:
        tell(f"{name} is left out, because only environments made by uv can be restored")
    uv = find_uv()
    locked_ones = [_locked(uv, each) for each in found if each.source == "uv"]
    if not locked_ones:
        raise UsageError(
            "there is no environment to freeze; add one with: bench solvers add scip==9.2.4"
        )
    return json.dumps({"solvers": to_plain(locked_ones)}, indent=1) + "\n"


def restore(file: Path, tell: Tell) -> Iterator[Environment]:
    """Create the missing environments of a lock file, and yield each.

    Raise UsageError for any other file, SolverError if one cannot be created.
    """
    try:
        content = json.loads(file.read_bytes())["solvers"]
        wanted = [_checked(from_plain(Locked, each)) for each in content]
    except OSError as error:
        raise UsageError(f"{file}: cannot be read: {error.strerror}") from error
    except (ValueError, TypeError, KeyError) as error:
        raise UsageError(f"{file}: not a lock file of bench solvers freeze") from error
    uv = find_uv()
    for each in wanted:
        yield _restored(uv, each, tell)


def _checked(locked_one: Locked) -> Locked:
    """Return the content of a lock file; ValueError if bench has not written it like this.

    The file may come from someone else: its names become folders, and its lines are passed to uv.
    """
    check_name(locked_one.name)
    if not REQUIREMENT.fullmatch(locked_one.requirement):
        raise ValueError(locked_one.requirement)
    for line in locked_one.packages:
        if not PACKAGE_LINE.fullmatch(line):
            raise ValueError(line)
    return locked_one


def _chosen(names: Iterable[str]) -> Iterator[Environment]:
    for name in names:
        found = environments.find(name)
        if found is None:
            raise UsageError(f"no environment {name!r}; see: bench solvers list")
        yield found


def _locked(uv: str, environment: Environment) -> Locked:
    env, python = uv_variables(), str(environment.python)
    frozen = run_program([uv, "pip", "freeze", "--python", python], env)
    packages = run_program(
        [uv, "pip", "compile", *HASHES, "--python", python, "-"],
        env,
        given=frozen.stdout,
    )
    for done in (frozen, packages):
        if done.returncode:
            raise SolverError(f"{environment.name} cannot be frozen: {last_line(done.stderr)}")
    return Locked(
        name=environment.name,
        solver=environment.description.solver,
        version=environment.description.version,
        requirement=environment.requirement,
        python_version=environment.description.python_version,
        packages=tuple(packages.stdout.splitlines()),
    )


def _restored(uv: str, wanted: Locked, tell: Tell) -> Environment:
    with locked(wanted.requirement):
        there = environments.find(wanted.name)
        if there is not None and there.python.exists():
            tell(f"{wanted.name} is already installed")
            return there
        tell(f"installing {wanted.requirement} from the lock file ...")
        place = venv_folder(wanted.requirement)
        try:
            return _made(uv, wanted, place)
        except BaseException:
            shutil.rmtree(place, ignore_errors=True)
            raise


def _made(uv: str, wanted: Locked, place: Path) -> Environment:
    env = uv_variables()
    minor = wanted.python_version.rpartition(".")[0]
    here = interpreters(uv, env)
    base = next((each for each in here if each.version.startswith(f"{minor}.")), None)
    if base is None:
        raise SolverError(
            f"{wanted.name} was frozen with Python {minor}, which is not installed on this machine"
        )
    python = make_venv(uv, base.path, place)
    options = ["--require-hashes", "--only-binary", ":all:", "--no-deps", "--python", str(python)]
    text = "\n".join(wanted.packages)
    done = run_program([uv, "pip", "install", *options, "-r", "-"], env, given=text)
    if done.returncode:
        raise SolverError(f"{wanted.name} cannot be restored: {last_line(done.stderr)}")
    found, catalogue = examined(wanted.name, python, {}, wanted.solver)
    if found.version != wanted.version:
        raise SolverError(f"{wanted.name} has {found.version}, not {wanted.version}")
    environment = Environment(
        name=wanted.name,
        source="uv",
        python=python,
        description=found,
        requirement=wanted.requirement,
    )
    environments.write(environment, catalogue)
    return environment
