"""A start: the solution that a solve begins with, and what the check of it found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """A solution file, known by its content.

    ``digest`` is the SHA-256 (hex) of the file. ``check`` says what the check found, before any
    solver saw it; empty where none was made.
    """

    path: str
    digest: str
    check: str = ""
