"""The README's commands work as they stand there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bench.cli.main import COMMANDS as SHOWN

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^```(?:sh|console)\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
COMMANDS = [
    line.removeprefix("$ ").split("  #")[0].strip()
    for block in BLOCKS
    for line in block.splitlines()
    if line.removeprefix("$ ").startswith("bench ")
]
SHOWING = "bench ui"
NEED_A_SWEEP = (SHOWING, "bench status", "bench show", "bench sync", "bench db")
LONG = "bench sweep"


def shortened(command: str) -> str:
    """Return the command with an end that makes a long one short."""
    return f"{command} --node-limit 1 --seeds 1" if command.startswith(LONG) else command


def until_it_shows(command: str) -> str:
    """Return the command, interrupted (as by Ctrl-C) as soon as it prints, if it waits for that."""
    if not command.startswith(SHOWING):
        return command
    waiting = "while [ ! -s shown ] && kill -0 $!; do sleep 0.1; done"
    return f"{command} > shown & {waiting}; cat shown; kill -INT $!; wait $!"


@pytest.fixture
def clone(tmp_path: Path, knapsack: Path) -> Path:
    """Return a folder like a clone in which the user has files of their own."""
    folder = tmp_path / "clone"
    (folder / "models").mkdir(parents=True)
    shutil.copytree(ROOT / "instances", folder / "instances")
    shutil.copytree(ROOT / "examples", folder / "examples")
    shutil.copy(knapsack, folder / "model.mps")
    (folder / "old.csv").write_text("problem,seconds,status,primal\nmodel,0.5,ok,-8\n")
    (folder / "short.solu").write_text("=opt= model -8\n")
    (folder / "my.set").write_text("separating/maxrounds = 0\n")
    (folder / "model.sol").write_text("a 1\nc 1\n")
    subprocess.run(["gzip", "-k", folder / "model.mps"], check=True)
    (folder / "model.mps.gz").rename(folder / "models" / "a.mps.gz")
    return folder


def test_there_are_commands_to_test() -> None:
    """The README shows every command of bench."""
    assert {command.split()[1] for command in COMMANDS} == set(SHOWN)


@pytest.mark.slow
@pytest.mark.parametrize("command", [shortened(one) for one in COMMANDS])
def test_a_command_of_the_readme_succeeds(clone: Path, command: str) -> None:
    """It ends with exit code 0 and prints something or writes its file."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    if command.startswith(NEED_A_SWEEP):
        small = "bench sweep model.mps instances/mkp-5x40.lp --name mine"
        subprocess.run(small, shell=True, cwd=clone, env=os.environ | {"PATH": path}, check=True)
    done = subprocess.run(
        until_it_shows(command),
        shell=True,
        cwd=clone,
        env=os.environ | {"PATH": path, "BENCH_PORT": "0"},
        capture_output=True,
        text=True,
        timeout=250,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout or re.search(r"(-o|>) \S+$", command)


def test_ci_executes_the_test_command_of_the_readme() -> None:
    """The first line with pytest in the README is the one that .ci/run executes."""
    script = (ROOT / ".ci" / "run").read_text()
    assert "grep -m 1 'python -m pytest' README.md" in script
    command = next(line for line in README.splitlines() if "python -m pytest" in line)
    assert command.startswith("python3 -m venv .venv && . .venv/bin/activate && pip install")
