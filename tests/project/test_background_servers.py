"""Servers that the examples start end with the program, with all their processes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import background_servers
import psutil
import pytest
import run_client_notebook
import serve_two_models
from background_servers import HOST, BackgroundServer, ServerError, free_port

from tests.commands import mlflow_run
from tests.waiting import until

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


def started(command: Sequence[str], folder: Path) -> subprocess.Popen[bytes]:
    """Start a program that hears all signals, also where this one was started with nohup."""

    def hear() -> None:
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)

    return subprocess.Popen(
        command,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        preexec_fn=hear,  # noqa: PLW1509 - it allocates nothing that threads could hold
    )


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
    mark: str, tmp_path: Path, number: signal.Signals
) -> None:
    """At once, not after the program."""
    with started([sys.executable, "-c", PROGRAM], tmp_path) as program:
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
        with pytest.raises(
            ServerError, match=f"port {port} cannot be used: Address already in use;"
        ):
            background_servers.require_free(port)


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["--forest-port", "99999"], "invalid port_number value: '99999'"),
        (["--svr-port", "8001"], "the two models need two ports"),
    ],
)
def test_ports_that_cannot_be_are_a_mistake_in_usage(
    capsys: pytest.CaptureFixture[str], argv: list[str], words: str
) -> None:
    """Before anything is registered."""
    with pytest.raises(SystemExit) as ended:
        serve_two_models.main(argv)
    assert ended.value.code == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize("address", ["http://127.0.0.1:{port}", "sqlite:///mlruns.db", "host:5000"])
def test_a_client_without_a_server_ends_at_once_in_one_line(address: str) -> None:
    """MLflow would try again for minutes, or write into a file."""
    address = address.format(port=free_port())
    with pytest.raises(SystemExit, match=rf"\AError: {address} cannot be reached: [^\n]+\Z"):
        run_client_notebook.main(["--server", address])


def test_a_signal_that_is_ignored_stays_ignored() -> None:
    """As with nohup."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with background_servers.ended_by_signals():
            assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
            assert signal.getsignal(signal.SIGTERM) != signal.SIG_DFL
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


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
    script = FOLDER / "serve_two_models.py"
    with started([sys.executable, str(script), *ports, "--keep-running"], tmp_path) as program:
        assert program.stdout is not None
        lines = iter(program.stdout.readline, b"")
        assert b"Ctrl-C ends both\n" in lines
        program.send_signal(number)
    assert program.returncode in {128 + number, -number}
    until(lambda: not marked(mark))


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
