"""Lint one file: decompress it and check its checksum, then check its text by format."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from bench.instances.files import content, file_format
from bench.instances.lint.cip import lint_cip
from bench.instances.lint.findings import Notes
from bench.instances.lint.lp import lint_lp
from bench.instances.lint.mps import lint_mps
from bench.model.instances.finding import LintFinding

Linter = Callable[[Iterable[bytes], Notes], None]

_LINTERS: dict[str | None, Linter] = {"mps": lint_mps, "lp": lint_lp, "cip": lint_cip}


def lint(path: Path) -> list[LintFinding]:
    """Return the findings in a problem file, by line; no exception is raised.

    A file is read to its end, so that a gzip checksum is checked, and only once. For formats other
    than MPS, LP and CIP, only this is checked.
    """
    notes = Notes()
    file = _Content(path)
    file_type = file_format(path)
    if file_type is None:
        message = "unknown extension; no solver can tell what format this is"
        notes.error("unknown format", None, message)
    linter = _LINTERS.get(file_type)
    if linter is not None:
        linter(file, notes)
    for _ in file:
        pass
    if file.is_whole and file.size == 0:
        return _alone("empty file (0 bytes); fetch or copy the file again")
    return _alone(file.defect) if file.defect else notes.findings()


def _alone(message: str) -> list[LintFinding]:
    """Return only the finding that makes all others meaningless, if there is one."""
    notes = Notes()
    notes.error("unreadable", None, message)
    return notes.findings()


class _Content:
    """The chunks of a file; a read error ends them and becomes ``defect``."""

    def __init__(self, path: Path) -> None:
        self._chunks = self._read(path)
        self.size = 0
        self.is_whole = False
        self.defect = ""

    def __iter__(self) -> Iterator[bytes]:
        return self._chunks

    def _read(self, path: Path) -> Iterator[bytes]:
        try:
            for chunk in content(path):
                self.size += len(chunk)
                yield chunk
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            self.defect = f"damaged gzip file: {error}; fetch or copy the file again"
        except OSError as error:
            self.defect = f"cannot be read: {error.strerror or error}"
        else:
            self.is_whole = True
