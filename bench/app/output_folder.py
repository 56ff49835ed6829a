"""Folders that a command fills, and that are to be its own."""

from __future__ import annotations

from pathlib import Path

from bench.errors import UsageError


def check_unused(folder: Path) -> None:
    """Raise UsageError where the folder has files already, or is none."""
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise UsageError(f"{folder}: the folder exists and is not empty; choose another one")
