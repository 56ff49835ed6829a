"""Stores that cannot be used: one line that says what to do, and nothing is lost."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from mlflow import MlflowClient

from bench.errors import TrackingError
from bench.tracking.mlflow_store import MlflowStore
from tests.servers import Postgres, free_port

Bench = Callable[..., Any]

pytestmark = pytest.mark.xdist_group("servers")


@pytest.mark.parametrize("driver", ["postgresql", "postgresql+psycopg2"])
@pytest.mark.parametrize(
    ("who", "database", "advice"),
    [
        ("bench:wrong", "postgres", "refuses user or password"),
        ("nobody:wrong", "postgres", "refuses user or password"),
        ("bench", "postgres", "refuses user or password"),
        (
            "bench:QUOTED",
            "nothing",
            "create it with: createdb --host 127.0.0.1 --port PORT nothing",
        ),
        ("reader:reader", "postgres", "no permission for schema public"),
    ],
)
def test_a_database_that_refuses_says_why_at_once(
    postgres: Postgres, driver: str, who: str, database: str, advice: str
) -> None:
    """MLflow would try again for minutes; neither user nor password is repeated."""
    with psycopg.connect(postgres.uri("postgres"), autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS reader")
        connection.execute("CREATE ROLE reader LOGIN PASSWORD 'reader'")
    where = postgres.uri(database).partition("@")
    user = where[0].removeprefix("postgresql://") if who.endswith("QUOTED") else who
    with pytest.raises(TrackingError) as caught:
        MlflowStore(f"{driver}://{user}@{where[2]}", "e")
    said = str(caught.value)
    assert advice.replace("PORT", str(postgres.port)) in said
    assert user not in said
    assert "\n" not in said


@pytest.mark.parametrize("driver", ["postgresql", "postgresql+psycopg2"])
def test_a_database_server_that_is_down_is_named_at_once(driver: str) -> None:
    """MLflow would try again for minutes."""
    with pytest.raises(TrackingError, match="the server does not answer"):
        MlflowStore(f"{driver}://bench:secret@127.0.0.1:{free_port()}/runs", "e")


@pytest.mark.slow
def test_what_is_said_about_a_missing_database_helps(
    postgres: Postgres, bench: Bench, knapsack: Path
) -> None:
    """Its command creates the database, and `bench sync` delivers."""
    env = {"MLFLOW_TRACKING_URI": postgres.uri("forgotten")}
    done = bench("run", knapsack, "--solver", "fake", env=env, code=1)
    line = done.err.strip().splitlines()[-1]
    assert "; no result is lost, upload them later with: bench sync " in line
    command = line.partition("create it with: ")[2].partition(";")[0]
    subprocess.run(command.split(), env=os.environ | postgres.environment("postgres"), check=True)
    (synced,) = bench("sync", "--json", env=env).json
    assert synced["new"] == 1


@pytest.mark.slow
def test_artifacts_on_hdfs_without_hadoop_are_one_line(
    bench: Bench, knapsack: Path, tmp_path: Path
) -> None:
    """It says what is missing here, and how to do without; the result is kept."""
    uri = f"sqlite:///{tmp_path}/mlflow.db"
    MlflowStore(uri, None)
    MlflowClient(uri).create_experiment("far", "hdfs://127.0.0.1:1/mlflow")
    done = bench("run", knapsack, "--solver", "fake", "--experiment-name", "far", code=1)
    line = done.err.strip().splitlines()[-1]
    assert "JAVA_HOME, HADOOP_HOME, CLASSPATH" in line
    assert "mlflow server --artifacts-destination hdfs://" in line
    assert "bench sync" in line
