"""A start: the initial solution of a solve, and the outcome of its check."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """A solution file, identified by its content.

    ``digest`` is the SHA-256 (hex) of the file. ``check`` is the outcome of the check before the
    solve, empty if there was none.
    """

    path: str
    digest: str
    check: str = ""
