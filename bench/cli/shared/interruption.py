"""Stop a campaign: Ctrl-C once, Ctrl-C twice, SIGTERM, SIGHUP, SIGQUIT."""

from __future__ import annotations

import signal
from types import FrameType, TracebackType
from typing import Self

import click

from bench.cli.shared.signals import AT_ONCE, interrupt

FIRST = (
    "Stopping: running tasks are finished and recorded first; press Ctrl-C again to stop at once."
)


class Interruption:
    """Within the context, the first Ctrl-C lets running tasks finish, the second stops at once.

    The other signals stop at once; an ignored one, as SIGHUP under nohup, stays ignored. Stopping
    at once raises KeyboardInterrupt in the main thread.
    """

    def __init__(self) -> None:
        """Begin without a request."""
        self.requested = False
        self.first = FIRST

    def should_continue(self) -> bool:
        """Return whether another task may be started."""
        return not self.requested

    def __enter__(self) -> Self:
        """Install the signal handlers."""
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
        """Restore the signal handlers."""
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _heard(self, number: int, frame: FrameType | None) -> None:
        if self.requested or number in AT_ONCE:
            self.requested = True
            interrupt(number, frame)
        else:
            self.requested = True
            click.echo(f"\n{self.first}", err=True)
