"""The processes of ``bench worker`` end with it."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from threading import Thread

import psutil
import pytest

from bench.errors import BenchError
from bench.execution.cluster.dask import workers

SERVES = """
import sys
from bench.execution.cluster.dask import workers
workers.command = lambda *_: [sys.executable, "-c", sys.argv[1]]
workers.serve("tcp://127.0.0.1:1", 2)
"""
SLEEPS = "import os, time; os.write(1, b'up\\n'); time.sleep(600)"
IGNORES = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEPS}"


@pytest.fixture
def served(request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[bytes]]:
    """Yield a process that serves two workers, once both are up."""
    words = [sys.executable, "-c", SERVES, request.param]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            assert [process.stdout.readline() for _ in range(2)] == [b"up\n"] * 2
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("served", [SLEEPS], indirect=True)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_workers_end_with_their_command(
    served: subprocess.Popen[bytes], number: signal.Signals
) -> None:
    """Also if it is killed."""
    children = psutil.Process(served.pid).children()
    served.send_signal(number)
    assert psutil.wait_procs(children, timeout=60)[1] == []


@pytest.mark.parametrize("served", [IGNORES], indirect=True)
def test_a_second_signal_kills_workers_that_do_not_end(served: subprocess.Popen[bytes]) -> None:
    """It does not leave them to themselves."""
    children = psutil.Process(served.pid).children()
    served.send_signal(signal.SIGTERM)
    assert psutil.wait_procs(children, timeout=0.5)[0] == []
    served.send_signal(signal.SIGTERM)
    assert psutil.wait_procs(children, timeout=60)[1] == []
    assert served.wait(60) == 128 + signal.SIGTERM


@pytest.mark.slow
def test_another_server_at_the_address_is_an_error_in_a_few_words(
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    own_temp: dict[str, str],
) -> None:
    """Without a traceback of dask, which makes a length of an array of what the server sends."""
    pytest.importorskip("distributed", reason="the extra 'cluster' is not installed")
    monkeypatch.setenv("TMPDIR", own_temp["TMPDIR"])
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"tcp://127.0.0.1:{listening.getsockname()[1]}"
        Thread(target=_greet, args=(listening,), daemon=True).start()
        with pytest.raises(BenchError, match=f"no scheduler of dask answers at {address}"):
            workers.serve(address, 1)
    said = capfd.readouterr().err.splitlines()
    assert [line.partition(": ")[0] for line in said] == ["dask says"]


def _greet(listening: socket.socket) -> None:
    with suppress(OSError):
        while True:
            connection, _ = listening.accept()
            with connection:
                connection.sendall(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")
                connection.recv(1)
