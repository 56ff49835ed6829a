"""Reading one file with two solvers, to see whether they make the same problem of it."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version
from itertools import accumulate
from pathlib import Path

from bench.errors import BenchError
from bench.instances.files import content, file_format
from bench.instances.lint import file
from bench.instances.lint.agreement import disagreements
from bench.instances.lint.findings import Notes
from bench.model.finding import LintFinding, has_errors
from bench.model.linear_program import LinearProgram
from bench.solvers import registry
from bench.solvers.readers import first_two

LARGEST_MIB = 32
"""Uncompressed; with a million entries that takes 7 s of CPU and 430 MiB to compare."""


def compared() -> tuple[str, str]:
    """Return the two readers whose readings are compared; the preferred one comes last."""
    preferred, other = first_two()
    return other, preferred


def titles() -> tuple[str, str]:
    """Return what the two are called in messages."""
    first, second = compared()
    return registry.declaration(first).title, registry.declaration(second).title


@cache
def versions() -> str:
    """Return the versions of the readers' packages in one word, without loading them."""
    return "-".join(_version(registry.declaration(name).package) for name in compared())


def examine(path: Path, largest_mib: float = LARGEST_MIB) -> list[LintFinding]:
    """Return what is wrong or odd about a file: its text first, then what two readers make of it.

    Where the text has errors, or is larger than ``largest_mib`` uncompressed, nobody reads it.
    Readers may print, crash or hang: call it in a process made for this.
    """
    findings = file.lint(path)
    if has_errors(findings) or not _both_read(file_format(path)):
        return findings
    return [*findings, *_compared(path, largest_mib)]


def _both_read(file_format: str | None) -> bool:
    return all(file_format in registry.declaration(name).formats for name in compared())


def _compared(path: Path, largest_mib: float) -> list[LintFinding]:
    notes = Notes()
    if _is_larger(path, largest_mib):
        message = (
            f"not compared: the text is larger than {largest_mib:g} MiB; whether "
            f"{' and '.join(titles())} read the same problem is not known"
        )
        notes.warning("not compared", None, message)
        return notes.findings()
    first, second = (_program(name, path, notes) for name in compared())
    agreed = [] if first is None or second is None else disagreements(first, second, titles())
    return [*notes.findings(), *agreed]


def _is_larger(path: Path, mib: float) -> bool:
    sizes = accumulate(map(len, content(path)))
    return any(size > mib * 2**20 for size in sizes)


def _program(name: str, path: Path, notes: Notes) -> LinearProgram | None:
    """Return what a solver reads, or None, and a warning, where it refuses the file."""
    try:
        return registry.load(name).read(path)
    except (BenchError, MemoryError) as error:
        title = registry.declaration(name).title
        reason = str(error).replace(str(path), path.name).replace(path.name, "the file")
        said = reason if reason.startswith(title) else f"{title} refuses the file: {reason}"
        notes.warning("refused", None, said or f"{title}: out of memory")
        return None


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"
