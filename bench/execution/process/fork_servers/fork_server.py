"""Starting the fork server, from which the processes of all tasks are forked.

Little is imported here, so that a command can start it first of all: it loads solvers and readers
while the command itself still looks at its options.
"""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Iterable
from contextlib import suppress
from multiprocessing import forkserver

from bench.execution.process.fork_servers.socket_folder import use_own_folder

PRELOAD = "bench.execution.process.fork_servers.forkserver"
PRELOAD_READERS = "bench.solvers.preload_readers"
"""Loads what reads instances to check and compare; for `prepare`."""


def prepare(modules: Iterable[str]) -> None:
    """Start the fork server with these modules of solvers loaded.

    It loads them in the background. One that runs already stays as it is. It ends with the thread
    that started it, and all that it executes; the next one starts another.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([PRELOAD, *modules])
    use_own_folder()
    with suppress(OSError):  # what is started later tries again
        forkserver.ensure_running()


def prepare_for_good(modules: Iterable[str]) -> None:
    """Do what `prepare` does, from a thread of its own, which lasts as long as this process.

    For callers that do not know how long their own thread lasts.
    """
    ready = threading.Event()

    def keep() -> None:
        try:
            prepare(modules)
        finally:
            ready.set()
        threading.Event().wait()

    threading.Thread(target=keep, name="bench-fork-server", daemon=True).start()
    ready.wait()
