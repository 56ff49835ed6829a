"""A scheduler of dask with workers, as processes of their own on this machine."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from tests.servers import free_port

LONGEST_START_S = 180.0


class Cluster:
    """A scheduler and workers on this machine, as processes of their own."""

    def __init__(self, folder: Path) -> None:
        """Start the scheduler."""
        self._folder = folder
        self.address = f"tcp://127.0.0.1:{free_port()}"
        port = self.address.rpartition(":")[2]
        options = ("--host", "127.0.0.1", "--port", port, "--no-dashboard", "--no-show")
        self.scheduler = self._python("-m", "distributed.cli.dask_scheduler", *options)
        self._workers: list[subprocess.Popen[bytes]] = []
        self._wait_until_listening(int(port))

    def work(self, *options: str) -> subprocess.Popen[bytes]:
        """Start workers as a user does."""
        worker = self._python("-m", "bench", "worker", self.address, *options)
        self._workers.append(worker)
        return worker

    def start_worker(self, *options: str) -> None:
        """Start a worker of dask as such, with options of its own."""
        self._workers.append(
            self._python("-m", "distributed.cli.dask_worker", self.address, *options)
        )

    def end(self) -> None:
        """End all."""
        for process in [*self._workers, self.scheduler]:
            process.terminate()
        for process in [*self._workers, self.scheduler]:
            with suppress(subprocess.TimeoutExpired):
                process.wait(30)
            process.kill()
            process.wait()

    def _wait_until_listening(self, port: int) -> None:
        """Return once somebody listens: importing dask takes long where much else goes on."""
        end = time.monotonic() + LONGEST_START_S
        while time.monotonic() < end and self.scheduler.poll() is None:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                return
            time.sleep(0.1)

    def _python(self, *words: str) -> subprocess.Popen[bytes]:
        log = (self._folder / "log").open("ab")
        with log:
            return subprocess.Popen(
                [sys.executable, *words], stdout=log, stderr=log, cwd=self._folder
            )
