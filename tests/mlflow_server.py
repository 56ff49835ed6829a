"""An ``mlflow server`` on the loopback, which starts in a moment. Who starts one stops it."""

from __future__ import annotations

import os
import signal
import time
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.forked import MLFLOW, Forked, Loaded
from tests.servers import free_port

WAIT_S = 150.0


@dataclass
class MlflowServer:
    """An ``mlflow server``, which can be killed and started again.

    Its temporary files are in its folder: killed in the middle of an upload, it leaves some.
    """

    loaded: Loaded
    folder: Path
    options: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    _process: Forked | None = None

    @property
    def uri(self) -> str:
        """The address."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, unless it is running, and wait until it answers."""
        if self._process is not None:
            return
        temporary = self.folder / "temporary"
        temporary.mkdir(exist_ok=True)
        where = ("--host", "127.0.0.1", "--port", str(self.port), "--workers", "1")
        self._process = self.loaded.start(
            MLFLOW,
            "server",
            *self.options,
            *where,
            cwd=self.folder,
            env={**self.environment, "TMPDIR": str(temporary)},
        )
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end and self._process.poll() is None:
            with suppress(OSError), urllib.request.urlopen(f"{self.uri}/health", timeout=5):  # noqa: S310 - our own server
                return
            time.sleep(0.1)
        process = self._process
        self.kill()
        raise RuntimeError(process.communicate()[1][-3000:])

    def kill(self) -> None:
        """Let it die with all its workers."""
        self.stop(signal.SIGKILL)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End it with all its workers, if it is running."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)
            self._process.wait()
            self._process = None
