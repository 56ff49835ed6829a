"""Deleted runs, which MLflow keeps until they are removed for good."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import sqlalchemy
from sqlalchemy import (
    BigInteger,
    Connection,
    MetaData,
    Table,
    column,
    delete,
    event,
    func,
    or_,
    select,
    table,
)

from bench.database.database import database_uri, engine, failing_clearly, has_table
from bench.errors import TrackingError
from bench.store.uri import mask

BATCH = 100
MIB = 2**20

_RUNS = table(
    "runs",
    *map(column, ("run_uuid", "name", "lifecycle_stage", "artifact_uri")),
    column("deleted_time", BigInteger),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletedRun:
    """A deleted run. ``folder`` has its artifacts, if there are any on this machine.

    ``obstacle`` is the reason why it cannot be removed here, or empty.
    """

    run_id: str
    name: str
    folder: Path | None = None
    obstacle: str = ""

    @property
    def size_mib(self) -> float:
        """The size of its artifacts on disk."""
        files = self.folder.rglob("*") if self.folder else ()
        return sum(file.lstat().st_size for file in files if not file.is_dir()) / MIB


@contextmanager
def writing(uri: str | None) -> Iterator[Connection]:
    """Connect to the database behind a tracking URI; each statement is committed by the caller.

    TrackingError as for reading, and if the database has none of MLflow's tables.
    """
    resolved = database_uri(uri)
    with failing_clearly(resolved):
        connecting = engine(resolved, "rw")
        if connecting.dialect.name == "sqlite":
            event.listen(connecting, "connect", _enforce_foreign_keys)
        with connecting.connect() as connection:
            if not has_table(connection, "runs"):
                raise TrackingError("not a database of MLflow: it has no table runs")
            yield connection


def find(connection: Connection, older_than_s: float = 0.0) -> list[DeletedRun]:
    """Return the runs that were deleted at least this many seconds ago, the oldest first."""
    deleted_ms = func.coalesce(_RUNS.c.deleted_time, 0)
    chosen = (
        select(_RUNS.c.run_uuid, _RUNS.c.name, _RUNS.c.artifact_uri)
        .where(_RUNS.c.lifecycle_stage == "deleted")
        .where(deleted_ms <= round(1000 * (time.time() - older_than_s)))
        .order_by(deleted_ms, _RUNS.c.run_uuid)
    )
    return [_deleted_run(*row) for row in connection.execute(chosen)]


def remove(connection: Connection, found: Sequence[DeletedRun]) -> Iterator[int]:
    """Remove runs with their artifacts for good; yield the number removed after each batch.

    The files are removed first, so that after an interrupt the run is found again. Rows that refer
    to a run are removed with it. A run that was restored in the meantime is kept. Raise
    TrackingError for files that cannot be removed.
    """
    children = _children(connection)
    removable = [garbage for garbage in found if not garbage.obstacle]
    for start in range(0, len(removable), BATCH):
        batch = {garbage.run_id: garbage for garbage in removable[start : start + BATCH]}
        still = select(_RUNS.c.run_uuid).where(
            _RUNS.c.run_uuid.in_(batch), _RUNS.c.lifecycle_stage == "deleted"
        )
        run_ids = list(connection.execute(still).scalars())
        for run_id in run_ids:
            _remove_files(batch[run_id].folder)
        _remove_inputs(connection, run_ids)
        for child, field in children:
            connection.execute(delete(child).where(child.c[field].in_(run_ids)))
        connection.execute(delete(_RUNS).where(_RUNS.c.run_uuid.in_(run_ids)))
        connection.commit()
        yield len(run_ids)


def vacuum(connection: Connection) -> None:
    """Return the space of removed rows to the file system; no other process may be writing."""
    connection.rollback()
    connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("VACUUM")


def _deleted_run(run_id: str, name: str | None, artifact_uri: str | None) -> DeletedRun:
    parts = urlsplit(artifact_uri or "")
    if artifact_uri and parts.scheme not in {"", "file"}:
        where = f"{mask(artifact_uri).partition(':')[0]}:"
        reason = f"its artifacts are at {where}; mlflow gc can reach them"
        return DeletedRun(run_id=run_id, name=name or "", obstacle=reason)
    folder = Path(unquote(parts.path) if parts.scheme else artifact_uri or "")
    if not artifact_uri or not folder.is_dir():
        return DeletedRun(run_id=run_id, name=name or "")
    if not _is_of_run(folder, run_id):
        reason = f"{folder} is not an artifact folder of this run"
        return DeletedRun(run_id=run_id, name=name or "", obstacle=reason)
    return DeletedRun(run_id=run_id, name=name or "", folder=folder)


def _is_of_run(folder: Path, run_id: str) -> bool:
    """Return whether a folder is ``<anything>/<run_id>/artifacts``, as MLflow creates them."""
    return (
        folder.is_absolute()
        and folder.parts[-2:] == (run_id, "artifacts")
        and ".." not in folder.parts
        and not folder.is_symlink()
        and not folder.parent.is_symlink()
    )


def _remove_files(folder: Path | None) -> None:
    if folder is None:
        return
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        return
    except OSError as error:
        raise TrackingError(f"{error.filename}: cannot be removed: {error.strerror}") from error
    with suppress(OSError):
        folder.parent.rmdir()


def _remove_inputs(connection: Connection, run_ids: Sequence[str]) -> None:
    """Remove the links from runs to datasets and models, stored without foreign keys."""
    if not has_table(connection, "inputs"):
        return
    inputs, tags = (
        table("inputs", *map(column, ("input_uuid", "source_id", "destination_id"))),
        table("input_tags", column("input_uuid")),
    )
    of_runs = or_(inputs.c.source_id.in_(run_ids), inputs.c.destination_id.in_(run_ids))
    chosen = select(inputs.c.input_uuid).where(of_runs)
    connection.execute(delete(tags).where(tags.c.input_uuid.in_(chosen)))
    connection.execute(delete(inputs).where(of_runs))


def _children(connection: Connection) -> list[tuple[Table, str]]:
    """Return the tables whose rows belong to a run and are not removed with it automatically."""
    look = sqlalchemy.inspect(connection)
    found = []
    for (_, name), keys in look.get_multi_foreign_keys().items():
        for key in keys:
            if key["referred_table"] == "runs" and not key["options"].get("ondelete"):
                child = Table(name, MetaData(), autoload_with=connection, resolve_fks=False)
                found.append((child, key["constrained_columns"][0]))
    return found


def _enforce_foreign_keys(connection: object, _: object) -> None:
    connection.execute("PRAGMA foreign_keys=ON")  # type: ignore[attr-defined]
