"""An ``mlflow server`` on the loopback, started in a moment: MLflow is loaded once for all of them.

Executed as a program this module loads MLflow, and forks a server for each line that it reads.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from tests.servers import free_port

HANDLED = (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD)
WAIT_S = 150.0
STOP_S = 30.0


class LoadedMlflow:
    """The process that servers are forked from, started by the first of them."""

    _process: subprocess.Popen[str] | None = None

    def fork(
        self, arguments: Sequence[str], environment: Mapping[str, str], folder: Path, log: Path
    ) -> psutil.Process:
        """Start ``mlflow server`` with these arguments in a folder, and return its process."""
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.mlflow_server"],
                cwd=Path(__file__).parent.parent,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        request = [list(arguments), dict(environment), str(folder), str(log)]
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return psutil.Process(int(self._process.stdout.readline()))

    def end(self) -> None:
        """End it; servers go on."""
        if self._process is not None:
            self._process.communicate(timeout=STOP_S)


@dataclass
class MlflowServer:
    """An ``mlflow server``, which can be killed and started again."""

    loaded: LoadedMlflow
    folder: Path
    options: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    _process: psutil.Process | None = None

    @property
    def uri(self) -> str:
        """The address."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, unless it is running, and wait until it answers."""
        if self._process is not None:
            return
        where = ("--host", "127.0.0.1", "--port", str(self.port), "--workers", "1")
        log = self.folder / "server.log"
        environment = os.environ | self.environment
        self._process = self.loaded.fork((*self.options, *where), environment, self.folder, log)
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end and self._process.is_running():
            with suppress(OSError), urllib.request.urlopen(f"{self.uri}/health", timeout=5):  # noqa: S310 - our own server
                return
            time.sleep(0.1)
        self.kill()
        raise RuntimeError(log.read_text()[-3000:])

    def kill(self) -> None:
        """Let it die with all its workers."""
        self.stop(signal.SIGKILL)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End it with all its workers, if it is running."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)
            self._process.wait(STOP_S)
            self._process = None


def _serve(arguments: list[str], environment: dict[str, str], folder: str, log: str) -> None:
    """Be ``mlflow server``: its own process and that of its worker in one."""
    import mlflow.server
    import uvicorn
    from mlflow.cli import cli

    def worker(command: list[str], *, extra_env: Mapping[str, str], **_: Any) -> None:
        os.environ.update(extra_env)
        uvicorn.main(command[command.index("uvicorn") + 1 :])

    os.setsid()
    for number in HANDLED:
        signal.signal(number, signal.SIG_DFL)
    os.chdir(folder)
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for descriptor in (1, 2):
        os.dup2(file, descriptor)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["mlflow", "server", *arguments]
    vars(mlflow.server)["_exec_cmd"] = worker
    cli()


def main() -> None:
    """Load what every server needs, and fork one for each line."""
    import mlflow.cli
    import mlflow.server.handlers
    import mlflow.server.job_api
    import mlflow.store.tracking.sqlalchemy_store  # noqa: F401
    import uvicorn  # noqa: F401

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _serve(*json.loads(line))
            return
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
