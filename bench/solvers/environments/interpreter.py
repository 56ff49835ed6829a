"""Call another Python interpreter, which gets only the modules of bench.

It is isolated (``-I``) and finds bench by the path of its files, not by a search path, so that it
keeps its own packages: with a site-packages folder in ``PYTHONPATH``, an environment of SCIP 9
would silently load the SCIP 10 of another one.
"""

from __future__ import annotations

import fnmatch
import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import bench
from bench.errors import (
    BenchError,
    ContentError,
    InstanceError,
    SolverError,
    UnsupportedError,
    UsageError,
)
from bench.solvers.environments.environment import Environment, again

INSIDE = "bench.solvers.inside"
LONGEST_S = 120.0
"""An interpreter that has not answered by then counts as broken."""
LEFT_OUT = ("PYTHON*", "LD_*", "DYLD_*", "VIRTUAL_ENV*", "CONDA_*", "__PYVENV*")
"""Environment variables that would make programs load the libraries of another environment."""
OLDEST = (3, 11)
TOO_OLD = 87
"""The exit code of an interpreter that is too old for bench."""
BOOT = f"""\
import sys
if sys.version_info < {OLDEST}:
    sys.stderr.write("%d.%d" % sys.version_info[:2])
    sys.exit({TOO_OLD})
from importlib import import_module
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
spec = PathFinder.find_spec("bench", [sys.argv[1]])
sys.modules["bench"] = module_from_spec(spec)
spec.loader.exec_module(sys.modules["bench"])
import_module(sys.argv[2]).main(*sys.argv[3:])
"""
ERRORS = {
    kind.__name__: kind
    for kind in (ContentError, InstanceError, SolverError, UnsupportedError, UsageError)
}


def command(python: Path, module: str, *arguments: str) -> list[str]:
    """Return the command that executes ``main`` of a module of bench in an interpreter."""
    place = str(Path(bench.__file__).parent.parent)
    return [str(python), "-I", "-c", BOOT, place, module, *arguments]


def variables(own: Mapping[str, str]) -> dict[str, str]:
    """Return the environment variables of an interpreter, without those that point elsewhere."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not any(fnmatch.fnmatchcase(name, pattern) for pattern in LEFT_OUT)
    }
    return kept | dict(own)


def call(name: str, python: Path, own: Mapping[str, str], action: str, **arguments: Any) -> Any:
    """Return the result of an action of `bench.solvers.inside` as plain data.

    Raise the exception that it raised, and SolverError if the interpreter is invalid or fails.
    """
    with TemporaryDirectory(prefix="bench-solver-") as folder:
        reply = Path(folder) / "reply.json"
        order = json.dumps({"action": action, "reply": str(reply), "arguments": arguments})
        try:
            done = subprocess.run(
                command(python, INSIDE),
                input=order,
                cwd=folder,
                env=variables(own),
                capture_output=True,
                text=True,
                errors="replace",
                timeout=None if action == "solve" else LONGEST_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise SolverError(f"{name}: {python} did not answer within {LONGEST_S:g} s") from None
        except OSError as error:
            raise SolverError(f"{name}: {python} cannot be executed: {error.strerror}") from error
        if not reply.exists():
            raise SolverError(f"{name}: {_why(python, done.returncode, done.stderr)}")
        answer = json.loads(reply.read_bytes())
    if "error" in answer:
        kind: type[BenchError] = ERRORS.get(answer["error"], SolverError)
        raise kind(answer["message"])
    return answer["value"]


def _why(python: Path, code: int, stderr: str) -> str:
    """Return in one line why an interpreter gave no reply."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    if code == TOO_OLD and lines:
        needed = ".".join(map(str, OLDEST))
        return f"{python} is Python {lines[-1]}, and bench needs {needed} or later there"
    last = f": {lines[-1]}" if lines else ""
    return f"{python} is not a Python interpreter that bench can use (exit code {code}){last}"


def call_in(environment: Environment, action: str, **arguments: Any) -> Any:
    """Like `call`, in an environment; SolverError if its interpreter is gone."""
    if not environment.python.exists():
        raise SolverError(gone(environment))
    return call(
        environment.name,
        environment.python,
        environment.variables,
        action,
        solver=environment.description.solver,
        **arguments,
    )


def gone(environment: Environment) -> str:
    """Return in one line that the interpreter of an environment has been removed."""
    return f"{environment.name}: {environment.python} no longer exists; {again(environment)}"
