"""The manifest: the plan of a campaign, next to its journal as ``sweep.json``."""

from __future__ import annotations

import difflib
import json
import re
import shlex
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from bench.errors import TrackingError, UsageError
from bench.instances.labels import listed
from bench.journal.journal import JOURNAL
from bench.model.looks import Looks
from bench.model.numbers import KnownMoment
from bench.model.planned_task import PlannedTask
from bench.model.record_level import RecordLevel
from bench.model.setting import Setting
from bench.model.whole_files import written_whole

if TYPE_CHECKING:
    from pydantic import TypeAdapter

MANIFEST = "sweep.json"
DAMAGED = "sweep.json.damaged"
"""The copy of a damaged manifest, next to its replacement."""
_ID = re.compile(rb'"campaign_id": ?"([0-9a-f]{32})"')


_REBUILT = "the command that started the sweep writes it again, and keeps the results"


class DamagedManifestError(UsageError):
    """A manifest that cannot be used; the command of its sweep creates another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A campaign as it was last planned.

    ``campaign_id`` stays the same while the campaign is continued; MLflow's runs have it.
    ``record`` is the level of what may be uploaded to MLflow. ``command`` is the user's command
    line as words, in the folder ``directory`` (None in plans of earlier versions of bench);
    ``created_at`` is seconds since the epoch. ``looks`` are those of a sweep that runs until it is
    decided, else None. ``growing``: more tasks are planned once these have a result.
    """

    campaign_id: str
    name: str
    kind: str
    command: tuple[str, ...]
    created_at: KnownMoment
    jobs: int
    instance_set: str
    baseline: str | None
    settings: tuple[Setting, ...]
    tasks: tuple[PlannedTask, ...]
    record: RecordLevel = RecordLevel.ALL
    directory: str | None = None
    growing: bool = False
    looks: Looks | None = None

    @property
    def is_decided(self) -> bool:
        """Whether a look has ended the sweep, so that no task is left."""
        return self.looks is not None and self.looks.stopped_at is not None


def continuing(command: Sequence[str]) -> str:
    """Return the command that continues a campaign, without the options that start it again."""
    return shlex.join(word for word in command if word != "--fresh")


def write(folder: Path, manifest: Manifest) -> None:
    """Write the manifest completely, or leave the file unchanged."""
    path = folder / MANIFEST
    try:
        with written_whole(path) as partial:
            partial.write_text(json.dumps(asdict(manifest)))
    except OSError as error:
        raise TrackingError(f"cannot write {path}: {error.strerror}") from error


def read(folder: Path) -> Manifest | None:
    """Return the manifest of a campaign's folder, or None if there is none.

    Raise DamagedManifestError for any other file, UsageError for one that cannot be read.
    """
    path = folder / MANIFEST
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except NotADirectoryError as error:
        raise UsageError(f"{folder}: not a folder") from error
    except IsADirectoryError as error:
        raise DamagedManifestError(f"{path}: not a file; {_REBUILT}") from error
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    from pydantic import ValidationError  # noqa: PLC0415 - 0.1 s, not to plan anew

    try:
        return _adapter().validate_json(content)
    except ValidationError as error:
        raise DamagedManifestError(
            f"{path}: not a campaign of this version of bench ({error.error_count()} errors); "
            f"{_REBUILT}"
        ) from error


@cache
def _adapter() -> TypeAdapter[Manifest]:
    from pydantic import TypeAdapter  # noqa: PLC0415 - see read

    return TypeAdapter(Manifest)


def sound(folder: Path) -> Manifest | None:
    """Return the manifest of a campaign's folder, or None if there is no usable one."""
    try:
        return read(folder)
    except UsageError:
        return None


def recovered_id(folder: Path) -> str | None:
    """Return the campaign's id in a damaged manifest, None if it has none any more."""
    with suppress(OSError):
        found = _ID.search((folder / MANIFEST).read_bytes())
        return found[1].decode() if found else None
    return None


def set_aside(folder: Path) -> None:
    """Rename a damaged manifest, to make its name free."""
    path, kept = folder / MANIFEST, folder / DAMAGED
    with suppress(OSError):
        if path.is_dir():
            shutil.rmtree(kept, ignore_errors=True)
            path.rename(kept)
        else:
            shutil.copyfile(path, kept)


def campaigns(work_dir: Path) -> Sequence[Path]:
    """Return the folders of all campaigns below a work folder, sorted by name."""
    return sorted(path.parent for path in work_dir.glob(f"*/{MANIFEST}"))


def folder_name(name: str) -> str:
    """Return the folder name of a sweep, e.g. ``cuts and knobs`` -> ``cuts-and-knobs``.

    It does not begin with a hyphen, which would make it an option in commands.
    """
    readable = "".join(c if c.isalnum() or c in "._=-" else "-" for c in name)
    readable = readable.lstrip(".-").rstrip(".")
    return readable[:100] or "sweep"


def places(work_dir: Path, name: str) -> tuple[Path, ...]:
    """Return the folders that the name or path of a campaign may mean, the most likely first."""
    return work_dir / name, Path(name), work_dir / folder_name(name)


def folder_of(work_dir: Path, name: str) -> Path:
    """Return the folder of a campaign, by its name or path.

    Raise UsageError, with the existing names, if there is none.
    """
    for folder in places(work_dir, name):
        if (folder / MANIFEST).exists():
            return folder
        if (folder / JOURNAL).is_file():
            raise UsageError(f"{folder}: the plan file ({MANIFEST}) is missing; {_REBUILT}")
    names = [folder.name for folder in campaigns(work_dir)]
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are: {listed(names) or 'none'}"
    raise UsageError(f"no sweep {name!r} in {work_dir}; {hint}")
