"""Workers of this process: one for each environment of a solver, started on demand."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import tempfile
import threading
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import IO, Any

from bench.errors import MachineError, SolverError
from bench.execution.process import machine
from bench.execution.process.fork_servers.worker import LARGEST_MESSAGE, receive, send
from bench.execution.request import ExecutionRequest
from bench.model.plain_data import from_plain, to_plain
from bench.solvers.environments.environment import Description, Environment
from bench.solvers.environments.interpreter import command, gone, variables
from bench.solvers.environments.solver import compare, inside

WORKER = "bench.execution.process.fork_servers.worker"
LONGEST_START_S = 120.0
LOST = machine.LOST_SERVER
"""The exit code of a supervisor whose worker has ended without reporting it."""
_LOCK = threading.RLock()
_WORKERS: dict[str, Worker] = {}


class Supervised:
    """A supervisor in another interpreter, with the interface of `multiprocessing.Process`."""

    def __init__(self, worker: Worker, pid: int, handle: int) -> None:
        """Take a process and its file descriptor."""
        self._worker = worker
        self._pid = pid
        self.sentinel = handle
        """Becomes ready when the process has ended."""
        self.exitcode: int | None = None

    def terminate(self) -> None:
        """Ask it to end; no effect if it has ended."""
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.sentinel, signal.SIGTERM)

    def join(self) -> None:
        """Wait until it has ended, and set ``exitcode``."""
        if self.exitcode is None:
            poll = select.poll()
            poll.register(self.sentinel, select.POLLIN)
            poll.poll()
            self.exitcode = self._worker.exit_code(self._pid)

    def close(self) -> None:
        """Close the file descriptor."""
        os.close(self.sentinel)


class Worker:
    """The connection to the worker of one environment."""

    def __init__(self, environment: Environment) -> None:
        """Start it; SolverError if the environment is gone or has another solver now."""
        self.environment = environment
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._channel = ours
        self._codes: dict[int, int] = {}
        self._n_orders = 0
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the worker
        with theirs:
            self._process = _started(environment, theirs, self._stderr)
        try:
            self.description = self._hello()
        except BaseException:
            self.close()
            raise

    def _hello(self) -> Description:
        name = self.environment.name
        self._channel.settimeout(LONGEST_START_S)
        try:
            hello = json.loads(self._channel.recv(LARGEST_MESSAGE) or b"{}")
        except TimeoutError as error:
            raise SolverError(f"{name}: {self.environment.python} does not answer") from error
        self._channel.settimeout(None)
        if "description" not in hello:
            why = hello.get("error") or f"its interpreter has ended at once: {self._last_words()}"
            raise SolverError(f"{name}: {why}; see: bench solvers check {name}")
        return from_plain(Description, hello["description"])

    def _last_words(self) -> str:
        self._process.wait()
        self._stderr.seek(0)
        lines = self._stderr.read().decode(errors="replace").split("\n")
        return next((line for line in reversed(lines) if line.strip()), "without a message")

    def serves(self, environment: Environment, version: str) -> bool:
        """Whether it still accepts orders and has loaded the present library."""
        try:
            compare(environment, self.description, version)
        except SolverError:
            return False
        return environment.python == self.environment.python and self._process.poll() is None

    def start(self, request: ExecutionRequest, alive: Connection) -> Supervised:
        """Let it fork a supervisor; MachineError if it cannot, or has ended."""
        compare(self.environment, self.description, request.task.solver_version)
        order = replace(
            request, task=inside(request.task, self.environment), verify=False, start=None
        )
        file = os.memfd_create("order")
        try:
            os.write(file, json.dumps(to_plain(order)).encode())
            self._n_orders += 1
            send(self._channel, {"order": self._n_orders}, [file, alive.fileno()])
            while True:
                answer, files = self._next()
                if answer.get("order") == self._n_orders:
                    break
        except OSError as error:
            raise MachineError(f"no process could be started: {machine.text(error)}") from error
        finally:
            os.close(file)
        if "errno" in answer:
            reason = os.strerror(answer["errno"])
            raise MachineError(f"no process could be started: {reason}", stops_all=True)
        return Supervised(self, answer["pid"], files[0])

    def exit_code(self, pid: int) -> int:
        """Return the exit code of a supervisor that has ended."""
        with _LOCK:
            while pid not in self._codes:
                try:
                    self._next()
                except OSError:
                    return LOST
            return self._codes.pop(pid)

    def _next(self) -> tuple[Any, list[int]]:
        """Return the next message with its files; store a reported end."""
        message, files = receive(self._channel)
        if not message:
            raise ConnectionResetError("the worker of the solver's environment has ended")
        content = json.loads(message)
        if "code" in content:
            self._codes[content["pid"]] = content["code"]
        return content, files

    def close(self) -> None:
        """End it with all its tasks."""
        self._channel.close()
        self._stderr.close()
        try:
            self._process.wait(LONGEST_START_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def start(environment: Environment, request: ExecutionRequest, alive: Connection) -> Supervised:
    """Start an order's supervisor in an environment, with a new worker if necessary.

    Raise SolverError if the environment is gone or has another solver than the planned one,
    MachineError if the machine lacks what a process needs.
    """
    with _LOCK:
        if not environment.python.exists():
            raise SolverError(gone(environment))
        worker = _WORKERS.get(environment.name)
        if worker is None or not worker.serves(environment, request.task.solver_version):
            if worker is not None:
                worker.close()
            worker = _WORKERS[environment.name] = Worker(environment)
        return worker.start(request, alive)


def end_all() -> None:
    """End all workers with their tasks."""
    with _LOCK:
        while _WORKERS:
            _WORKERS.popitem()[1].close()


def _started(
    environment: Environment, theirs: socket.socket, stderr: IO[bytes]
) -> subprocess.Popen[bytes]:
    descriptor = theirs.fileno()
    words = command(environment.python, WORKER, str(descriptor), environment.description.solver)
    try:
        return subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            env=variables(environment.variables),
            pass_fds=(descriptor,),
        )
    except OSError as error:
        if error.errno in machine.OURS:
            raise MachineError(machine.text(error), stops_all=True) from error
        raise SolverError(
            f"{environment.name}: {environment.python} cannot be executed: {error.strerror}"
        ) from error
