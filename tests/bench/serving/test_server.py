"""The server as a process: where it listens, how it stops, and what is left when it is killed."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest

from bench.errors import BenchError, UsageError
from bench.serving.server import ServeOptions, serve_setting
from tests.bench.serving.conftest import TINY, registered
from tests.waiting import PATIENCE_S, until

PROGRAM = """
import sys
from bench.serving.server import ServeOptions, serve_setting
from tests.bench.serving.conftest import registered

timeout, jobs, behaviour, seconds = sys.argv[1:]
options = ServeOptions("", port=0, jobs=int(jobs), oversubscribe=True, timeout=float(timeout))
found = registered("fake", behaviour=behaviour, seconds=float(seconds))
serve_setting(found, options, lambda serving: print(serving.address, flush=True))
"""
"""Serves a setting without asking MLflow for it, which would take seconds."""


class Server:
    """A server that has been started."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        """Wait until it says its address."""
        self.process = process
        assert process.stdout is not None
        self.address = process.stdout.readline().strip()
        assert self.address, process.stderr and process.stderr.read()

    def ask(self, path: str, content: Any = None) -> tuple[int, Any]:
        """Return status and content of a response."""
        with closing(self._connection()) as connection:
            body = None if content is None else json.dumps(content)
            connection.request("GET" if body is None else "POST", path, body)
            response = connection.getresponse()
            return response.status, json.load(response)

    def begin(self) -> http.client.HTTPConnection:
        """Send a request whose answer nobody waits for."""
        connection = self._connection()
        connection.request("POST", "/solve", json.dumps({"model": TINY}))
        return connection

    def _connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=PATIENCE_S)

    def solving(self, folder: Path, n: int = 1) -> list[psutil.Process]:
        """Return all descendants once so many solves have begun."""
        until(lambda: len(list(folder.glob("bench-serve-*/bench-solve-*/task/solving"))) >= n)
        return psutil.Process(self.process.pid).children(recursive=True)


def is_alive(process: psutil.Process) -> bool:
    """Return whether a process still runs; one that is about to be collected does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Return those that still run."""
    return [each for each in processes if is_alive(each)]


@pytest.fixture
def start(own_temp: dict[str, str], root: Path) -> Iterator[Callable[..., Server]]:
    """Return a function that starts a server whose solves sleep, or do something else."""
    started = []

    def begin(
        *, timeout: float = 60.0, jobs: int = 2, behaviour: str = "sleep", seconds: float = 1000.0
    ) -> Server:
        words = map(str, (timeout, jobs, behaviour, seconds))
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *words],
            cwd=root,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | own_temp,
        )
        started.append(process)
        return Server(process)

    yield begin
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_nothing_is_solved_any_more_once_the_server_has_ended(
    start: Callable[..., Server], own_temp: dict[str, str], number: signal.Signals
) -> None:
    """However it ends; asked to, it tells who waits, ends with 0 and leaves no file."""
    server = start()
    folder = Path(own_temp["TMPDIR"])
    with closing(server.begin()) as waiting:
        processes = server.solving(folder)
        assert len(processes) >= 3  # fork server, supervisor, solver
        server.process.send_signal(number)
        if number is not signal.SIGKILL:
            assert waiting.getresponse().status == 503
        server.process.wait(PATIENCE_S)
        until(lambda: not alive(processes))
    if number is not signal.SIGKILL:
        assert server.process.returncode == 0
        assert not list(folder.glob("bench-serve-*"))
        assert server.process.communicate()[1] == ""


def has_solvers(server: Server) -> bool:
    """Return whether a supervisor below the fork server still has a solver."""
    try:
        children = psutil.Process(server.process.pid).children()
        below = [each for child in children for each in child.children()]
        return any(each.children() for each in below)
    except psutil.NoSuchProcess:
        return True  # one has just ended: look again


@pytest.mark.slow
def test_a_solve_ends_when_its_client_leaves(
    start: Callable[..., Server], own_temp: dict[str, str]
) -> None:
    """As soon as the connection is closed; /ping answers all the while."""
    server = start()
    leaving = server.begin()
    assert len(server.solving(Path(own_temp["TMPDIR"]))) >= 3
    assert server.ask("/ping")[0] == 200
    leaving.close()
    until(lambda: not has_solvers(server))


@pytest.mark.soak
def test_a_solve_ends_at_the_timeout(start: Callable[..., Server]) -> None:
    """Before the solver's own limits are held from outside; the answer is 504."""
    server = start(timeout=1.5)
    assert server.ask("/solve", {"model": TINY})[0] == 504
    until(lambda: not has_solvers(server))


@pytest.mark.soak
def test_many_requests_at_once(start: Callable[..., Server]) -> None:
    """50 requests, 5 at a time, are answered or told to come again; 200 bad ones are all 4xx."""
    server = start(seconds=0.2)

    def ask_until_answered(_: int) -> int:
        while (status := server.ask("/solve", {"model": TINY})[0]) == 503:
            time.sleep(1)
        return status

    bad = [{}, {"model": 3}, {"model": "x"}, {"modle": TINY}, [], "x", {"path": "/etc/passwd"}]
    with ThreadPoolExecutor(5) as pool:
        assert set(pool.map(ask_until_answered, range(50))) == {200}
        found = list(pool.map(lambda i: server.ask("/solve", bad[i % len(bad)]), range(200)))
    assert all(400 <= status < 500 and list(content) == ["error"] for status, content in found)


@pytest.mark.soak
def test_ping_answers_within_a_second_during_ten_solves(
    start: Callable[..., Server], own_temp: dict[str, str]
) -> None:
    """Whatever the solves take: none of them is in the server's process."""
    server = start(jobs=10, behaviour="spin", seconds=20)
    with ThreadPoolExecutor(10) as pool:
        solves = [pool.submit(server.ask, "/solve", {"model": TINY}) for _ in range(10)]
        server.solving(Path(own_temp["TMPDIR"]), 10)
        while not all(solve.done() for solve in solves):
            began = time.monotonic()
            assert server.ask("/ping")[0] == 200
            assert time.monotonic() - began < 1
            time.sleep(0.1)
        assert {solve.result()[0] for solve in solves} == {200}


def test_a_port_in_use_is_one_line() -> None:
    """With what to do."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        options = ServeOptions("", port=other.getsockname()[1], jobs=1)
        with pytest.raises(BenchError, match="Address already in use; choose another --port"):
            serve_setting(registered("fake"), options, print)


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ({"folder": "nope"}, "--folder nope: there is no such folder"),
        ({"token_file": "nope"}, "--token-file nope: cannot be read"),
        ({"host": "no such host"}, "--host no such host"),
        ({"jobs": 0}, "--jobs 0: a server cannot solve in its own process"),
    ],
)
def test_a_wrong_option_is_said_before_anything_is_served(
    option: dict[str, Any], said: str
) -> None:
    """As a UsageError."""
    with pytest.raises(UsageError, match=said):
        serve_setting(registered("fake"), ServeOptions("", port=0, **option), print)
