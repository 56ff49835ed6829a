"""Anonymous copies of models, with a key that maps the new names to the original ones."""

from __future__ import annotations

import gzip
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.app.output_folder import check_unused
from bench.errors import BenchError, UsageError
from bench.execution.linter import Linter
from bench.execution.same_problem import difference
from bench.instances.anonymize.lp import anonymous_lp
from bench.instances.anonymize.mps import anonymous_mps
from bench.instances.anonymize.names import CannotAnonymizeError, Renaming, restored
from bench.instances.files import content, file_format, find
from bench.instances.lint.findings import Notes
from bench.instances.lint.plain_text import Lines
from bench.model.instances.finding import Severity
from bench.model.instances.instance import Instance

WRITERS = {"mps": anonymous_mps, "lp": anonymous_lp}
KEY_SUFFIX = ".key.json"
KINDS = ("rows", "columns", "sets")
_PRIVATE = 0o600


@dataclass(frozen=True, slots=True, kw_only=True)
class AnonymizeOptions:
    """Which models are anonymized, and where copies and key are written.

    - ``models``: MPS and LP files, folders, globs or ``.test`` lists
    - ``output_dir``: new folder for the copies, which keep their file names
    - ``key``: file with the names; None is a file next to the folder, so that it is not given away
      with it
    """

    models: Sequence[str] = field(kw_only=False)
    output_dir: Path
    key: Path | None = None

    @property
    def key_file(self) -> Path:
        """The file that maps the new names to the original ones."""
        folder = self.output_dir.absolute()
        return self.key or folder.with_name(f"{folder.name}{KEY_SUFFIX}")


def anonymize(options: AnonymizeOptions) -> list[Path]:
    """Write anonymous copies and their key; return the copies.

    Columns, rows and sets get new names; comments and the problem's name are removed. All numbers
    and their order stay. Nothing is written unless all models can be anonymized: UsageError gives
    the reason.
    """
    check_unused(options.output_dir)
    key = options.key_file
    if key.exists():
        raise UsageError(
            f"{key}: this key file exists already, and overwriting it would lose the original "
            "names; choose another file"
        )
    models = _checked(find(options.models))
    copies: dict[str, bytes] = {}
    keys: dict[str, Any] = {}
    with Linter() as linter:
        for model in models:
            name = model.path.name
            if name in copies:
                raise UsageError(f"two models are called {name}; rename one")
            _refuse_misread(linter, model.path)
            copies[name], names = _copy(model.path)
            keys[name] = {"sha256": model.digest, **names.old_by_new()}
        try:
            _write(options.output_dir, copies)
            for model in models:
                _check_same(linter, model.path, options.output_dir / model.path.name)
            _write_key(key, {"bench": "key of anonymous models", "models": keys})
        except OSError as error:
            where = error.filename or options.output_dir
            shutil.rmtree(options.output_dir, ignore_errors=True)
            raise BenchError(f"{where}: cannot be written: {error.strerror}") from error
        except BaseException:
            shutil.rmtree(options.output_dir, ignore_errors=True)
            raise
    return [options.output_dir / name for name in copies]


def restore(file: Path, key: Path, model: str | None = None) -> bytes:
    """Return a solution, or any other text about an anonymous model, with the original names.

    ``model`` is the file name of the model; it may be left out if the key has only one.
    """
    models = _read_key(key)
    if model is None and len(models) > 1:
        raise UsageError(
            f"{key}: the key has several models; choose one with --model: {', '.join(models)}"
        )
    chosen = next(iter(models)) if model is None else model
    if chosen not in models:
        raise UsageError(f"{key}: no model {chosen!r}; there are: {', '.join(models)}")
    names = dict(pair for kind in KINDS for pair in _of(models[chosen], kind))
    try:
        text = b"".join(content(file))
    except (OSError, EOFError) as error:
        raise UsageError(f"{file}: cannot be read: {error}") from error
    try:
        return restored(text, names)
    except UnicodeEncodeError as error:
        raise UsageError(
            f"{key}: a name in it is not valid Unicode (a lone surrogate); use the original key"
        ) from error


def _of(model: Mapping[str, Any], kind: str) -> list[tuple[str, str]]:
    names = model.get(kind, {})
    return [(str(new), str(old)) for new, old in names.items()] if isinstance(names, dict) else []


def _checked(models: Sequence[Instance]) -> Sequence[Instance]:
    for model in models:
        if model.defect is not None:
            raise UsageError(model.defect)
        if file_format(model.path) not in WRITERS:
            raise UsageError(
                f"{model.path}: only MPS and LP files can be anonymized; convert the file first"
            )
    if not models:
        raise UsageError("no model was given; name one or more MPS or LP files")
    return models


def _refuse_misread(linter: Linter, path: Path) -> None:
    """Raise UsageError for a file that readers interpret as different problems."""
    for each in linter.lint(path):
        if each.severity is Severity.ERROR:
            raise UsageError(
                f"{each.text(str(path))}; correct the file first, because other names would "
                "change the problem"
            )


def _copy(path: Path) -> tuple[bytes, Renaming]:
    names = Renaming()
    try:
        lines = list(WRITERS[str(file_format(path))](Lines(content(path), Notes()), names))
    except CannotAnonymizeError as error:
        raise UsageError(f"{path}: {error}; no file was written") from error
    text = b"\n".join([*lines, b""])
    return gzip.compress(text, mtime=0) if path.suffix.lower() == ".gz" else text, names


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_bytes(text)


def _check_same(linter: Linter, path: Path, copy: Path) -> None:
    why = difference(linter, path, copy)
    if why is not None:
        raise BenchError(
            f"{path}: the anonymous copy is a different problem ({why}); no file was written"
        )


def _write_key(key: Path, found: Mapping[str, Any]) -> None:
    descriptor = os.open(key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(found, file, indent=1)


def _read_key(key: Path) -> dict[str, Any]:
    models: dict[str, Any] | None
    try:
        models = json.loads(key.read_bytes())["models"]
    except OSError as error:
        raise UsageError(f"{key}: cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, RecursionError):
        models = None
    if not isinstance(models, dict) or not all(isinstance(one, dict) for one in models.values()):
        models = None
    if not models:
        raise UsageError(f"{key}: this is not a key file of bench instances anonymize")
    return models
