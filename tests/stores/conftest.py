"""The stores that a team may have, each for real."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
from _pytest.mark import ParameterSet
from moto.server import ThreadedMotoServer

from tests.forked import Loaded
from tests.mlflow_server import MlflowServer
from tests.servers import Postgres
from tests.stores.compose import DEPLOY, compose
from tests.templates import empty_store

SERVERS = pytest.mark.xdist_group("servers")
KINDS: Mapping[str, Sequence[pytest.MarkDecorator]] = {
    "sqlite": (),
    "server-sqlite": (SERVERS,),
    "postgresql": (SERVERS,),
    "server-postgresql": (pytest.mark.soak,),
    "compose": (SERVERS,),
}
"""The composed server is one over PostgreSQL, too, and with users and an object store."""
SECRETS = {
    "POSTGRES_PASSWORD": "the-database",
    "S3_PASSWORD": "the-objects",
    "MLFLOW_ADMIN_PASSWORD": "the-administrator",
    "MLFLOW_SECRET_KEY": "the-sessions",
}


def kinds(soak: Collection[str] = ()) -> list[ParameterSet]:
    """Return the kinds of stores as parameters; those named are for ``make soak`` alone."""
    return [
        pytest.param(kind, marks=[*marks, *[pytest.mark.soak] * (kind in soak)])
        for kind, marks in KINDS.items()
    ]


@dataclass(frozen=True)
class Store:
    """A tracking URI, what else a client must have in its environment, and how it goes down."""

    uri: str
    environment: Mapping[str, str] = field(default_factory=dict)
    stop: Callable[[], None] | None = None
    start: Callable[[], None] | None = None


@pytest.fixture(scope="session")
def s3() -> Iterator[Mapping[str, str]]:
    """Return the environment of a client of an S3 store with the bucket ``mlflow``."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    environment = {
        "MLFLOW_S3_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "mlflow",
        "AWS_SECRET_ACCESS_KEY": SECRETS["S3_PASSWORD"],
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    boto3.client(
        "s3",
        endpoint_url=environment["MLFLOW_S3_ENDPOINT_URL"],
        aws_access_key_id="mlflow",
        aws_secret_access_key=SECRETS["S3_PASSWORD"],
        region_name="us-east-1",
    ).create_bucket(Bucket="mlflow")
    yield environment
    server.stop()


@pytest.fixture(scope="module", params=kinds())
def store(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    loaded: Loaded,
) -> Iterator[Store]:
    """Return one store after the other."""
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "sqlite":
        yield Store(f"sqlite:///{folder}/mlruns.db")
    elif request.param == "postgresql":
        postgres: Postgres = request.getfixturevalue("postgres")
        uri = postgres.create_database("direct")
        yield Store(uri, {}, postgres.stop, postgres.start)
    elif request.param == "server-sqlite":
        s3 = request.getfixturevalue("s3")
        shutil.copyfile(empty_store(tmp_path_factory), folder / "mlflow.db")
        database = ("--backend-store-uri", f"sqlite:///{folder}/mlflow.db")
        artifacts = ("--no-serve-artifacts", "--default-artifact-root", "s3://mlflow/direct")
        yield from _served(MlflowServer(loaded, folder, (*database, *artifacts)), s3)
    elif request.param == "server-postgresql":
        uri = request.getfixturevalue("postgres").create_database("served")
        kept = ("--serve-artifacts", "--artifacts-destination", str(folder / "kept"))
        options = ("--backend-store-uri", uri, *kept)
        yield from _served(MlflowServer(loaded, folder, options), {})
    else:
        services = map(request.getfixturevalue, ("postgres", "s3"))
        server = composed(loaded, folder, *services)
        user = {
            "MLFLOW_TRACKING_USERNAME": "admin",
            "MLFLOW_TRACKING_PASSWORD": SECRETS["MLFLOW_ADMIN_PASSWORD"],
        }
        yield from _served(server, user)


def composed(
    loaded: Loaded, folder: Path, postgres: Postgres, s3: Mapping[str, str]
) -> MlflowServer:
    """Return the server of ``deploy/``: its command and environment, only addresses are others."""
    postgres.create_database("mlflow")
    service: dict[str, Any] = compose(SECRETS)["services"]["mlflow"]
    assert service["command"][0] == "server"
    elsewhere = ("--host", "--port", "--workers")
    options = [word for word in service["command"][1:] if not word.startswith(elsewhere)]
    environment = service["environment"] | postgres.environment("mlflow")
    environment["MLFLOW_S3_ENDPOINT_URL"] = s3["MLFLOW_S3_ENDPOINT_URL"]
    environment["MLFLOW_AUTH_CONFIG_PATH"] = str(DEPLOY / "basic_auth.ini")
    return MlflowServer(loaded, folder, options, environment)


def _served(server: MlflowServer, environment: Mapping[str, str]) -> Iterator[Store]:
    server.start()
    yield Store(server.uri, environment, server.kill, server.start)
    server.stop()
