"""Paths inside a work folder: its files may come from someone else and name any path."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path


def inside(work_dir: Path, path: Path) -> Path:
    """Return a path that a file of a work folder names, absolute.

    Raise ValueError with a reason in one line if it is outside the work folder, directly or through
    a link. The final file, which may be a link itself, is not checked here: see
    `bench.model.workspace.Workspace.kept`.
    """
    root = work_dir.absolute()
    found = root / path
    if (
        not found.is_relative_to(root)
        or ".." in found.relative_to(root).parts
        or not _resolved(found.parent).is_relative_to(_resolved(root))
    ):
        raise ValueError(f"{str(path)!r} is outside the work folder")
    return found


@lru_cache(maxsize=1024)
def _resolved(folder: Path) -> Path:
    return folder.resolve()
