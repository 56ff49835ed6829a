"""``deploy/backup`` and ``deploy/restore`` with PostgreSQL's own programs."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import psycopg
import pytest

from tests.servers import Postgres
from tests.stores.compose import DEPLOY

pytestmark = pytest.mark.xdist_group("servers")

DOCKER = """#!/bin/sh
# Docker, as far as it takes to execute a command "in" the database's container: here.
set -eu
[ "$1 $2" = "compose --file" ] && [ -f "$3" ] && shift 3
case "$1 $2" in
    "exec -T") [ "$3" = db ] && shift 3 && exec "$@" ;;
    "stop mlflow" | "start mlflow") echo "$1" >> "$CALLS" ;;
    *) exit 64 ;;
esac
"""


@pytest.fixture
def environment(postgres: Postgres, tmp_path: Path) -> dict[str, str]:
    """Return an environment in which containers are this machine."""
    (tmp_path / "docker").write_text(DOCKER)
    (tmp_path / "docker").chmod(0o755)
    path = f"{tmp_path}:{postgres.programs}:{os.environ['PATH']}"
    own = {"PATH": path, "CALLS": str(tmp_path / "calls")}
    return os.environ | own | postgres.environment("mlflow")


def test_what_was_backed_up_comes_back(
    postgres: Postgres, environment: dict[str, str], tmp_path: Path
) -> None:
    """Also what was deleted since; what was added since is gone; the server stands still."""
    with psycopg.connect(postgres.uri("postgres"), autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS mlflow WITH (FORCE)")
    uri = postgres.create_database("mlflow")
    with psycopg.connect(uri) as connection:
        connection.execute("CREATE TABLE runs AS SELECT 1 AS run")
    file = tmp_path / "mlflow.dump"
    subprocess.run([DEPLOY / "backup", file], env=environment, check=True)
    with psycopg.connect(uri) as connection:
        connection.execute("DROP TABLE runs")
        connection.execute("CREATE TABLE mistake (x int)")
    subprocess.run([DEPLOY / "restore", file], env=environment, check=True)
    with psycopg.connect(uri) as connection:
        tables = connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        ).fetchall()
        assert tables == [("runs",)]
        assert connection.execute("SELECT run FROM runs").fetchall() == [(1,)]
    assert (tmp_path / "calls").read_text() == "stop\nstart\n"


def test_a_damaged_backup_leaves_the_database_as_it_is(
    postgres: Postgres, environment: dict[str, str], tmp_path: Path
) -> None:
    """The new one is whole before the old one goes."""
    uri = postgres.create_database("kept")
    with psycopg.connect(uri) as connection:
        connection.execute("CREATE TABLE runs AS SELECT 1 AS run")
    (tmp_path / "bad.dump").write_bytes(b"PGDMP damaged")
    done = subprocess.run([DEPLOY / "restore", tmp_path / "bad.dump"], env=environment, check=False)
    assert done.returncode != 0
    assert not (tmp_path / "calls").exists()
    with psycopg.connect(uri) as connection:
        assert connection.execute("SELECT run FROM runs").fetchall() == [(1,)]


def test_a_backup_that_fails_leaves_no_file(environment: dict[str, str], tmp_path: Path) -> None:
    """Half a backup is none."""
    file = tmp_path / "mlflow.dump"
    done = subprocess.run(
        [DEPLOY / "backup", file], env=environment | {"PGDATABASE": "nothing"}, check=False
    )
    assert done.returncode != 0
    assert not file.exists()
