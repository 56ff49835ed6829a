"""Capture the terminal while a sweep is running, as a picture for the documentation.

``python docs/write_capture.py`` executes a sweep over bundled instances in a pseudo-terminal, takes
what is on the screen after 6 seconds, and writes ``docs/images/sweep-running.svg``.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import pty
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from io import StringIO
from pathlib import Path
from select import select

from rich.console import Console
from rich.text import Text

PROJECT = Path(__file__).parent.parent
PICTURE = PROJECT / "docs" / "images" / "sweep-running.svg"
COLUMNS, ROWS = 100, 40
INSTANCES = ("gap-5x20.lp", "gap-4x24.mps.gz", "indset-60.mps.gz", "cfl-40x60.mps.gz")
SWEEP = "sweep models -p separating/maxrounds=0,-1 --time-limit 60 -j 2 --no-mlflow"
CONTROL = re.compile(r"\r|\n|\x1b\[(\d*)([A-K])|\x1b\[[\d;?]*[a-zA-Z]|[^\r\n\x1b]+|\x1b")


class Screen:
    """The lines of a terminal, as far as progress bars use one: moves, and text over text."""

    def __init__(self) -> None:
        """Begin with an empty line."""
        self._lines = [""]
        self._row = self._column = 0

    def write(self, text: str) -> None:
        """Take what a process has written."""
        for found in CONTROL.finditer(text):
            part, count, move = found[0], int(found[1] or 1), found[2]
            if part == "\r":
                self._column = 0
            elif part == "\n":
                self._down(1)
            elif move == "A":
                self._row = max(0, self._row - count)
            elif move == "B":
                self._down(count)
            elif move == "K":
                self._put(self._lines[self._row][: self._column])
            elif not part.startswith("\x1b"):
                line = self._lines[self._row].ljust(self._column)
                end = self._column + len(part)
                self._put(line[: self._column] + part + line[end:])
                self._column = end

    def text(self) -> str:
        """Return what is to be seen."""
        return "\n".join(line.rstrip() for line in self._lines).rstrip()

    def _down(self, count: int) -> None:
        self._row += count
        self._lines += [""] * (self._row + 1 - len(self._lines))

    def _put(self, line: str) -> None:
        self._lines[self._row] = line


def main() -> None:
    """Execute the sweep and write the picture."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--seconds", type=float, default=6.0, help="how long it runs [6]")
    parser.add_argument("--output", type=Path, default=PICTURE, help="the file.svg to write")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-capture-") as name:
        models = Path(name) / "models"
        models.mkdir()
        for each in INSTANCES:
            shutil.copy(PROJECT / "instances" / each, models)
        seen = captured([sys.executable, "-m", "bench", *SWEEP.split()], Path(name), given.seconds)
    console = Console(record=True, width=COLUMNS, file=StringIO(), force_terminal=True)
    console.print(Text(f"$ bench {SWEEP}\n{seen}"))
    given.output.write_text(console.export_svg(title="bench sweep"))


def captured(command: list[str], folder: Path, seconds: float) -> str:
    """Return what a command shows at a terminal after so many seconds; it is then ended."""
    screen = Screen()
    terminal, end = pty.openpty()
    fcntl.ioctl(end, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    environment = {
        **os.environ,
        "TERM": "xterm-256color",
        "PYTHONPATH": str(PROJECT),
        "BENCH_LEASE_FOLDER": str(folder / "leases"),
    }
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdin=end, stdout=end, stderr=end
    )
    os.close(end)
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0 and process.poll() is None:
        if select([terminal], [], [], left)[0]:
            try:
                screen.write(os.read(terminal, 1 << 16).decode(errors="replace"))
            except OSError:
                break
    seen = screen.text()
    process.send_signal(signal.SIGTERM)
    os.close(terminal)
    process.wait()
    return seen


if __name__ == "__main__":
    main()
