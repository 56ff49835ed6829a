"""The processes of ``bench worker`` end with it."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest

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
