"""Starting the fork server, from which the processes of all tasks are forked.

Little is imported here, so that a command can start it first of all: it loads solvers and readers
while the command itself still looks at its options.

A module may end the server that loads it, or keep it from ever serving. It is then found by a trial
in another process, and the next server is started without it.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import forkserver

from bench.execution.process.fork_servers.socket_folder import use_own_folder

PRELOAD = "bench.execution.process.fork_servers.forkserver"
PRELOAD_READERS = "bench.solvers.preload_readers"
"""Loads what reads instances to check and compare; for `prepare`."""
LONGEST_LOAD_S = 60.0
"""How long a server may load before it is taken for one that never serves."""
_BROKEN: dict[str, str] = {}
"""Modules that the fork server cannot load, and why."""
_SERVING: set[int] = set()
"""The process ids of the servers of this process that have loaded all, and forked."""


def prepare(modules: Iterable[str]) -> None:
    """Start the fork server with these modules of solvers loaded.

    It loads them in the background. One that runs already stays as it is. It ends with the thread
    that started it, and all that it executes; the next one starts another.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([PRELOAD, *(one for one in modules if one not in _BROKEN)])
    use_own_folder()
    with suppress(OSError):  # what is started later tries again
        forkserver.ensure_running()


def why_not_loaded(module: str) -> str | None:
    """Return why the fork server does not load a module, None if nothing is known against it."""
    return _BROKEN.get(module)


@contextmanager
def first_start() -> Iterator[None]:
    """Watch the first start of a process from a server; the later ones cost nothing.

    A server that does not serve in time is ended. If the start fails because the server has ended,
    the modules that it was to load are tried, and the next server does without those that cannot
    be loaded; a warning names them.
    """
    forkserver.ensure_running()
    server = vars(vars(forkserver)["_forkserver"])
    pid = server["_forkserver_pid"]
    if pid in _SERVING:
        yield
        return
    timer = threading.Timer(LONGEST_LOAD_S, _kill, [pid])
    timer.daemon = True
    timer.start()
    try:
        yield
    except (EOFError, ConnectionError):
        _leave_out_broken(server["_preload_modules"])
        raise
    finally:
        timer.cancel()
    _SERVING.add(pid)


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _leave_out_broken(modules: Iterable[str]) -> None:
    """Find out which modules cannot be imported, say so, and prepare a server without them."""
    from bench.solvers.trial_import import import_problem  # noqa: PLC0415 - rarely needed

    others = [module for module in modules if module != PRELOAD]
    for module in others:
        if problem := import_problem(module):
            _BROKEN[module] = problem
            sys.stderr.write(f"Warning: {problem}; it is not loaded ahead of tasks\n")
    prepare(others)


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
