"""Progress on a terminal, in the sweep's own and from another one."""

from __future__ import annotations

import os
import pty
import re
import select
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.cli.execute import status as watching
from bench.execution.cluster import cluster_jobs
from bench.journal.journal import Journal
from tests.waiting import PATIENCE_S

Bench = Callable[..., Any]
SLOW = "behaviour=sleep status=timelimit behind=1 seconds"
TO_THE_END = r"\Z(?!)"


@pytest.mark.slow
class Terminal:
    """A command on a terminal of its own, and what it has shown."""

    def __init__(self, folder: Path, env: dict[str, str], *words: str | Path) -> None:
        """Start ``bench ...`` in a folder."""
        self.shown = ""
        self.code: int | None = None
        self._pid, self._fd = pty.fork()
        if self._pid == 0:
            os.chdir(folder)
            environment = os.environ | env | {"HOME": str(folder), "COLUMNS": "200", "LINES": "40"}
            arguments = ["bench", *map(str, words)]
            os.execvpe(sys.executable, [sys.executable, "-m", *arguments], environment)  # noqa: S606

    def until(self, pattern: str = TO_THE_END) -> bool:
        """Read until a pattern was shown, and return True; AssertionError where it never is.

        Without a pattern read to the end of the command.
        """
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            if re.search(pattern, self.shown):
                return True
            if select.select([self._fd], [], [], 0.1)[0]:
                try:
                    read = os.read(self._fd, 65536)
                except OSError:
                    read = b""
                if not read:
                    break
                self.shown += read.decode()
        if self.code is None:
            _, status = os.waitpid(self._pid, 0)
            self.code = os.waitstatus_to_exitcode(status)
            os.close(self._fd)
        assert pattern == TO_THE_END, ascii(self.shown)
        return False


@pytest.mark.slow
def test_a_sweep_is_watched_on_two_terminals(
    tmp_path: Path, knapsack: Path, own_temp: dict[str, str]
) -> None:
    """Both tick, name what runs with its bounds, and end with the sweep."""
    sweep = Terminal(
        tmp_path,
        own_temp,
        *("sweep", knapsack, "--solver", "fake", "--no-lint", "-j", "1", "--no-mlflow"),
        *("--setting", f"one: {SLOW}=2.5", "--setting", f"two: {SLOW}=6"),
        *("--name", "mine", "--seeds", "0,", "--time-limit", "60"),
    )
    assert sweep.until(r"knapsack / (one|two)  \d s of 60  primal 42  dual 41  gap 2.38 %")
    watch = Terminal(tmp_path, own_temp, "status", "mine", "--watch")
    assert watch.until(r"running: knapsack / (one|two)  \d s of 60  primal 42")
    watch.until()
    sweep.until()
    assert sweep.code == watch.code == 0
    assert re.search(r"knapsack / one: timelimit 42, 2\.5\d s", sweep.shown)
    assert "ETA" in sweep.shown
    assert len(set(re.findall(r"running: knapsack / two  \d s of 60", watch.shown))) > 1
    assert "mine: done" in watch.shown
    assert "Compare the settings" in watch.shown
    assert not list(tmp_path.glob("bench-work/*/tasks/*/bounds.json"))


def test_a_queue_is_not_asked_at_each_refresh(
    bench: Bench, knapsack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It serves many users: the display asks it first, last, and rarely between."""
    bench("sweep", knapsack, "--solver", "fake", "--name", "mine", "--no-mlflow")
    writers, asked = iter([1] * 5), []

    def live(exchange: Path) -> tuple[str, ...]:
        asked.append(exchange)
        return ("Slurm job 8: 1 running",)

    monkeypatch.setattr(Journal, "writer", lambda _: next(writers, None))
    monkeypatch.setattr(cluster_jobs, "live", live)
    monkeypatch.setattr(watching, "WATCH_EVERY_S", 0.0)
    assert "Slurm job 8: 1 running" in bench("status", "mine", "--watch").out
    assert len(asked) == 2


@pytest.mark.parametrize("other", ["--json", "--host"])
def test_watching_is_for_people_and_a_sweep(bench: Bench, other: str) -> None:
    """What cannot be had is named."""
    assert f"remove {other}" in bench("status", "--watch", other, code=2).err
