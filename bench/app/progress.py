"""What a caller may say of progress, and the listener that is meant."""

from __future__ import annotations

from collections.abc import Iterable

from bench.report.listener import Listener
from bench.report.progress_bars import ProgressBars

Progress = bool | Listener
"""What a caller says of progress: show nothing, bars of tqdm, or tell this listener."""


def listener_of(progress: Progress) -> Listener:
    """Return the listener that is meant: True is a bar of tqdm, in a notebook its own."""
    if isinstance(progress, bool):
        return ProgressBars() if progress else Listener()
    return progress


def tell(listener: Listener, lines: Iterable[str]) -> None:
    """Send several messages."""
    for line in lines:
        listener.message(line)
