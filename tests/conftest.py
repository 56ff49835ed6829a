"""Fixtures that many tests share."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bench.isolation import launch
from bench.model.instance import Instance
from bench.model.limits import Limits
from bench.model.setting import Setting
from bench.model.task import Task

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared" / "data"

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
for name in [name for name in os.environ if name.startswith(("BENCH_", "MLFLOW_RUN", "MLFLOW_T"))]:
    del os.environ[name]


@dataclass(frozen=True, slots=True)
class Ended:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, parsed."""
        return json.loads(self.out)


Run = Callable[..., Ended]


@pytest.fixture
def bench(tmp_path: Path) -> Run:
    """Return a function that executes ``bench ...`` in an empty folder, as a user would."""

    def run(*arguments: str | Path, env: dict[str, str] | None = None, code: int = 0) -> Ended:
        done = subprocess.run(
            [sys.executable, "-m", "bench", *map(str, arguments)],
            cwd=tmp_path,
            env=os.environ | {"HOME": str(tmp_path)} | (env or {}),
            capture_output=True,
            text=True,
            timeout=250,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        assert done.returncode == code, done.stderr + done.stdout
        return Ended(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the folder of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of shared real data; skip the test where it does not exist."""
    if not SHARED.is_dir():
        pytest.skip("the shared real data is not here")
    return SHARED


@pytest.fixture(scope="session")
def fork_server() -> None:
    """Start the fork server once, with the SCIP solver loaded."""
    launch.prepare(["bench.solvers.scip.solver"])


KNAPSACK = """\
NAME knapsack
ROWS
 N cost
 L room
COLUMNS
 M1 'MARKER' 'INTORG'
 a cost -5 room 4
 b cost -4 room 3
 c cost -3 room 2
 M2 'MARKER' 'INTEND'
RHS
 RHS room 6
BOUNDS
 UP BND a 1
 UP BND b 1
 UP BND c 1
ENDATA
"""
"""Optimum -8 with a = c = 1."""


@pytest.fixture
def knapsack(tmp_path: Path) -> Path:
    """Return a tiny problem file whose optimal value is -8."""
    path = tmp_path / "knapsack.mps"
    path.write_text(KNAPSACK)
    return path


def task(path: Path, *, seed: int = 0, limits: Limits | None = None, **params: Any) -> Task:
    """Return a task of SCIP on a file; params with ``__`` for ``/``."""
    return Task(
        instance=Instance(name=path.name, path=path, digest="0" * 64),
        setting=Setting(
            name="test",
            solver="scip",
            params={name.replace("__", "/"): value for name, value in params.items()},
        ),
        solver_version="10",
        seed=seed,
        limits=limits or Limits(time_s=60),
    )


@pytest.fixture(scope="session")
def scip_task() -> Callable[..., Task]:
    """Return the function that makes tasks of SCIP."""
    return task
