"""The daily loop at a terminal: each question of a working day is answered by one command.

The commands are processes in a pseudo-terminal, with its width, colours and pager.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bench.journal.journal import JOURNAL, Journal
from bench.model.results.result import Result
from bench.model.workspace import Workspace
from tests.commands import in_process

WIDTH = 96
NAMES = "abcdefgh"
WORSE = "e"
COLOUR = re.compile(r"\x1b\[[\d;]*m")
SWEEP = (
    *("sweep", "models", "--solver", "fake", "--name", "study", "--no-mlflow", "--no-lint"),
    *("--setting", "default:", "--setting", "cuts: code=2", "--baseline", "default"),
)
RUN = ("run", "models/a.mps", "--solver", "fake", "--no-mlflow", "--no-lint")
ANSWERS = {
    "how far is everything?": "bench ls",
    "resume what was stopped": "bench resume",
    "which setting is better?": "bench compare",
    "on which instances is it worse?": "bench compare --by-instance --instances differ",
    "what happened there?": f"bench log {WORSE} --setting cuts",
    "a table for the paper": "bench compare -o table.tex",
}
"""What somebody wants to know, and the command that tells it."""


def timed(result: Result) -> Result:
    """Return a result that took some seconds: cuts takes 0.7 times as long, but for one."""
    place = NAMES.index(result.task.instance.name)
    factor = 1.0
    if result.task.setting.name == "cuts":
        factor = 1.15 if result.task.instance.name == WORSE else 0.7 - place / 100
    seconds = factor * (3.0 + place)
    return replace(
        result,
        answer=replace(result.answer, solve_time_s=seconds),
        execution=replace(result.execution, wall_s=seconds, cpu_s=seconds, noise=()),
    )


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of somebody who has interrupted a sweep, and then executed a run."""
    folder = tmp_path_factory.mktemp("office")
    (folder / "models").mkdir()
    for name in NAMES:
        (folder / "models" / f"{name}.mps").write_text(f"NAME {name}\nENDATA\n")
    in_process(folder, *SWEEP)
    study = folder / "bench-work" / "study"
    results = [timed(result) for result in Journal(study).results()]
    (study / JOURNAL).unlink()
    with Journal(study) as journal:
        for result in results[:-1]:
            journal.add(result)
            Workspace(result.folder).log.write_text(f"worked on {result.task.instance.name}\n")
    in_process(folder, *RUN)
    return folder


Type = Callable[[str], str]


@pytest.fixture
def typed(office: Path) -> Type:
    """Return what types a line at a terminal in that folder, and returns what is seen."""

    def execute(line: str) -> str:
        words = line.split()
        assert words[0] == "bench"
        terminal, end = pty.openpty()
        fcntl.ioctl(end, termios.TIOCSWINSZ, struct.pack("HHHH", 30, WIDTH, 0, 0))
        environment = {
            **{name: text for name, text in os.environ.items() if name not in {"NO_COLOR", "CI"}},
            "TERM": "xterm-256color",
            "PAGER": "cat",
            "HOME": str(office),
        }
        for name in ("COLUMNS", "LINES"):
            environment.pop(name, None)
        process = subprocess.Popen(
            [sys.executable, "-m", "bench", *words[1:]],
            cwd=office,
            env=environment,
            stdin=end,
            stdout=end,
            stderr=end,
        )
        os.close(end)
        seen = _everything(terminal)
        assert process.wait(timeout=60) == 0, seen
        return seen

    return execute


def _everything(terminal: int) -> str:
    """Return what is written to a terminal until nobody has it open."""
    parts: list[bytes] = []
    with os.fdopen(terminal, "rb", buffering=0) as reader:
        while True:
            try:
                part = reader.read(1 << 16)
            except OSError:
                part = b""
            if not part:
                return b"".join(parts).decode().replace("\r\n", "\n")
            parts.append(part)


@pytest.mark.slow
def test_each_question_is_answered_by_one_command(typed: Type, office: Path) -> None:
    """In the order of a morning."""
    seen: dict[str, str] = {}
    for question, line in ANSWERS.items():
        seen[question] = typed(line)
        if question.startswith("resume"):
            assert "study: 1 of 16 tasks are left to do" in seen[question]
            _as_if_timed(office)
            in_process(office, *RUN)
    assert COLOUR.search(seen["which setting is better?"])
    seen = {question: COLOUR.sub("", text) for question, text in seen.items()}
    for question in ("how far is everything?", "which setting is better?"):
        lines = [each for each in seen[question].splitlines() if not each.startswith("Note: ")]
        assert max(map(len, lines)) <= WIDTH, question

    listed = seen["how far is everything?"].splitlines()
    assert [line.split()[0][:4] for line in listed[2:4]] == ["run-", "stud"]
    assert "15/16" in listed[3]
    assert "stopped" in listed[3]

    better = " ".join(seen["which setting is better?"].split())
    assert "Note: using study, the last one with results of several settings" in better
    assert re.search(r"cuts is \d+ % faster than default", better)

    worse = seen["on which instances is it worse?"]
    rows = [line.split() for line in worse.splitlines() if re.match(r"[a-h] ", line)]
    assert rows[0][0] == WORSE
    assert float(rows[0][-1]) == pytest.approx(1.15, abs=0.01)

    assert f"worked on {WORSE}" in seen["what happened there?"]
    assert "\\begin{tabular}" in (office / "table.tex").read_text()


def _as_if_timed(office: Path) -> None:
    """Let what was continued have taken as long as the rest."""
    study = office / "bench-work" / "study"
    results = [timed(result) for result in Journal(study).results()]
    (study / JOURNAL).unlink()
    with Journal(study) as journal:
        for result in results:
            journal.add(result)
