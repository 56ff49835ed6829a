"""The commands of workflow/README.md, executed as they stand there."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from bench.solvers.environments.make import UNREACHABLE
from tests.commands import PROGRAMS, Ended

FOLDER = Path(__file__).parent.parent.parent / "workflow"
README = (FOLDER / "README.md").read_text()
STEPS, YADAGE, DOCKER = re.findall(r"^```sh\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
(CONTAINERS,) = re.findall(r"^```yaml\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
FILES = {
    *(f"comparison.{suffix}" for suffix in ("csv", "json", "md")),
    *(f"{figure}.svg" for figure in ("cactus", "profile", "ratios", "scatter")),
}

STAND_IN = """#!/bin/sh
echo "$*" >> told
folder=$(echo "$*" | sed -n 's/.*--output-dir "\\([^"]*\\)".*/\\1/p')
[ -z "$folder" ] || { mkdir "$folder" && touch "$folder/some.mps.gz"; }
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Return a folder with the workflow in it."""
    shutil.copytree(FOLDER, tmp_path / "workflow")
    return tmp_path


def execute(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Execute a command of the README in a folder."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PACKTIVITY_")}
    with TemporaryDirectory() as temp:  # uv leaves locks
        return subprocess.run(
            ["sh", "-c", command],
            cwd=folder,
            env=environment | {"PATH": PROGRAMS, "TMPDIR": temp},
            capture_output=True,
            text=True,
            timeout=280,
            check=False,
        )


def kinds(folder: Path) -> dict[str, int]:
    """Return how many runs of each kind are in the experiment of the workflow."""
    with closing(sqlite3.connect(folder / "mlflow.db")) as database:
        return dict(
            database.execute(
                "select t.value, count(*) from tags t join runs r using (run_uuid) "
                "join experiments e using (experiment_id) "
                "where t.key = 'bench.kind' and e.name = 'study' group by t.value"
            )
        )


def compared(folder: Path) -> tuple[int, list[str]]:
    """Return the number of pairs and the settings of a comparison, which has all its files."""
    assert {path.name for path in folder.iterdir()} == FILES
    found = json.loads((folder / "comparison.json").read_text())
    return found["basis"]["n_blocks"], found["settings"]


@pytest.mark.slow
def test_the_steps_lead_from_nothing_to_a_report(
    clone: Path, shell: Callable[[str, Path], Ended]
) -> None:
    """One by one; what is there already is not overwritten."""
    for step in STEPS.splitlines():
        shell(step, clone)
    assert compared(clone / "out" / "comparison") == (2, ["maxrounds=0", "maxrounds=-1"])
    assert "maxrounds=0" in (clone / "out" / "report.html").read_text()
    assert kinds(clone) == {"sweep": 1, "setting": 2, "task": 4}
    done = execute(STEPS.splitlines()[1], clone)
    assert done.returncode == 2
    assert done.stderr.startswith("Error: out/instances: the folder exists and is not empty; ")
    assert done.stderr.count("\n") == 1


@pytest.mark.soak
def test_yadage_executes_the_same_with_sweeps_side_by_side(clone: Path) -> None:
    """A sweep an instance, at the same time, in one experiment that was there before them."""
    done = execute(YADAGE.replace("multiproc:1", "multiproc:2"), clone)
    assert done.returncode == 0, done.stderr
    out = clone / "out" / "workflow"
    assert compared(out / "compare" / "comparison") == (2, ["maxrounds=0", "maxrounds=-1"])
    assert "maxrounds=0" in (out / "report" / "report.html").read_text()
    assert kinds(clone) == {"sweep": 2, "setting": 4}


@pytest.mark.soak
def test_yadage_starts_a_container_for_each_step(clone: Path) -> None:
    """A stand-in for docker writes down what it is told, and makes what the next step needs."""
    (clone / "workflow" / "environment.yml").write_text(CONTAINERS)
    (clone / "docker").write_text(STAND_IN)
    (clone / "docker").chmod(0o755)
    done = execute(f"PATH=$PWD:$PATH\n{DOCKER}\n{YADAGE}", clone)
    if done.returncode and UNREACHABLE.search(done.stderr):
        pytest.skip(f"yadage cannot be installed here: {done.stderr.splitlines()[0]}")
    assert done.returncode == 0, done.stderr
    told = (clone / "told").read_text().splitlines()
    commands = [line.partition(" scip-bench:latest sh -c ")[2].split(' "')[0] for line in told]
    first, last = {"bench db experiment", "bench instances collect"}, {"compare", "report"}
    assert {re.sub(" +--.*", "", command) for command in commands[:2]} == first
    assert [command.split()[0] for command in commands[2:4]] == ["bench", "mkdir"]
    assert {command.split()[1] for command in commands[4:]} == last
    for line in told:
        assert line.startswith("run --rm ")
        assert f" --network host --user {os.getuid()}:{os.getgid()} --env MLFLOW_" in line
        assert f" -v {clone}/out/workflow/" in line


def test_a_wrong_tracking_uri_is_one_line_before_anything_is_executed(clone: Path) -> None:
    """It says what to look at."""
    first = STEPS.splitlines()[0].replace("sqlite:///mlflow.db", "http://127.0.0.1:9")
    done = execute(first, clone)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: MLflow at http://127.0.0.1:9: the server does not answer")
    assert done.stderr.count("\n") == 1


def test_a_step_without_its_inputs_is_one_line(clone: Path) -> None:
    """The results of the step before are missing."""
    done = execute(STEPS.splitlines()[4], clone)
    assert done.returncode == 2
    assert done.stderr == "Error: no sweep 'out/sweeps/study' in bench-work; there are: none\n"
