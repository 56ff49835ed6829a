"""Servers that end with the program that has started them, with all their processes.

They end after an error, Ctrl-C, TERM and HUP; on Linux also where this program is killed.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

import psutil

HOST = "127.0.0.1"
MARK = "BACKGROUND_SERVER"
"""The variable that every process of a server inherits."""
START_S = 180.0
STOP_S = 10.0
_SET_PARENT_DEATH_SIGNAL = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
_NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class ServerError(Exception):
    """A server did not start; the message says why, in one line and the end of its log."""


class BackgroundServer:
    """A command that answers at an address as long as the ``with`` block goes on.

    MLflow's commands start others by name: those of this Python's environment come first.
    """

    def __init__(
        self, command: Sequence[str], ready: str, environment: Mapping[str, str] | None = None
    ) -> None:
        """Take the command, the address that answers once it is ready, and more variables."""
        self._command = list(command)
        self._ready = ready
        programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
        own = {"PATH": programs, MARK: uuid.uuid4().hex}
        self._environment = {**os.environ, **own, **(environment or {})}

    def __enter__(self) -> Self:
        """Start it, and do not wait."""
        self._log = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            env=self._environment,
            start_new_session=True,
            preexec_fn=_end_with_parent,  # noqa: PLW1509 - started before there are threads
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End all its processes: TERM, and KILL for what is left after some seconds."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            for process in self._processes():
                with suppress(psutil.Error):
                    process.send_signal(number)
            until = time.monotonic() + STOP_S
            while self._processes() and time.monotonic() < until:
                time.sleep(0.1)
        self._process.wait(STOP_S)
        self._log.close()

    def wait_until_ready(self) -> None:
        """Return once it answers; raise ServerError where it ends before, or takes too long."""
        until = time.monotonic() + START_S
        while time.monotonic() < until and self._process.poll() is None:
            with suppress(OSError), _NO_PROXY.open(self._ready, timeout=5):
                return
            time.sleep(0.2)
        what = "did not answer" if self._process.poll() is None else "ended"
        self._log.seek(0)
        end = self._log.read().decode(errors="replace")[-2000:]
        raise ServerError(f"{' '.join(self._command)}: {what}\n{end}")

    def _processes(self) -> list[psutil.Process]:
        """Return its living processes: all that have inherited its mark."""
        return [process for process in psutil.process_iter() if self._is_own(process)]

    def _is_own(self, process: psutil.Process) -> bool:
        try:
            has_mark = process.environ().get(MARK) == self._environment[MARK]
            return has_mark and process.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Let TERM and HUP end the program by an exception, so that ``with`` blocks are left."""
    before = {number: signal.signal(number, _leave) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def require_free(port: int) -> None:
    """Raise ServerError if somebody listens at a port: who asks there would ask a stranger."""
    try:
        socket.create_server((HOST, port)).close()
    except OSError as error:
        raise ServerError(f"port {port} cannot be used: {error.strerror}") from error


def free_port() -> int:
    """Return a port at which nobody listens."""
    with socket.create_server((HOST, 0)) as free:
        return int(free.getsockname()[1])


def request(address: str, body: bytes) -> bytes:
    """Return the answer to JSON that is posted to an address, never by way of a proxy."""
    kind = {"Content-Type": "application/json"}
    asked = urllib.request.Request(address, body, kind)  # noqa: S310 - a server of our own
    with _NO_PROXY.open(asked, timeout=60) as answer:
        content: bytes = answer.read()
    return content


def _end_with_parent() -> None:
    if _LIBC is not None:
        _LIBC.prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)


def _leave(number: int, _: FrameType | None) -> None:
    sys.exit(128 + number)
