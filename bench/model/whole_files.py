"""Files that are written completely or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Yield a name next to the file, to write to; it then replaces the file.

    If an OSError is raised, the file is unchanged, and what was written is removed if possible.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield partial
        partial.replace(path)
    except OSError:
        with suppress(OSError):  # nothing can be removed from a read-only file system
            partial.unlink(missing_ok=True)
        raise
