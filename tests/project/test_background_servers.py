"""Servers that the examples start end with the program, with all their processes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import background_servers
import psutil
import pytest
from background_servers import HOST, BackgroundServer, ServerError, free_port

from tests.commands import mlflow_run

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / "examples" / "mlflow"
MARK = "EXAMPLE_SERVER"
SERVER = """\
import signal, subprocess, sys, threading
from http.server import BaseHTTPRequestHandler, HTTPServer
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
between = f"import subprocess; subprocess.Popen([{sys.executable!r}, '-c', {child!r}])"
subprocess.run([sys.executable, "-c", between], start_new_session=True)
class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
    def log_message(self, *_):
        pass
HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
"""Stubborn: it ignores TERM, and so does a process that it starts, which is not below it."""
PROGRAM = f"""\
import sys, time
sys.path.insert(0, {str(FOLDER)!r})
import background_servers
port = background_servers.free_port()
server = [sys.executable, "-c", {SERVER!r}, str(port)]
background_servers.STOP_S = 0.3
address = f"http://127.0.0.1:{{port}}"
with background_servers.ended_by_signals():
    with background_servers.BackgroundServer(server, address) as own:
        own.wait_until_ready()
        print("ready", flush=True)
        time.sleep(600)
"""


@pytest.fixture
def mark(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """Mark all that a test starts; end what it has left."""
    monkeypatch.setenv(MARK, str(tmp_path))
    monkeypatch.setattr(background_servers, "STOP_S", 0.3)
    yield str(tmp_path)
    for process in marked(str(tmp_path)):
        process.kill()


def marked(mark: str) -> list[psutil.Process]:
    """Return the living processes with a mark, but for this one."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if (
                process.pid != os.getpid()
                and process.status() != psutil.STATUS_ZOMBIE
                and process.environ().get(MARK) == mark
            ):
                found.append(process)
    return found


def stubborn(port: int) -> BackgroundServer:
    """Return the stubborn server at a port."""
    return BackgroundServer([sys.executable, "-c", SERVER, str(port)], f"http://{HOST}:{port}")


def test_all_processes_of_two_servers_end_after_an_error(mark: str) -> None:
    """Also those that ignore TERM, and one of another session that has lost its parent."""
    first, second = free_port(), free_port()
    with suppress(ZeroDivisionError), stubborn(first) as one, stubborn(second) as two:
        one.wait_until_ready()
        two.wait_until_ready()
        assert len(marked(mark)) == 4
        raise ZeroDivisionError
    assert marked(mark) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_all_processes_end_with_a_program_that_a_signal_ends(
    mark: str, number: signal.Signals
) -> None:
    """At once, not after the program."""
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    with program:
        assert program.stdout is not None
        assert program.stdout.readline() == b"ready\n"
        program.send_signal(number)
    assert program.returncode in {128 + number, -number}
    assert marked(mark) == []


def test_a_server_that_ends_before_it_answers_is_reported_with_its_log(mark: str) -> None:
    """Instead of waiting for it."""
    command = [sys.executable, "-c", "raise SystemExit('no such model')"]
    with (
        pytest.raises(ServerError, match="ended\nno such model"),
        BackgroundServer(command, f"http://{HOST}:{free_port()}") as server,
    ):
        server.wait_until_ready()
    assert marked(mark) == []


def test_a_port_in_use_is_refused() -> None:
    """Who asks there would ask a stranger."""
    with socket.create_server((HOST, 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ServerError, match=f"port {port} cannot be used: Address already in"):
            background_servers.require_free(port)


@pytest.mark.soak
def test_both_models_are_served_and_asked_by_the_entry_point(mark: str, tmp_path: Path) -> None:
    """In a copy of the project; nothing of it is left."""
    copied(tmp_path)
    ports = "-P", f"forest_port={free_port()}", "-P", f"svr_port={free_port()}"
    ended = mlflow_run(tmp_path, "-e", "serve_two", *ports)
    assert "/invocations: 243.9, 230.9, 162.7" in ended.out
    assert "/invocations: 205.0, 215.7, 157.2" in ended.out
    assert marked(mark) == []


@pytest.mark.soak
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_the_servers_of_both_models_end_with_their_program(
    mark: str, tmp_path: Path, number: signal.Signals
) -> None:
    """Even if it is killed."""
    ports = "--forest-port", str(free_port()), "--svr-port", str(free_port())
    program = subprocess.Popen(
        [sys.executable, FOLDER / "serve_two_models.py", *ports, "--keep-running"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
    )
    with program:
        assert program.stdout is not None
        lines = iter(program.stdout.readline, b"")
        assert b"Ctrl-C ends both\n" in lines
        program.send_signal(number)
    assert program.returncode in {128 + number, -number}
    until = time.monotonic() + 10
    while marked(mark) and time.monotonic() < until:
        time.sleep(0.1)
    assert marked(mark) == []


@pytest.mark.soak
def test_the_client_brings_a_server_of_its_own(mark: str, tmp_path: Path) -> None:
    """With the store of the other examples, in which the run is found afterwards."""
    copied(tmp_path)
    ended = mlflow_run(tmp_path, "-e", "client")
    assert ended.out.splitlines()[-1] == "(1, 'client')"
    assert (tmp_path / "mlruns.db").is_file()
    assert marked(mark) == []


def copied(folder: Path) -> None:
    """Copy what an entry point of an example needs."""
    for name in ("MLproject", "conda.yaml", "examples/mlflow"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).symlink_to(ROOT / name)
