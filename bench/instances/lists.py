"""``.test`` lists: one path per line, relative to the list's own folder; ``#`` begins a comment."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from bench.errors import UsageError

SUFFIX = ".test"


def parse(text: str) -> list[str]:
    """Return the entries of a list."""
    entries = (line.split("#")[0].strip() for line in text.splitlines())
    return [entry for entry in entries if entry]


def text(paths: Iterable[Path], folder: Path) -> str:
    """Return a list in ``folder`` that names these files, each once.

    Raise UsageError for a path that a list cannot contain: one with ``#``, line ends, or
    surrounding blanks.
    """
    return "".join(f"{_entry(path, folder)}\n" for path in dict.fromkeys(paths))


def _entry(path: Path, folder: Path) -> str:
    entry = os.path.relpath(path, folder)
    if parse(entry) != [entry]:
        raise UsageError(f"{str(path)!r} cannot be written to a {SUFFIX} list; rename the file")
    return entry
