"""Fixtures that many tests share."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy

from bench.isolation import launch
from bench.model.instance import Instance
from bench.model.limits import Limits
from bench.model.setting import Setting
from bench.model.task import Task
from bench.tracking import reach
from tests.commands import PRELOADED, Ended, Run, in_process, typed
from tests.templates import empty_store

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared" / "data"

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"] = "false"  # seven more processes a server
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # else each command compiles bench, or all, again
OF_TESTS = {"BENCH_SCREENSHOTS", "BENCH_REQUIRE_BROWSER"}
for name in set(os.environ) - OF_TESTS:
    if name.startswith(("BENCH_", "MLFLOW_RUN", "MLFLOW_T")):
        del os.environ[name]


@pytest.fixture
def bench(tmp_path: Path) -> Run:
    """Return a function that executes ``bench ...`` in an empty folder, as a user would."""
    return partial(in_process, tmp_path)


@pytest.fixture(scope="session")
def shell() -> Callable[[str, Path], Ended]:
    """Return a function that executes a line in a folder as a user types it."""
    return lambda line, folder: typed(folder, line)


@pytest.fixture(scope="session", autouse=True)
def _new_databases_have_their_tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let a new SQLite store begin as a copy of one whose tables MLflow has made once for all.

    All else about a first use stays: who may create it, when it gets its name.
    """
    first_use = reach.first_use

    @contextmanager
    def from_template(database: Path) -> Iterator[Path | None]:
        with first_use(database) as new:
            if new is not None:
                shutil.copyfile(empty_store(tmp_path_factory), new)
            yield new

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reach, "first_use", from_template)
        yield


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
    """Start the fork server once, with all solvers loaded."""
    launch.prepare(PRELOADED)


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


@pytest.fixture(scope="session")
def knapsack_text() -> str:
    """Return a tiny problem whose optimal value is -8, as MPS."""
    return KNAPSACK


@pytest.fixture
def knapsack(tmp_path: Path, knapsack_text: str) -> Path:
    """Return a tiny problem file whose optimal value is -8."""
    path = tmp_path / "knapsack.mps"
    path.write_text(knapsack_text)
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


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """Start PostgreSQL on a free port and return its URI; skip the test where it is not installed.

    It belongs to the user postgres if we are root, who may not run it.
    """
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not programs:
        pytest.skip("PostgreSQL is not installed")
    folder = Path(tempfile.mkdtemp(prefix="bench-postgresql-"))
    as_user: list[str | Path] = []
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    password = folder / "password"
    password.write_text("geheim")
    init = [*as_user, programs[-1] / "initdb", "-D", folder / "data", "-U", "bench", "-N"]
    subprocess.run(
        [*init, "-A", "scram-sha-256", f"--pwfile={password}"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command: list[str | Path] = [
        *as_user,
        programs[-1] / "postgres",
        "-D",
        folder / "data",
        "-p",
        str(port),
        "-F",
    ]
    command += ["-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={folder}"]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
    uri = f"postgresql://bench:geheim@127.0.0.1:{port}"
    try:
        _until_it_answers(f"{uri}/postgres")
        yield uri
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def postgresql(postgresql_server: str) -> str:
    """Return the URI of a new and empty PostgreSQL database."""
    name = f"bench_{uuid.uuid4().hex}"
    administration = sqlalchemy.create_engine(
        f"{postgresql_server}/postgres", isolation_level="AUTOCOMMIT", poolclass=sqlalchemy.NullPool
    )
    with administration.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    return f"{postgresql_server}/{name}"


def _until_it_answers(uri: str) -> None:
    connecting = sqlalchemy.create_engine(uri, poolclass=sqlalchemy.NullPool)
    for _ in range(300):
        with suppress(sqlalchemy.exc.OperationalError), connecting.connect():
            return
        time.sleep(0.1)
    pytest.fail("PostgreSQL did not come up")
