"""How a campaign is stopped: Ctrl-C once, Ctrl-C twice, SIGTERM, SIGHUP, SIGQUIT."""

from __future__ import annotations

import signal
from types import FrameType, TracebackType
from typing import Self

import click

from bench.cli.shared.signals import AT_ONCE, interrupt

FIRST = "Stopping: what is running is finished first, and recorded; once more to stop at once."


class Interruption:
    """While it is open: the first Ctrl-C lets running tasks finish, the second stops at once.

    The other signals stop at once; one that is ignored, as SIGHUP under nohup, stays so. To stop at
    once is a KeyboardInterrupt in the main thread.
    """

    def __init__(self) -> None:
        """Begin with nothing requested."""
        self.requested = False
        self.first = FIRST

    def should_continue(self) -> bool:
        """Say whether another task may be started."""
        return not self.requested

    def __enter__(self) -> Self:
        """Take the signals over."""
        self._before = {number: signal.getsignal(number) for number in (signal.SIGINT, *AT_ONCE)}
        for number, handler in self._before.items():
            if number == signal.SIGINT or handler is not signal.SIG_IGN:
                signal.signal(number, self._heard)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the signals back."""
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _heard(self, number: int, frame: FrameType | None) -> None:
        if self.requested or number in AT_ONCE:
            self.requested = True
            interrupt(number, frame)
        else:
            self.requested = True
            click.echo(f"\n{self.first}", err=True)
