"""Query an executable before any task: started once, with limits on time and output.

A registered program may be anything: a script that prints without end, or waits for a terminal.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.errors import SolverError

LONGEST_S = 20.0
"""An executable that has not ended by then is not the expected solver."""
MOST_BYTES = 4 << 20
"""All parameters of SCIP with their comments have 0.4 MB."""


@dataclass(frozen=True, slots=True)
class AskedProgram:
    """An executable with its additional environment variables."""

    path: Path
    variables: Mapping[str, str] = field(default_factory=dict)
    longest_s: float = LONGEST_S

    def __call__(self, *words: str, given: str = "", leaves: str = "") -> str:
        """Execute it as `bench.solvers.executables.adapter.Program` requires.

        Raise SolverError if it cannot be executed, does not end, or prints too much.
        """
        with TemporaryDirectory(prefix="bench-ask-") as folder:
            source = Path(folder) / "given"
            source.write_text(given, encoding="utf-8")
            with source.open("rb") as stdin:
                process = self._started(words, stdin.fileno(), folder)
            try:
                printed = self._output(process)
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                if process.stdout is not None:
                    process.stdout.close()
            if not leaves:
                return printed.decode(errors="replace")
            with suppress(OSError):
                return (Path(folder) / leaves).read_text(encoding="utf-8", errors="replace")
            return ""

    def _started(self, words: tuple[str, ...], stdin: int, folder: str) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(
                [str(self.path), *words],
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env={**os.environ, **self.variables},
                start_new_session=True,
            )
        except OSError as error:
            raise SolverError(f"{self.path}: cannot be executed: {error.strerror}") from error

    def _output(self, process: subprocess.Popen[bytes]) -> bytes:
        printed = b""
        end = time.monotonic() + self.longest_s
        assert process.stdout is not None  # noqa: S101 - it was asked for
        while select.select([process.stdout], [], [], max(0.0, end - time.monotonic()))[0]:
            chunk = os.read(process.stdout.fileno(), 1 << 16)
            if not chunk:
                break
            printed += chunk
            if len(printed) > MOST_BYTES:
                raise SolverError(
                    f"{self.path}: prints more than {MOST_BYTES >> 20} MiB when it is asked for "
                    "its version; is this the solver's executable?"
                )
        try:
            process.wait(max(0.0, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            raise SolverError(
                f"{self.path}: has not ended {self.longest_s:g} s after it was asked for its "
                "version; is this the solver's executable?"
            ) from None
        return printed
