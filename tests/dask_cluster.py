"""A scheduler of dask with workers, as processes of their own on this machine."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from tests.servers import free_port


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

    def work(self, *options: str) -> subprocess.Popen[bytes]:
        """Start workers as a user does."""
        worker = self._python("-m", "bench", "worker", self.address, *options)
        self._workers.append(worker)
        return worker

    def end(self) -> None:
        """End all."""
        for process in [*self._workers, self.scheduler]:
            process.terminate()
        for process in [*self._workers, self.scheduler]:
            with suppress(subprocess.TimeoutExpired):
                process.wait(30)
            process.kill()
            process.wait()

    def _python(self, *words: str) -> subprocess.Popen[bytes]:
        log = (self._folder / "log").open("ab")
        with log:
            return subprocess.Popen(
                [sys.executable, *words], stdout=log, stderr=log, cwd=self._folder
            )
