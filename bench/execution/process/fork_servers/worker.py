"""The worker: the fork server of another interpreter, which forks a supervisor for each task.

It is started in the interpreter of a solver's environment, imports only the modules of bench, and
loads the solver once. Orders arrive over a socket as JSON with open files. The worker first reports
its versions, then the supervisor of each order, and how each has ended. It ends, with every task,
when the socket is closed.
"""

from __future__ import annotations

import array
import gc
import json
import os
import select
import signal
import socket
import sys
from importlib import import_module
from multiprocessing.connection import Connection
from typing import Any, NoReturn

from bench.execution.host import linux
from bench.execution.process.supervision import supervisor
from bench.execution.request import ExecutionRequest
from bench.model.plain_data import from_plain, to_plain
from bench.solvers import registry
from bench.solvers.inside import describe

LARGEST_MESSAGE = 1 << 16
"""The size of a message; an order itself is sent in a file of its own."""


def main(descriptor: str, solver: str) -> None:
    """Serve the socket of this file descriptor until it is closed."""
    channel = socket.socket(fileno=int(descriptor))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    linux.adopt_orphans()
    try:
        import_module(registry.load(solver).preload)
        hello = {"description": to_plain(describe(solver, with_abilities=False))}
    except (Exception, SystemExit) as error:  # noqa: BLE001  a library may raise anything
        hello = {"error": f"{type(error).__name__}: {error}"}
    channel.send(json.dumps(hello).encode())
    gc.collect()
    gc.freeze()
    woken, wake = os.pipe()
    os.set_blocking(woken, False)
    os.set_blocking(wake, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    poll = select.poll()
    for fd in (channel, woken):
        poll.register(fd, select.POLLIN)
    while True:
        ready = {fd for fd, _ in poll.poll()}
        if woken in ready:
            os.read(woken, LARGEST_MESSAGE)
            _report_ends(channel)
        if channel.fileno() in ready and not _serve(channel, poll):
            return


def _serve(channel: socket.socket, poll: Any) -> bool:
    """Fork a supervisor for the next order; return False if the socket is closed."""
    message, files = receive(channel)
    if not message:
        return False
    order, alive = files
    number = json.loads(message)["order"]
    with os.fdopen(order, "rb") as file:
        file.seek(0)
        request = from_plain(ExecutionRequest, json.loads(file.read()))
    try:
        pid = os.fork()
    except OSError as error:
        channel.send(json.dumps({"order": number, "errno": error.errno}).encode())
        os.close(alive)
        return True
    if pid == 0:
        poll.unregister(channel)
        _become_supervisor(channel, request, alive)
    os.close(alive)
    handle = os.pidfd_open(pid)
    send(channel, {"order": number, "pid": pid}, [handle])
    os.close(handle)
    return True


def _become_supervisor(channel: socket.socket, request: ExecutionRequest, alive: int) -> NoReturn:
    code = 1
    try:
        channel.close()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        supervisor.supervise(request, Connection(alive, readable=False))
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException as error:  # noqa: BLE001  whatever it is, it is said
        sys.excepthook(type(error), error, error.__traceback__)
    finally:
        sys.stderr.flush()
        os._exit(code)


def _report_ends(channel: socket.socket) -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        end = {"pid": pid, "code": os.waitstatus_to_exitcode(status)}
        channel.send(json.dumps(end).encode())


def send(channel: socket.socket, message: Any, files: list[int]) -> None:
    """Send a message with open files."""
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", files))]
    channel.sendmsg([json.dumps(message).encode()], rights)


def receive(channel: socket.socket) -> tuple[bytes, list[int]]:
    """Return the next message with its open files; empty at the end."""
    files = array.array("i")
    message, ancillary, _, _ = channel.recvmsg(
        LARGEST_MESSAGE, socket.CMSG_SPACE(2 * files.itemsize)
    )
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            files.frombytes(data[: len(data) - len(data) % files.itemsize])
    return message, list(files)
