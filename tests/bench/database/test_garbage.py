"""Deleted runs and their removal for good, on SQLite and PostgreSQL."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy

from bench.database import garbage
from bench.errors import TrackingError

Insert = Callable[..., None]
DAY_S = 86400


@pytest.fixture(autouse=True)
def _emptied(database_uri: str) -> Iterator[None]:
    yield
    engine = sqlalchemy.create_engine(database_uri, poolclass=sqlalchemy.NullPool)
    with engine.begin() as connection:
        for table in ("tags", "latest_metrics", "input_tags", "inputs", "runs"):
            connection.exec_driver_sql(f"DELETE FROM {table}")


@pytest.fixture
def add_run(insert: Insert, tmp_path: Path) -> Callable[..., Path]:
    """Return a function that adds a run with tags, metrics, an input and an artifact."""

    def add(run_id: str, *, deleted_s_ago: float | None = 0.0, uri: str | None = None) -> Path:
        folder = tmp_path / "mlruns" / "1" / run_id / "artifacts"
        folder.mkdir(parents=True)
        (folder / "solver.log").write_bytes(b"x" * garbage.MIB)
        stage = {"lifecycle_stage": "active", "deleted_time": None}
        if deleted_s_ago is not None:
            moment = round(1000 * (time.time() - deleted_s_ago))
            stage = {"lifecycle_stage": "deleted", "deleted_time": moment}  # type: ignore[dict-item]
        at = {"artifact_uri": folder.as_uri() if uri is None else uri}
        insert("runs", {"run_uuid": run_id, "name": f"run {run_id}", **stage, **at})
        insert("tags", {"run_uuid": run_id, "key": "k", "value": "v"})
        metric = {"key": "m", "value": 1.0, "is_nan": False, "step": 0, "timestamp": 0}
        insert("latest_metrics", {"run_uuid": run_id, **metric})
        source = {"source_type": "DATASET", "source_id": "data", "destination_type": "RUN"}
        insert("inputs", {"input_uuid": f"in {run_id}", **source, "destination_id": run_id})
        insert("input_tags", {"input_uuid": f"in {run_id}", "name": "n", "value": "v"})
        return folder

    return add


def mentions(uri: str, run_id: str) -> int:
    """Return in how many rows of the whole database a run is mentioned."""
    engine = sqlalchemy.create_engine(uri, poolclass=sqlalchemy.NullPool)
    with engine.connect() as connection:
        tables = sqlalchemy.inspect(connection).get_table_names()
        rows = [
            row for table in tables for row in connection.exec_driver_sql(f"SELECT * FROM {table}")
        ]
    return sum(run_id in str(tuple(row)) for row in rows)


def collect(uri: str, older_than_s: float = 0.0) -> int:
    """Remove what there is and return how many runs that were."""
    with garbage.writing(uri) as connection:
        return sum(garbage.remove(connection, garbage.find(connection, older_than_s)))


def test_deleted_runs_go_with_all_that_refers_to_them(
    database_uri: str, add_run: Callable[..., Path]
) -> None:
    """No row mentions them any more and their folders are gone; active runs are untouched."""
    gone, kept = add_run("gone"), add_run("kept", deleted_s_ago=None)
    before = mentions(database_uri, "kept")
    assert collect(database_uri) == 1
    assert mentions(database_uri, "gone") == 0
    assert not gone.parent.exists()
    assert mentions(database_uri, "kept") == before == 5
    assert kept.is_dir()
    assert collect(database_uri) == 0


def test_runs_deleted_lately_are_left(database_uri: str, add_run: Callable[..., Path]) -> None:
    """The age counts from the deletion."""
    add_run("old", deleted_s_ago=31 * DAY_S)
    add_run("new", deleted_s_ago=29 * DAY_S)
    assert collect(database_uri, 30 * DAY_S) == 1
    assert mentions(database_uri, "old") == 0
    assert mentions(database_uri, "new") == 5


def test_it_is_known_beforehand_what_would_go(
    database_uri: str, add_run: Callable[..., Path]
) -> None:
    """Name, folder and size; finding changes nothing."""
    folder = add_run("gone")
    with garbage.writing(database_uri) as connection:
        (found,) = garbage.find(connection)
    assert (found.run_id, found.name, found.folder) == ("gone", "run gone", folder)
    assert found.size_mib == 1.0
    assert folder.is_dir()


def test_more_runs_than_one_batch_all_go(database_uri: str, insert: Insert) -> None:
    """A number is given after each batch."""
    n_runs = 2 * garbage.BATCH + 1
    insert("runs", *({"run_uuid": str(n), "lifecycle_stage": "deleted"} for n in range(n_runs)))
    with garbage.writing(database_uri) as connection:
        batches = list(garbage.remove(connection, garbage.find(connection)))
    assert batches == [garbage.BATCH, garbage.BATCH, 1]


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        ("s3://key:geheim@bucket/1/run/artifacts", "its artifacts are at s3:; mlflow gc"),
        ("mlflow-artifacts:/1/run/artifacts", "mlflow gc can reach them"),
        ("{tmp}/precious", "not an artifact folder of this run"),
        ("file://{tmp}/precious", "not an artifact folder of this run"),
        ("{tmp}/precious/run/../../precious/run/artifacts", "not an artifact folder of this run"),
        ("{tmp}/link/run/artifacts", "not an artifact folder of this run"),
    ],
)
def test_a_folder_that_is_not_the_runs_own_is_never_touched(
    database_uri: str, add_run: Callable[..., Path], tmp_path: Path, uri: str, words: str
) -> None:
    """Whatever stands in the database; such a run is kept and the reason is said."""
    precious = tmp_path / "precious" / "run" / "artifacts"
    precious.mkdir(parents=True)
    (tmp_path / "link").mkdir()
    (tmp_path / "link" / "run").symlink_to(precious.parent)
    add_run("run", uri=uri.format(tmp=tmp_path))
    with garbage.writing(database_uri) as connection:
        (found,) = garbage.find(connection)
        assert words in found.obstacle
        assert "geheim" not in found.obstacle
        assert list(garbage.remove(connection, [found])) == []
    assert precious.is_dir()
    assert mentions(database_uri, "in run") == 2


def test_a_run_restored_meanwhile_stays(database_uri: str, add_run: Callable[..., Path]) -> None:
    """Between the look and the removal somebody wanted it back."""
    folder = add_run("back")
    with garbage.writing(database_uri) as connection:
        found = garbage.find(connection)
        connection.exec_driver_sql("UPDATE runs SET lifecycle_stage = 'active'")
        assert sum(garbage.remove(connection, found)) == 0
    assert folder.is_dir()


@pytest.mark.slow
def test_vacuum_gives_space_back(database_uri: str, insert: Insert) -> None:
    """The SQLite file becomes smaller; PostgreSQL keeps its own books."""
    path = Path(database_uri.removeprefix("sqlite:///"))
    empty = path.stat().st_size if path.is_file() else 0
    insert("runs", *({"run_uuid": f"{n:032}", "lifecycle_stage": "deleted"} for n in range(9000)))
    collect(database_uri)
    full = path.stat().st_size if path.is_file() else 0
    with garbage.writing(database_uri) as connection:
        garbage.vacuum(connection)
    assert not full or path.stat().st_size - empty < (full - empty) / 2


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    """It has no runs."""
    (tmp_path / "empty.db").touch()
    with (
        pytest.raises(TrackingError, match="not a database of MLflow"),
        garbage.writing(f"sqlite:///{tmp_path}/empty.db"),
    ):
        pass
