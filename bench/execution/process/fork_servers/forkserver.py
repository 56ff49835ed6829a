"""The modules that the fork server loads once, before it forks a supervisor for each task.

It dies with bench, and every task's processes with it.
"""

from __future__ import annotations

import os
import signal
import sys
from types import TracebackType

from bench.execution.host import linux
from bench.execution.process.supervision import supervisor

__all__ = ["supervisor"]


def _complain(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Report in one line what the machine lacks; whoever waits for a task starts another server.

    Nothing is reported about a task that ends early, because its sender has ended, nor about a
    library that cannot be loaded, because whoever waits for the server finds out which one it is.
    """
    if not issubclass(kind, (OSError, EOFError)):
        if os.getpid() != supervisor.LOADED_IN:
            sys.__excepthook__(kind, error, trace)
    elif os.getpid() == supervisor.LOADED_IN and not issubclass(kind, EOFError):
        sys.stderr.write(f"Warning: the fork server has ended: {error}\n")


sys.excepthook = _complain
linux.die_with_parent(signal.SIGKILL, os.getppid())
linux.adopt_orphans()
