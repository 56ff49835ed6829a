"""Move damaged lines of a journal to a separate file, so that the rest can be used."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.errors import TrackingError
from bench.journal.append import append, open_for_append, sync_folder
from bench.journal.journal import Journal, complete_lines
from bench.journal.line import read_line

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bench.model.results.result import Result

SET_ASIDE = "journal.damaged"
"""The file next to a journal that keeps its damaged lines, byte by byte."""


@dataclass(frozen=True, slots=True)
class DamagedLine:
    """A line of a journal that cannot be used: its number from 1, the reason, its bytes."""

    number: int
    reason: str
    content: bytes


def damaged_lines(folder: Path) -> list[DamagedLine]:
    """Return the damaged lines in the journal of a campaign's folder; nothing is changed."""
    journal = Journal(folder)
    return [line for line in _examined(journal.path) if isinstance(line, DamagedLine)]


def sound_results(folder: Path) -> list[Result]:
    """Return the results in the journal of a campaign's folder, without the damaged lines."""
    path = Journal(folder).path
    sound = (line for line in _examined(path) if not isinstance(line, DamagedLine))
    return [read_line(line, path.parent) for line in sound]


def set_aside(folder: Path) -> list[DamagedLine]:
    """Move the damaged lines of a journal to the end of a file next to it, and return them.

    They are on the disk there before the journal is replaced. Raise TrackingError if another
    process writes here, or a file cannot be written.
    """
    if not damaged_lines(folder):
        return []
    with Journal(folder) as journal:
        repaired = journal.path.with_name(f"{journal.path.name}.{os.getpid()}")
        try:
            damaged = _divide(journal.path, repaired)
            _keep(damaged, folder / SET_ASIDE)
            repaired.replace(journal.path)
            sync_folder(folder)
        except OSError as error:
            repaired.unlink(missing_ok=True)
            raise TrackingError(
                f"cannot repair {journal.path}: {error.strerror or error}; the journal is unchanged"
            ) from error
    return damaged


def _examined(path: Path) -> Iterator[bytes | DamagedLine]:
    for number, line in enumerate(complete_lines(path), start=1):
        try:
            read_line(line, path.parent)
        except ValueError as error:
            yield DamagedLine(number, str(error), line)
        else:
            yield line


def _divide(path: Path, repaired: Path) -> list[DamagedLine]:
    """Write the usable lines of a journal to another file; return the others."""
    damaged = []
    with repaired.open("wb") as file:
        for line in _examined(path):
            if isinstance(line, DamagedLine):
                damaged.append(line)
            else:
                file.write(line)
        file.flush()
        os.fsync(file.fileno())
    shutil.copymode(path, repaired)
    return damaged


def _keep(damaged: list[DamagedLine], path: Path) -> None:
    descriptor = open_for_append(path)
    try:
        append(descriptor, b"".join(line.content for line in damaged))
    finally:
        os.close(descriptor)
