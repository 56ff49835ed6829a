"""Signals that end a command: Ctrl-C, and SIGTERM, SIGHUP and SIGQUIT alike.

It imports only the standard library, because it is needed from the start of a command.
"""

from __future__ import annotations

import os
import signal
import time
from types import FrameType

from bench.errors import EXIT_INTERRUPTED

AT_ONCE = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
"""Signals that stop a command at once, even if Ctrl-C would let it finish something first."""
PATIENCE_S = 2.0
"""How long an interrupted command may clean up; the next signal then ends it."""

_interrupted_at: float | None = None


def listen() -> None:
    """Make each signal interrupt this process; an ignored one, as under nohup, stays ignored."""
    global _interrupted_at  # noqa: PLW0603 - a process is interrupted once
    _interrupted_at = None
    for number in (signal.SIGINT, *AT_ONCE):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, interrupt)


def interrupt(number: int, frame: FrameType | None) -> None:
    """Raise KeyboardInterrupt the first time.

    Later signals are ignored while the command cleans up, and end the process after `PATIENCE_S`;
    the processes of its tasks die with it, and the journal is kept.
    """
    del number, frame
    global _interrupted_at  # noqa: PLW0603 - see `listen`
    if _interrupted_at is None:
        _interrupted_at = time.monotonic()
        raise KeyboardInterrupt
    if time.monotonic() - _interrupted_at > PATIENCE_S:
        os._exit(EXIT_INTERRUPTED)
