"""Folders that a command fills and that must be empty."""

from __future__ import annotations

from pathlib import Path

from bench.errors import UsageError


def check_unused(folder: Path) -> None:
    """Raise UsageError if the folder has files already, or is not a folder."""
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise UsageError(f"{folder}: the folder exists and is not empty; choose another one")
