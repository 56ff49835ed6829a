"""Processes that start in a moment: forked from one that has loaded MLflow and bench for them all.

They are processes of their own otherwise, with signals, an environment and an exit code. Where
the start itself is under test, start a real one.

Executed as a program this module loads, and forks for each line that it reads.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.waiting import PATIENCE_S

HANDLED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGCHLD)
BENCH, MLFLOW = "bench", "mlflow"
LOADED = (
    "mlflow.cli",
    "mlflow.server.handlers",
    "mlflow.server.job_api",
    "mlflow.store.tracking.rest_store",
    "mlflow.store.tracking.sqlalchemy_store",
    "plotly.graph_objects",
    "plotly.io",
    "scipy.stats",
    "uvicorn",
    "bench.__main__",
    "bench.app.analysis.report",
    "bench.cli.execute.run",
    "bench.cli.execute.sweep",
    "bench.report.page.page",
    "bench.report.sweep_report",
    "bench.tracking.mlflow_store",
)


@dataclass
class Forked:
    """A process, used like one of subprocess."""

    pid: int
    _folder: Path
    _ended: Path
    returncode: int | None = None

    def poll(self) -> int | None:
        """Return its exit code, None while it goes on."""
        if self.returncode is None:
            with suppress(FileNotFoundError):
                self.returncode = int(self._ended.read_text())
        return self.returncode

    def wait(self, timeout: float = PATIENCE_S) -> int:
        """Return its exit code; TimeoutExpired after so many seconds."""
        end = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > end:
                raise subprocess.TimeoutExpired(str(self.pid), timeout)
            time.sleep(0.01)
        return code

    def communicate(self, timeout: float = PATIENCE_S) -> tuple[str, str]:
        """Wait for its end, and return all that it has printed on either stream."""
        self.wait(timeout)
        return (self._folder / "out").read_text(), self.err

    @property
    def err(self) -> str:
        """All that it has printed on standard error so far."""
        return (self._folder / "err").read_text()

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Let it die."""
        self.send_signal(signal.SIGKILL)


class Loaded:
    """The process that others are forked from, started by the first of them."""

    def __init__(self) -> None:
        """Start nothing yet."""
        self._process: subprocess.Popen[str] | None = None
        self._folder = TemporaryDirectory(prefix="bench-forked-")
        self._n_started = 0

    def start(
        self,
        program: str,
        *arguments: str | Path,
        cwd: Path,
        env: Mapping[str, str] | None = None,
    ) -> Forked:
        """Start a program, BENCH or MLFLOW, in a folder; ``env`` is added to the environment."""
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.forked", self._folder.name],
                cwd=Path(__file__).parent.parent,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._n_started += 1
        folder = Path(self._folder.name) / str(self._n_started)
        folder.mkdir()
        environment = os.environ | (env or {})
        request = [program, list(map(str, arguments)), str(cwd), environment, str(folder)]
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        pid = int(self._process.stdout.readline())
        return Forked(pid, folder, Path(self._folder.name) / f"{pid}.ended")

    def end(self) -> None:
        """End it; what it has started goes on."""
        if self._process is not None:
            self._process.communicate(timeout=PATIENCE_S)
        self._folder.cleanup()


def _be(
    program: str, arguments: list[str], cwd: str, environment: dict[str, str], folder: str
) -> None:
    """Become a program: never return."""
    os.setsid()
    for number in HANDLED:
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else 0)
    for descriptor, name in ((0, os.devnull), (1, f"{folder}/out"), (2, f"{folder}/err")):
        os.dup2(os.open(name, os.O_RDWR | os.O_CREAT | os.O_APPEND), descriptor)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    {BENCH: _be_bench, MLFLOW: _be_mlflow}[program](arguments)
    sys.exit()


def _be_bench(arguments: list[str]) -> None:
    import bench.__main__

    sys.argv = [bench.__main__.__file__, *arguments]
    sys.modules["__main__"] = bench.__main__  # what children of multiprocessing import
    bench.__main__.main()


def _be_mlflow(arguments: list[str]) -> None:
    """Be ``mlflow``, and with ``server`` its worker in the same process."""
    import mlflow.cli
    import mlflow.server
    import uvicorn

    def worker(command: list[str], *, extra_env: Mapping[str, str], **_: Any) -> None:
        os.environ.update(extra_env)
        uvicorn.main(command[command.index("uvicorn") + 1 :])

    sys.argv = ["mlflow", *arguments]
    vars(mlflow.server)["_exec_cmd"] = worker
    mlflow.cli.cli()


def main() -> None:
    """Load, then fork for each line; note how each has ended in the folder that is named."""
    for name in LOADED:
        import_module(name)
    folder = Path(sys.argv[1])

    def note_ends(*_: object) -> None:
        with suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG)) != (0, 0):
                half = folder / f"{ended[0]}.half"
                half.write_text(str(os.waitstatus_to_exitcode(ended[1])))
                half.replace(folder / f"{ended[0]}.ended")

    signal.signal(signal.SIGCHLD, note_ends)
    for line in sys.stdin:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        child = os.fork()
        if child == 0:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
            _be(*json.loads(line))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
