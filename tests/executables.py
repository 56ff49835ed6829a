"""Executables for tests: those of Debian, SCIP's shell out of the library of pyscipopt, scripts."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from bench.errors import SolverError
from bench.solvers.executables.add import add, add_found

SHELL = """\
#!{python} -I
import ctypes, sys
from importlib.util import find_spec
from pathlib import Path
site = Path(find_spec("pyscipopt").origin).parents[1]
for each in (*site.glob("pyscipopt.libs/libquadmath*"), *site.glob("pyscipopt.libs/libgfortran*")):
    ctypes.CDLL(str(each), mode=ctypes.RTLD_GLOBAL)
library = ctypes.CDLL(str(next(iter(site.glob("pyscipopt.libs/libscip*")))))
words = [word.encode() for word in sys.argv]
code = library.SCIPrunShell(len(words), (ctypes.c_char_p * (len(words) + 1))(*words, None), None)
sys.exit(0 if code == 1 else 1)
"""
"""SCIP's shell, as pyscipopt's library has it."""
FOUND = {"cbc": "cbc", "glpk": "glpsol", "shell": "", "program": "highs"}
"""The solvers of tests that are executables, and the program on the path that each needs."""


def script(path: Path, text: str) -> Path:
    """Write an executable script."""
    path.write_text(text)
    path.chmod(0o755)
    return path


def scip_shell(path: Path) -> Path:
    """Write SCIP's shell as an executable script."""
    return script(path, SHELL.format(python=sys.executable))


def on_path(program: str) -> Path:
    """Return a program of the path; SolverError where it is not there."""
    found = shutil.which(program)
    if found is None:
        raise SolverError(f"no {program!r} is on the path")
    return Path(found)


def add_all(folder: Path) -> dict[str, str]:
    """Add all executables that are here; return the reason for each that is not."""
    missing = {}
    for name, program in FOUND.items():
        try:
            if name == "shell":
                add(name, scip_shell(folder / "scip"), "scip")
            elif name == "program":
                add(name, on_path(program), "highs")
            else:
                add_found(name)
        except SolverError as error:
            missing[name] = str(error)
    return missing
