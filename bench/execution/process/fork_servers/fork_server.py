"""Start the fork server, from which the processes of all tasks are forked.

This module imports little, so that a command can start the server first: it loads solvers and
readers while the command still reads its options.

A module may end the server that loads it, or prevent it from serving. Such a module is found by
importing it in another process, and the next server is started without it.
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
"""Loads the readers that check and compare instances; for `prepare`."""
LONGEST_LOAD_S = 60.0
"""The time after which a loading server counts as one that never serves."""
_BROKEN: dict[str, str] = {}
"""Modules that the fork server cannot load, with the reasons."""
_SERVING: set[int] = set()
"""The process ids of this process's servers that have loaded everything and forked."""


def prepare(modules: Iterable[str]) -> None:
    """Start the fork server with these modules of solvers loaded.

    It loads them in the background. A running server is not changed. It ends, with all its tasks,
    when the thread that started it ends; the next call then starts a new one.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([PRELOAD, *(one for one in modules if one not in _BROKEN)])
    use_own_folder()
    with suppress(OSError):  # a later start tries again
        forkserver.ensure_running()


def why_not_loaded(module: str) -> str | None:
    """Return why the fork server does not load a module, None if there is no known reason."""
    return _BROKEN.get(module)


@contextmanager
def first_start() -> Iterator[None]:
    """Watch the first start of a process from a server; later starts cost nothing.

    A server that does not serve in time is ended. If the start fails because the server has ended,
    its modules are tried, and the next server is started without those that cannot be loaded; a
    warning names them.
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
    """Find the modules that cannot be imported, report them, and start a server without them."""
    from bench.solvers.trial_import import import_problem  # noqa: PLC0415 - rarely needed

    others = [module for module in modules if module != PRELOAD]
    for module in others:
        if problem := import_problem(module):
            _BROKEN[module] = problem
            sys.stderr.write(f"Warning: {problem}; tasks load it themselves\n")
    prepare(others)


def prepare_for_good(modules: Iterable[str]) -> None:
    """Call `prepare` from a separate thread that lasts as long as this process.

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
