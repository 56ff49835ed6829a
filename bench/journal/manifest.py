"""The manifest: what a campaign was planned to be, kept beside its journal as ``sweep.json``."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from bench.errors import TrackingError, UsageError
from bench.model.planned_task import PlannedTask
from bench.model.setting import Setting

MANIFEST = "sweep.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A campaign as it was last planned.

    ``campaign_id`` stays the same as long as the campaign is continued; MLflow's runs carry it.
    ``command`` is what the user typed, a word each; ``created_at`` is seconds since the epoch.
    """

    campaign_id: str
    name: str
    kind: str
    command: tuple[str, ...]
    created_at: float
    jobs: int
    instance_set: str
    baseline: str | None
    settings: tuple[Setting, ...]
    tasks: tuple[PlannedTask, ...]


def write(folder: Path, manifest: Manifest) -> None:
    """Write the manifest: the file is there whole, or as it was before."""
    path = folder / MANIFEST
    half = path.with_suffix(f".{os.getpid()}")
    try:
        half.write_text(json.dumps(asdict(manifest)))
        half.replace(path)
    except OSError as error:
        half.unlink(missing_ok=True)
        raise TrackingError(f"cannot write {path}: {error.strerror}") from error


def read(folder: Path) -> Manifest | None:
    """Return the manifest of a campaign's folder, or None where there is none.

    Raise UsageError for a file that is none of ours.
    """
    path = folder / MANIFEST
    try:
        return TypeAdapter(Manifest).validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except NotADirectoryError as error:
        raise UsageError(f"{folder}: not a folder") from error
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    except ValidationError as error:
        raise UsageError(
            f"{path}: not a campaign of this version of bench ({error.error_count()} errors); "
            "choose another --work-dir or --name"
        ) from error


def campaigns(work_dir: Path) -> Sequence[Path]:
    """Return the folders of all campaigns below a work folder, sorted by name."""
    return sorted(path.parent for path in work_dir.glob(f"*/{MANIFEST}"))


def folder_of(work_dir: Path, name: str | None) -> Path:
    """Return the folder of a campaign, by its name or path, else of the one last worked on.

    UsageError where there is none; it says which there are.
    """
    known = campaigns(work_dir)
    if name is None:
        if not known:
            raise UsageError(f"{work_dir}: no sweep here yet; see bench sweep -h, or --work-dir")
        return max(known, key=lambda folder: (folder / MANIFEST).stat().st_mtime)
    for folder in (work_dir / name, Path(name)):
        if (folder / MANIFEST).is_file():
            return folder
    names = ", ".join(folder.name for folder in known) or "none"
    raise UsageError(f"no sweep {name!r} in {work_dir}; there are: {names}")
