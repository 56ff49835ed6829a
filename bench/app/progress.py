"""The argument ``progress`` of a caller, and its listener."""

from __future__ import annotations

from collections.abc import Iterable

from bench.report.listener import Listener
from bench.report.progress_bars import ProgressBars

Progress = bool | Listener
"""The argument ``progress``: show nothing, show tqdm bars, or call this listener."""


def listener_of(progress: Progress) -> Listener:
    """Return the listener: True is a tqdm bar, in a notebook that of notebooks."""
    if isinstance(progress, bool):
        return ProgressBars() if progress else Listener()
    return progress


def tell(listener: Listener, lines: Iterable[str]) -> None:
    """Send several messages."""
    for line in lines:
        listener.message(line)
