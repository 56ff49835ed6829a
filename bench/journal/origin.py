"""The origin of a campaign's results: what MLflow's runs say that neither plan nor journal has.

It is kept beside the journal as ``origin.json``, so that a later process can deliver as well.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from bench.errors import TrackingError
from bench.instances.instance_set import InstanceSet
from bench.model.setting import ParameterValue
from bench.model.task import Task
from bench.store.run_keys import group_of
from bench.store.uri import without_credentials

ORIGIN = "origin.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedSession:
    """One process that executed tasks: since when (seconds since the epoch), where, with what."""

    started_at: float
    provenance: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a campaign's runs belong, and under which circumstances its results came about.

    ``tracking_uri`` has no credentials; ``run_id`` is that of a run made by ``mlflow run``.
    ``templates`` has one task of each setting. ``params`` and ``files`` go to the sweep run.
    ``tasks_in_mlflow`` says whether each task has a run of its own.
    """

    tracking_uri: str
    experiment: str | None
    run_id: str | None
    instance_set: InstanceSet
    templates: tuple[Task, ...]
    sessions: tuple[RecordedSession, ...]
    params: Mapping[str, ParameterValue | None] = field(default_factory=dict)
    files: tuple[Path, ...] = ()
    tasks_in_mlflow: bool = True

    def provenance_at(self, moment: float) -> dict[str, str]:
        """Return the tags of the session that was going on then (seconds since the epoch)."""
        before = [session for session in self.sessions if session.started_at <= moment]
        return dict((before or self.sessions)[-1].provenance) if self.sessions else {}


def begin(  # noqa: PLR0913 - an origin has this many sides
    folder: Path,
    *,
    tracking_uri: str,
    experiment: str | None,
    run_id: str | None,
    instance_set: InstanceSet,
    tasks: Iterable[Task],
    session: RecordedSession,
    params: Mapping[str, ParameterValue | None] | None = None,
    files: Iterable[Path] = (),
    tasks_in_mlflow: bool | None = None,
) -> Origin:
    """Write down, before the first task, where results belong; earlier sessions are kept.

    ``tasks`` are all the planned ones; ``tasks_in_mlflow`` None is as before, at first yes. The
    caller holds the journal's lock. TrackingError if the
    file cannot be written.
    """
    earlier = read(folder)
    origin = Origin(
        tracking_uri=without_credentials(tracking_uri),
        experiment=experiment,
        run_id=run_id or (earlier.run_id if earlier else None),
        instance_set=instance_set,
        templates=tuple({group_of(task): task for task in tasks}.values()),
        sessions=(*(earlier.sessions if earlier else ()), session),
        params=dict(params or {}),
        files=tuple(path.absolute() for path in files),
        tasks_in_mlflow=(
            earlier is None or earlier.tasks_in_mlflow
            if tasks_in_mlflow is None
            else tasks_in_mlflow
        ),
    )
    _write(folder / ORIGIN, origin)
    return origin


def read(folder: Path) -> Origin | None:
    """Return the origin of a campaign's results, None where there is none or it is damaged.

    Without it results can be delivered all the same, less well described.
    """
    try:
        return TypeAdapter(Origin).validate_json((folder / ORIGIN).read_bytes())
    except (OSError, ValidationError):
        return None


def _write(path: Path, origin: Origin) -> None:
    half = path.with_suffix(f".{os.getpid()}")
    try:
        with half.open("w", encoding="utf-8") as file:
            json.dump(asdict(origin), file, default=str)
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)
    except OSError as error:
        half.unlink(missing_ok=True)
        raise TrackingError(f"cannot write {path}: {error.strerror or error}") from error
