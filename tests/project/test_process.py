"""``bench`` as a process of its own, as the shell sees it; other tests call it in theirs."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bench import __version__
from bench.errors import EXIT_WRONG
from tests.commands import PROGRAMS, as_process
from tests.templates import empty_store


def test_the_script_and_the_module_are_the_same_program(
    tmp_path: Path, shell: Callable[[str, Path], Any]
) -> None:
    """An installer makes the script from the entry point."""
    said = f"bench, version {__version__}\n"
    assert as_process(tmp_path, "--version").out == said
    assert shell("bench --version | cat", tmp_path).out == said


@pytest.mark.parametrize(("arguments", "code"), [(("run", "nothing.mps"), 1), (("rum",), 2)])
def test_an_error_ends_in_one_line_and_an_exit_code(
    tmp_path: Path, arguments: tuple[str, ...], code: int
) -> None:
    """On standard error alone."""
    ended = as_process(tmp_path, *arguments, code=code)
    assert ended.out == ""
    assert ended.err.splitlines()[-1].startswith("Error: ")


@pytest.mark.slow
def test_a_file_of_variables_counts_from_the_start(
    tmp_path: Path, knapsack: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Also for a store and a work folder; a verdict may be the exit code."""
    shutil.copy(empty_store(tmp_path_factory), tmp_path / "other.db")
    (tmp_path / ".env").write_text(
        "BENCH_WORK_DIR=work\nMLFLOW_TRACKING_URI=sqlite:///other.db\nBENCH_FAIL_ON=solved_unconfirmed\n"
    )
    as_process(tmp_path, "run", knapsack, code=EXIT_WRONG)
    assert len(list((tmp_path / "work").glob("*/journal.jsonl"))) == 1
    with closing(sqlite3.connect(tmp_path / "other.db")) as database:
        assert database.execute("SELECT count(*) FROM runs").fetchone() > (0,)


def test_a_reader_that_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    """`bench params | head -1` ends quietly."""
    done = subprocess.run(
        "set -o pipefail; bench params | head -n 1",
        shell=True,
        executable="/bin/bash",
        cwd=tmp_path,
        env={**os.environ, "PATH": PROGRAMS},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.count("\n") == 1
    assert "Error" not in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_solver_gets_no_secrets_of_the_environment(tmp_path: Path, knapsack: Path) -> None:
    """What programs need and licences, and what is named; the rest could end in a log."""
    secrets = {"AWS_SECRET_ACCESS_KEY": "hush", "MLFLOW_TRACKING_PASSWORD": "hush"}
    needed = {"OMP_NUM_THREADS": "1", "GRB_LICENSE_FILE": "/licences/gurobi.lic"}
    as_process(
        tmp_path,
        *("run", knapsack, "--solver", "fake", "-p", "behaviour=environment", "--no-mlflow"),
        *("--pass-env", "MY_SOLVER_HOME"),
        env={**secrets, **needed, "MY_SOLVER_HOME": "/opt/mine", "MY_SOLVER_KEY": "hush"},
    )
    (log,) = tmp_path.glob("bench-work/*/tasks/*/solver.log")
    printed = set(log.read_text().splitlines())
    assert {"OMP_NUM_THREADS=1", "GRB_LICENSE_FILE=/licences/gurobi.lic"} <= printed
    assert "MY_SOLVER_HOME=/opt/mine" in printed
    assert "hush" not in log.read_text()
