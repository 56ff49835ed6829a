"""Linting in a separate process, because readers may print, crash or hang."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from bench.errors import MachineError
from bench.execution.compare_readers import examine, examine_text, titles
from bench.execution.host import linux
from bench.execution.process import launch, machine
from bench.execution.process.fork_servers import fork_server
from bench.execution.process.supervision.supervisor import forked_from
from bench.instances.lint.findings import Notes
from bench.model.instances.finding import LintFinding

Found = TypeVar("Found")

LOST = f"exit code {machine.LOST_SERVER}"
LONGEST_S = 120.0
"""The time after which the lint of one file is abandoned."""
LOOK_EVERY_S = 0.1


class Linter:
    """Lints files one after the other, in a process that lasts as long as the context.

    The process starts with the first file. It is forked from the fork server, which is started with
    both readers loaded if necessary.

    If the process dies or takes longer than ``longest_s``, the readings of that file are not
    compared. If reading its text alone fails as well, the file is not linted and a warning says so.
    A process that is running when ``should_continue`` returns False counts as taking too long.
    """

    def __init__(
        self,
        longest_s: float = LONGEST_S,
        should_continue: Callable[[], bool] = lambda: True,
        cpus: frozenset[int] = frozenset(),
    ) -> None:
        """Start nothing yet; the process will run on these CPUs, if any are given."""
        self._cpus = cpus
        self._longest_s = longest_s
        self.should_continue = should_continue
        self._process: ForkServerProcess | None = None
        self._connection: Connection | None = None

    def lint(self, path: Path) -> list[LintFinding]:
        """Return the findings of :func:`bench.execution.compare_readers.examine`.

        Raise MachineError if the machine prevents reading, also after repetitions.
        """
        found = self.look(examine, path)
        if not isinstance(found, str):
            return found
        of_text = self.look(examine_text, path)
        if isinstance(of_text, str):
            return _not_linted(of_text)
        return [*of_text, *_not_compared(found)]

    def look(self, look: Callable[[Path], Found], path: Path) -> Found | str:
        """Return the findings in the file, or the reason why there is no answer.

        Raise MachineError if the machine prevents reading, also after repetitions.
        """
        try:
            return machine.repeatedly(lambda _: self._asked(look, path))
        except MachineError as error:
            raise MachineError(f"{path}: cannot be linted: {error}") from error

    def _asked(self, look: Callable[[Path], Found], path: Path) -> Found | str:
        """Return the result of `look`; MachineError if the process could not be started or died."""
        connection = self._connection or self._start()
        with suppress(EOFError, OSError):
            connection.send((look, path))
            if self._is_ready(connection):
                found: Found = connection.recv()
                return found
            self._stop()
            return f"not finished after {self._longest_s:g} s"
        end = self._stop()
        if end == LOST:
            raise MachineError(machine.exit_text(machine.LOST_SERVER))
        return end

    def __enter__(self) -> Self:
        """Begin linting."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the process at once."""
        self._stop()

    def _is_ready(self, connection: Connection) -> bool:
        """Wait for findings; return whether they are there."""
        patience_ends = time.monotonic() + self._longest_s
        while self.should_continue() and (left := patience_ends - time.monotonic()) > 0:
            if connection.poll(min(left, LOOK_EVERY_S)):
                return True
        return False

    def _start(self) -> Connection:
        fork_server.prepare([fork_server.PRELOAD_READERS])
        context = multiprocessing.get_context("forkserver")
        try:
            ours, theirs = context.Pipe()
        except OSError as error:
            raise MachineError(machine.text(error)) from error
        process = context.Process(target=_serve, args=(theirs, self._cpus), daemon=True)
        try:
            launch.start(process)
        except MachineError:
            ours.close()
            raise
        finally:
            theirs.close()
        self._process, self._connection = process, ours
        return ours

    def _stop(self) -> str:
        """End the process and return how it ended."""
        process, connection = self._process, self._connection
        self._process = self._connection = None
        if process is None or connection is None:
            return ""
        connection.close()
        with launch.CHILDREN:
            process.join(0.2)
            process.kill()
            process.join()
            code = process.exitcode or 0
            process.close()
        return f"signal {-code}" if code < 0 else f"exit code {code}"


def _not_compared(reason: str) -> list[LintFinding]:
    notes = Notes()
    message = (
        f"not compared: {' or '.join(titles())} did not finish reading it ({reason}); "
        "it is unknown whether both read the same problem"
    )
    notes.warning("not compared", None, message)
    return notes.findings()


def _not_linted(reason: str) -> list[LintFinding]:
    notes = Notes()
    notes.warning("not linted", None, f"not linted: reading its text did not finish ({reason})")
    return notes.findings()


def _serve(connection: Connection, cpus: frozenset[int]) -> None:
    """Lint the files that arrive until the connection is closed; output of readers is discarded."""
    linux.die_with_parent(signal.SIGKILL, forked_from())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    linux.pin(cpus)
    gc.disable()  # a large file is millions of objects, none of them in a cycle
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    with suppress(EOFError, OSError):
        while True:
            look, path = connection.recv()
            connection.send(look(path))
    os._exit(0)
