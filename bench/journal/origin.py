"""The origin of a campaign's results: data on MLflow's runs that neither plan nor journal has.

It is stored next to the journal as ``origin.json``, so that a later process can upload as well.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from bench.errors import TrackingError
from bench.instances.instance_set import InstanceSet
from bench.journal.inside import inside
from bench.model.numbers import KnownMoment
from bench.model.record_level import RecordLevel
from bench.model.setting import ParameterValue
from bench.model.task import Task
from bench.model.whole_files import written_whole
from bench.store.experiment import ExperimentRequest, KnownExperiment
from bench.store.run_keys import group_of
from bench.store.uri import without_credentials

if TYPE_CHECKING:
    from pydantic import TypeAdapter

ORIGIN = "origin.json"
DECLARED = "declared"
"""The folder with copies of the files that declare a sweep: sweep file and ``.set`` files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedSession:
    """A process that executed tasks: its start (seconds since the epoch), place, versions."""

    started_at: KnownMoment
    provenance: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignIdentity:
    """The identity of a campaign, so that it can be recognised if its plan is lost.

    The fields are those of `bench.journal.manifest.Manifest`.
    """

    campaign_id: str
    name: str
    kind: str
    command: tuple[str, ...]
    created_at: KnownMoment


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a campaign's runs belong, and the circumstances of its results.

    ``tracking_uri`` has no credentials. ``experiment`` and ``experiment_id`` are the requested
    experiment, ``used_experiment`` is that of the records. ``run_id`` is a run created by ``mlflow
    run``. ``templates`` has one task of each setting. ``params`` and ``files`` are for the sweep
    run; ``files`` are copies, next to the journal, of the files that declare the sweep.
    ``identity`` is None in files of an earlier version of bench. ``tasks_in_mlflow``: each task has
    a run of its own. ``record`` is the level of what may be uploaded to MLflow.
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
    record: RecordLevel = RecordLevel.ALL
    experiment_id: str | None = None
    used_experiment: KnownExperiment | None = None
    identity: CampaignIdentity | None = None

    @property
    def experiment_request(self) -> ExperimentRequest:
        """The experiment that results were meant for, in a form that finds it again."""
        return ExperimentRequest(
            name=self.experiment,
            experiment_id=self.experiment_id,
            used_before=self.used_experiment,
        )

    def is_meant_for(self, uri: str, experiment: ExperimentRequest) -> bool:
        """Return whether results were meant for this store and experiment request."""
        asked = (experiment.name, experiment.experiment_id)
        return (
            self.tracking_uri == without_credentials(uri)
            and (self.experiment, self.experiment_id) == asked
        )

    def provenance_at(self, moment: float) -> dict[str, str]:
        """Return the tags of the session at this time (seconds since the epoch)."""
        before = [session for session in self.sessions if session.started_at <= moment]
        return dict((before or self.sessions)[-1].provenance) if self.sessions else {}


def begin(  # noqa: PLR0913 - an origin has this many sides
    folder: Path,
    *,
    tracking_uri: str,
    experiment: ExperimentRequest,
    run_id: str | None,
    instance_set: InstanceSet,
    tasks: Iterable[Task],
    session: RecordedSession,
    params: Mapping[str, ParameterValue | None] | None = None,
    files: Iterable[Path] = (),
    identity: CampaignIdentity | None = None,
    tasks_in_mlflow: bool | None = None,
    record: RecordLevel | None = None,
) -> Origin:
    """Store, before the first task, where results belong; earlier sessions are kept.

    ``tasks`` are all the planned ones; None for ``tasks_in_mlflow`` and ``record`` keeps the
    earlier values, at first yes and all. The caller holds the journal's lock. Raise TrackingError
    if the file cannot be written.
    """
    earlier = read(folder)
    again = earlier is not None and earlier.is_meant_for(tracking_uri, experiment)
    origin = Origin(
        tracking_uri=without_credentials(tracking_uri),
        experiment=experiment.name,
        experiment_id=experiment.experiment_id,
        used_experiment=earlier.used_experiment if earlier and again else None,
        run_id=run_id or (earlier.run_id if earlier else None),
        instance_set=instance_set,
        templates=tuple({group_of(task): task for task in tasks}.values()),
        sessions=(*(earlier.sessions if earlier else ()), session),
        params=dict(params or {}),
        files=tuple(_copied(path, folder / DECLARED) for path in files),
        identity=identity,
        tasks_in_mlflow=(
            earlier is None or earlier.tasks_in_mlflow
            if tasks_in_mlflow is None
            else tasks_in_mlflow
        ),
        record=record or (earlier.record if earlier else RecordLevel.ALL),
    )
    _write(folder / ORIGIN, origin)
    return replace(origin, files=tuple(_inside(folder, origin.files)))


def read(folder: Path) -> Origin | None:
    """Return the origin of a campaign's results, None if there is none or it is damaged.

    Without it, results can still be uploaded, with less data. Files outside the work folder are
    left out.
    """
    try:
        content = (folder / ORIGIN).read_bytes()
    except OSError:
        return None
    from pydantic import ValidationError  # noqa: PLC0415 - 0.1 s, not to plan anew

    try:
        origin = _adapter().validate_json(content)
    except ValidationError:
        return None
    return replace(origin, files=tuple(_inside(folder, origin.files)))


@cache
def _adapter() -> TypeAdapter[Origin]:
    from pydantic import TypeAdapter  # noqa: PLC0415 - see read

    return TypeAdapter(Origin)


def identity_of(folder: Path) -> CampaignIdentity | None:
    """Return the identity of the campaign in a folder, None if it is unknown."""
    found = read(folder)
    return found.identity if found else None


def _inside(folder: Path, files: Iterable[Path]) -> Iterator[Path]:
    for path in files:
        with suppress(ValueError):
            found = inside(folder.parent, folder.absolute() / path)
            if not found.is_symlink():
                yield found


def _copied(path: Path, folder: Path) -> Path:
    copy = folder / path.name
    try:
        folder.mkdir(exist_ok=True)
        copy.unlink(missing_ok=True)
        shutil.copyfile(path, copy)
    except OSError as error:
        raise TrackingError(f"cannot copy {path} to {copy}: {error.strerror or error}") from error
    return copy.relative_to(folder.parent)


def remember_experiment(folder: Path, used: KnownExperiment) -> None:
    """Store the experiment of the records. The caller holds the journal's lock."""
    origin = read(folder)
    if origin is not None and origin.used_experiment != used:
        _write(folder / ORIGIN, replace(origin, used_experiment=used))


def forget_run(folder: Path, run_id: str | None) -> None:
    """Store that a run is not the campaign's own. The caller holds the journal's lock."""
    origin = read(folder)
    if origin is not None and origin.run_id == run_id:
        _write(folder / ORIGIN, replace(origin, run_id=None))


def _relative(files: Iterable[Path], folder: Path) -> list[Path]:
    """Return the files as they are stored: relative if they are in the folder."""
    here = folder.absolute()
    return [path.relative_to(here) if path.is_relative_to(here) else path for path in files]


def _write(path: Path, origin: Origin) -> None:
    content = asdict(origin) | {"files": _relative(origin.files, path.parent)}
    try:
        with written_whole(path) as partial, partial.open("w", encoding="utf-8") as file:
            json.dump(content, file, default=str)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise TrackingError(f"cannot write {path}: {error.strerror or error}") from error
