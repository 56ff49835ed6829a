"""Read a file with two solvers, and compare the problems that they read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from itertools import accumulate
from pathlib import Path

from bench.errors import BenchError
from bench.execution.read_ahead import reading_ahead
from bench.instances.files import content, file_format
from bench.instances.lint.findings import Notes
from bench.model.instances.finding import LintFinding, Severity, has_errors
from bench.model.instances.linear_program import LinearProgram
from bench.solvers import registry
from bench.solvers.readers import first_two, readers

LARGEST_MIB = 32
"""Uncompressed size; comparing a million entries takes 7 s of CPU and 430 MiB."""


def compared() -> tuple[str, str]:
    """Return the two readers to compare; the preferred one comes last."""
    preferred, other = first_two()
    return other, preferred


def titles() -> tuple[str, str]:
    """Return the names of the two readers in messages."""
    first, second = compared()
    return registry.declaration(first).title, registry.declaration(second).title


@cache
def versions() -> str:
    """Return the versions of the readers' packages as one word, without loading them."""
    return "-".join(_version(registry.declaration(name).package) for name in compared())


def examine(path: Path, largest_mib: float = LARGEST_MIB) -> list[LintFinding]:
    """Return the findings in a file: first in its text, then from comparing two readers.

    If the text has errors, or is larger than ``largest_mib`` uncompressed, it is not read by
    solvers. Readers may print, crash or hang: call this function in a separate process.
    """
    if not _both_read(file_format(path)):
        return examine_text(path)
    with reading_ahead(path, compared()) as identities:
        findings = examine_text(path)
        if has_errors(findings):
            return [*findings, *_why_not_compared(findings)]
        if is_larger(path, largest_mib):
            return [*findings, *_too_large(largest_mib)]
        one, other = identities()
    if one is not None and one == other:
        return findings
    return [*findings, *_compared(path)]


def examine_text(path: Path) -> list[LintFinding]:
    """Return the findings in the text of a file."""
    from bench.instances.lint import file  # noqa: PLC0415 - where a file is linted only

    return file.lint(path)


def _why_not_compared(findings: Sequence[LintFinding]) -> list[LintFinding]:
    """Return a warning for the readers that do not misread a file if others do."""
    errors = [one for one in findings if one.severity is Severity.ERROR]
    misreaders = sorted({one.misread_by for one in errors})
    if len(misreaders) != 1 or not misreaders[0]:
        return []
    notes = Notes()
    title = registry.declaration(misreaders[0]).title
    message = f"not compared: {title} misreads the file, so nothing confirms what others read"
    notes.warning("not compared", None, message)
    return notes.findings()


def _both_read(file_format: str | None) -> bool:
    return all(file_format in registry.declaration(name).formats for name in compared())


def _too_large(largest_mib: float) -> list[LintFinding]:
    notes = Notes()
    message = (
        f"not compared: the text is larger than {largest_mib:g} MiB; it is "
        f"unknown whether {' and '.join(titles())} read the same problem"
    )
    notes.warning("not compared", None, message)
    return notes.findings()


def _compared(path: Path) -> list[LintFinding]:
    notes = Notes()
    first, second = (_program(name, path) for name in compared())
    if isinstance(first, _Refusal) and isinstance(second, _Refusal) and _no_other_reads(path):
        notes.error("refused by both", None, f"{first.reason}; {second.reason}")
        return notes.findings()
    for one in (first, second):
        if not isinstance(one, LinearProgram):
            notes.warning("refused", None, one.reason)
    if isinstance(first, LinearProgram) and isinstance(second, LinearProgram):
        from bench.instances.lint.agreement import disagreements  # noqa: PLC0415 - see above

        return [*notes.findings(), *disagreements(first, second, titles())]
    return notes.findings()


def is_larger(path: Path, mib: float) -> bool:
    """Return whether a file is larger than this many MiB, uncompressed."""
    sizes = accumulate(map(len, content(path)))
    return any(size > mib * 2**20 for size in sizes)


@dataclass(frozen=True, slots=True)
class _Failure:
    """A reader that failed by itself, which says nothing about the file."""

    reason: str


@dataclass(frozen=True, slots=True)
class _Refusal:
    """A reader that rejects the file, with its message."""

    reason: str


def _program(name: str, path: Path) -> LinearProgram | _Refusal | _Failure:
    """Return the problem that a solver reads, or the reason why it does not."""
    title = registry.declaration(name).title
    try:
        return registry.load(name).read(path)
    except MemoryError:
        return _Failure(f"{title}: out of memory")
    except BenchError as error:
        reason = str(error).replace(str(path), path.name).replace(path.name, "the file")
        return _Refusal(
            reason if reason.startswith(title) else f"{title} refuses the file: {reason}"
        )
    except Exception as error:  # noqa: BLE001 - a reader may raise anything
        return _Failure(f"{title} has failed to read the file: {type(error).__name__}: {error}")


def _no_other_reads(path: Path) -> bool:
    """Return whether only the two compared solvers read files of this format."""
    kind = file_format(path)
    others = (name for name in readers() if name not in compared())
    return not any(kind in registry.declaration(name).formats for name in others)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"
