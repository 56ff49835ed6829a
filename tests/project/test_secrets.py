"""No secret is ever written: tokens are planted wherever users have them, and searched for."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pyarrow.parquet
import pytest

from tests.commands import as_process, in_process
from tests.conftest import KNAPSACK
from tests.templates import made_once

pytestmark = pytest.mark.slow

SECRET = "geheim"  # noqa: S105 - in planted tokens only
"""Every planted token has it."""
ENVIRONMENT = {
    "MLFLOW_TRACKING_USERNAME": "someone",
    "MLFLOW_TRACKING_PASSWORD": "geheim1",
    "MLFLOW_TRACKING_TOKEN": "geheim2",
    "AWS_SECRET_ACCESS_KEY": "geheim3",
    "MY_API_TOKEN": "geheim4",
}
DOTENV = "PGPASSWORD=geheim5\nOTHER_TOKEN=geheim6\n"
SERVER = "http://user:geheim7@127.0.0.1:9/?access_token=geheim8"
POSTGRESQL = "postgresql://user:geheim9/@127.0.0.1:9/x?password=geheim10&connect_timeout=1"
COMMANDS = [
    ("run", "knapsack.mps", "--json", "--tracking-uri", SERVER),
    ("sweep", "knapsack.mps", "-p", "limits/gap=0,0.1", "--name=mine", f"--tracking-uri={SERVER}"),
    ("plan", "knapsack.mps", "--json"),
    ("status", "mine", "--json"),
    ("doctor", "--json", "--tracking-uri", SERVER),
    ("doctor", "--tracking-uri", POSTGRESQL),
    ("verify", "knapsack.mps", "knapsack.sol"),
    ("db", "tables", "--tracking-uri", POSTGRESQL),
    ("sync", "--tracking-uri", SERVER, "--json"),
    ("import", "old.csv", "--name", "old", "--tracking-uri", SERVER, "--json"),
    ("sync", "--tracking-uri", "sqlite:///mlflow.db", "--json"),
    ("db", "runs"),
    ("show", "knapsack", "--sweep", "mine"),
    ("export", "mine", "-o", "mine.csv"),
    ("compare", "mine", "--force", "--json"),
    ("check", "mine"),
]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder in which all commands were executed, with what they printed."""
    return made_once(tmp_path_factory, "secrets", _write)


def _write(folder: Path) -> None:
    (folder / "knapsack.mps").write_text(KNAPSACK)
    (folder / "knapsack.sol").write_text("a 1\nc 1\n")
    (folder / "old.csv").write_text("instance,setting,time,status\nk,default,1,ok\n")
    (folder / ".env").write_text(DOTENV)
    for number, command in enumerate(COMMANDS):
        execute = in_process if number else as_process  # the fork server's environment, too
        done = execute(folder, *command, env=ENVIRONMENT, code=None)
        (folder / f"{number} {command[0]}.out").write_text(done.out + done.err)
    (folder / ".env").unlink()


def texts(path: Path) -> Iterator[bytes]:
    """Yield what stands in a file, also what is compressed in it."""
    yield path.read_bytes()
    if path.suffix == ".parquet":
        yield str(pyarrow.parquet.read_table(path).to_pydict()).encode()


def test_all_that_was_to_be_written_was_written(written: Path) -> None:
    """Otherwise there would be nothing to search."""
    with closing(sqlite3.connect(written / "mlflow.db")) as store:
        kinds = store.execute("SELECT value FROM tags WHERE key = 'bench.kind'").fetchall()
        (command,) = store.execute("SELECT value FROM tags WHERE key = 'bench.command'").fetchone()
    assert sorted(kinds) == [("setting",)] * 4 + [("sweep",)] * 2
    assert "--tracking-uri" in command
    names = {path.name for path in written.rglob("*")}
    assert {"solver.log", "origin.json", "sweep.json", "results.parquet"} <= names
    assert "***@127.0.0.1:9" in (written / "0 run.out").read_text()


def test_no_secret_is_in_any_file_log_table_tag_or_message(written: Path) -> None:
    """Whatever bench printed, kept in its folder, or recorded in MLflow."""
    files = [path for path in written.rglob("*") if path.is_file()]
    assert [path for path in files for text in texts(path) if SECRET.encode() in text] == []
