"""An instance: one problem file, identified by its content."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """A problem file as found on disk.

    ``digest`` is the SHA-256 (hex) of the uncompressed bytes, or empty where they cannot be had.
    ``defect`` says why no solver should be started on the file, or is None for a usable one.
    ``lint`` has the warnings of the lint, or is None where the file was not linted.
    """

    name: str
    path: Path
    digest: str = ""
    defect: str | None = None
    lint: tuple[str, ...] | None = None
