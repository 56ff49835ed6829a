"""A trained selector in the work folder: its files and its evaluation."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.errors import TrackingError, UsageError
from bench.selection.evaluation import GapClosed
from bench.selection.selector import DESCRIPTION, TREES, Selector, from_files

FOLDER = "selectors"
"""The folder within the work folder that has a folder for each selector."""
TRAINING = "training.json"
CHOICES = "unseen-choices.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """The training of a selector, and its result on unseen instances.

    ``conclusion`` says whether the selector ``helps``, compared with ``single_best``.
    ``campaigns`` are the folders of the sweeps that it has learned from, ``run_id`` is the run of
    the training in MLflow (None: it was not recorded).
    """

    name: str
    single_best: str
    n_instances: int
    n_families: int
    known_families: GapClosed
    unseen_families: GapClosed | None
    conclusion: str
    helps: bool
    campaigns: Sequence[str]
    run_id: str | None = None


def folder_of_selector(work_dir: Path, name: str) -> Path:
    """Return the folder of the selector; UsageError if a folder cannot have this name."""
    if not name or name.startswith(".") or "/" in name or not name.isprintable():
        raise UsageError(f"--name {name!r}: expected a name that a folder may have")
    return work_dir / FOLDER / name


def write(folder: Path, selector: Selector, training: Training, choices: str) -> None:
    """Write a selector and replace an earlier one; TrackingError if that is not possible."""
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        partial.mkdir(parents=True)
        for name, content in selector.to_files().items():
            (partial / name).write_bytes(content)
        (partial / TRAINING).write_text(json.dumps(asdict(training), indent=2) + "\n")
        (partial / CHOICES).write_text(choices)
        shutil.rmtree(folder, ignore_errors=True)
        partial.replace(folder)
    except OSError as error:
        raise TrackingError(f"cannot write {folder}: {error.strerror or error}") from error


def read(work_dir: Path, name: str | None) -> tuple[Selector, Training]:
    """Return a trained selector, by default the last one; UsageError if there is none."""
    there = sorted((work_dir / FOLDER).glob(f"*/{TRAINING}"), key=lambda path: path.stat().st_mtime)
    if name is not None:
        there = [path for path in there if path.parent.name == name]
    if not there:
        which = f"no selector {name!r}" if name is not None else "no selector"
        raise UsageError(f"{work_dir}: {which} was trained here yet; see bench select train")
    folder = there[-1].parent
    from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415  as for all that is read

    try:
        training = TypeAdapter(Training).validate_json((folder / TRAINING).read_bytes())
        files = {
            each: (folder / each).read_bytes()
            for each in (DESCRIPTION, TREES)
            if (folder / each).is_file()
        }
    except (OSError, ValidationError) as error:
        raise UsageError(f"{folder}: is damaged; train the selector again") from error
    return from_files(files, str(folder)), training
