"""Reading one file with two solvers, to see whether they make the same problem of it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from bench.errors import BenchError
from bench.instances.files import content, file_format
from bench.instances.lint import file
from bench.instances.lint.agreement import disagreements
from bench.instances.lint.findings import Notes
from bench.model.finding import Finding, has_errors
from bench.model.linear_program import LinearProgram
from bench.solvers import registry

READERS: Mapping[str, str] = {"scip": "SCIP", "highs": "HiGHS"}
"""Solver -> what it is called in messages."""
WARM = ("bench.solvers.scip.warm", "bench.solvers.highs.warm")
"""What loads the readers."""
COMPARED = frozenset({"mps", "lp"})
"""The formats that both of them read."""
LARGEST_MIB = 32
"""Uncompressed; with a million entries that takes 7 s of CPU and 430 MiB to compare."""

_PACKAGES = ("pyscipopt", "highspy")


@cache
def versions() -> str:
    """Return the versions of the readers' packages in one word, without loading them."""
    return "-".join(map(_version, _PACKAGES))


def examine(path: Path, largest_mib: float = LARGEST_MIB) -> list[Finding]:
    """Return what is wrong or odd about a file: its text first, then what two readers make of it.

    Where the text has errors, or is larger than ``largest_mib`` uncompressed, nobody reads it.
    Readers may print, crash or hang: call it in a process made for this.
    """
    findings = file.lint(path)
    if has_errors(findings) or file_format(path) not in COMPARED:
        return findings
    return [*findings, *_compared(path, largest_mib)]


def _compared(path: Path, largest_mib: float) -> list[Finding]:
    notes = Notes()
    size = sum(map(len, content(path))) / 2**20
    if size > largest_mib:
        message = (
            f"not compared: {size:.0f} MiB of text are above {largest_mib:g}; whether "
            "SCIP and HiGHS read the same problem is not known"
        )
        notes.warning("not compared", None, message)
        return notes.findings()
    scip, highs = (_program(name, path, notes) for name in READERS)
    agreed = [] if scip is None or highs is None else disagreements(scip, highs)
    return [*notes.findings(), *agreed]


def _program(name: str, path: Path, notes: Notes) -> LinearProgram | None:
    """Return what a solver reads, or None, and a warning, where it refuses the file."""
    try:
        return registry.load(name).read(path)
    except (BenchError, MemoryError) as error:
        title = READERS[name]
        reason = str(error).replace(str(path), path.name).replace(path.name, "the file")
        said = reason if reason.startswith(title) else f"{title} refuses the file: {reason}"
        notes.warning("refused", None, said or f"{title}: out of memory")
        return None


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"
