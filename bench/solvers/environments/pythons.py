"""The Python interpreters of this machine that can serve for a solver's environment."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bench.solvers.environments.interpreter import OLDEST

LONGEST_S = 60.0


@dataclass(frozen=True, slots=True)
class Interpreter:
    """An interpreter that can be executed, and its version, e.g. ``3.12.1``."""

    path: Path
    version: str

    @property
    def minor(self) -> tuple[int, int]:
        """The version numbers that select wheels."""
        major, minor = self.version.split(".")[:2]
        return int(major), int(minor)


def interpreters(uv: str, env: Mapping[str, str]) -> list[Interpreter]:
    """Return one interpreter for each minor version that bench supports, that of bench first."""
    own = Interpreter(Path(sys.executable), platform.python_version())
    found = {own.minor: own}
    for other in sorted(_listed(uv, env), key=lambda each: each.minor, reverse=True):
        if other.minor >= OLDEST:
            found.setdefault(other.minor, other)
    return list(found.values())


def _listed(uv: str, env: Mapping[str, str]) -> Iterator[Interpreter]:
    """Yield the interpreters that uv finds, and those of pyenv, whose shims uv cannot execute."""
    with suppress(OSError, ValueError, subprocess.TimeoutExpired):
        listed = subprocess.run(
            [uv, "python", "list", "--only-installed", "--output-format", "json"],
            env=env,
            capture_output=True,
            timeout=LONGEST_S,
            check=False,
        )
        for each in json.loads(listed.stdout):
            if each["implementation"] == "cpython" and each["variant"] == "default":
                yield Interpreter(Path(each["path"]), each["version"])
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    for python in pyenv.glob("versions/3.*/bin/python"):
        version = python.parent.parent.name
        if all(part.isdecimal() for part in version.split(".")):
            yield Interpreter(python, version)
