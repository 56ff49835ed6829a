"""The folder of the fork server's socket goes with its process, however that ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

STARTED = """
from multiprocessing import util
from bench.execution.process.fork_servers import fork_server
fork_server.prepare(())
print(util.get_temp_dir(), flush=True)
input()
"""


@contextmanager
def started(env: dict[str, str]) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """Start a process with a fork server, and tell its folder; end it by closing its input."""
    process = subprocess.Popen(
        [sys.executable, "-c", STARTED],
        env=os.environ | env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        assert process.stdout is not None
        yield process, Path(process.stdout.readline().strip())


def test_a_process_that_was_killed_leaves_nothing_for_long(own_temp: dict[str, str]) -> None:
    """The next one removes what is left, and nothing of a process that is there."""
    temporary = Path(own_temp["TMPDIR"])
    with started(own_temp) as (_, living), started(own_temp) as (killed, left):
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        assert left.is_dir()
        with started(own_temp) as (_, third):
            assert sorted(temporary.iterdir()) == sorted([living, third])
        assert living.is_dir()
    assert list(temporary.iterdir()) == []
