"""Models of pyscipopt as instances: they are written to files, whose content is their identity."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from bench.errors import InstanceError

MODELS = "models"
"""The folder within the work folder for written models."""
LINEAR = "linear"
DIGITS = 12


@runtime_checkable
class Model(Protocol):
    """The methods of ``pyscipopt.Model`` that are used."""

    def writeProblem(self, filename: str, *, verbose: bool = True) -> object:  # noqa: N802
        """Write the problem to a file, in the format of its suffix."""

    def getConss(self) -> list[Any]:  # noqa: N802
        """Return the constraints."""
        ...

    def getProbName(self) -> str:  # noqa: N802
        """Return the name of the problem."""
        ...


Source = str | Path | Model


def source_words(sources: Source | Sequence[Source], work_dir: Path) -> list[str]:
    """Return files, folders, globs and lists as text; a model is written to a file.

    Raise InstanceError if a model cannot be written.
    """
    each = [sources] if isinstance(sources, str | Path | Model) else sources
    return [str(_written(one, work_dir) if isinstance(one, Model) else one) for one in each]


def _written(model: Model, work_dir: Path) -> Path:
    """Write a model below the folder of its digest, and return the file.

    A linear model is written as MPS, which every solver reads, any other as CIP. The same model
    makes the same file.
    """
    linear = all(one.getConshdlrName() == LINEAR for one in model.getConss())
    suffix = ".mps" if linear else ".cip"
    folder = work_dir.absolute() / MODELS
    draft = folder / f".{secrets.token_hex(8)}{suffix}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        model.writeProblem(str(draft), verbose=False)
        digest = hashlib.sha256(draft.read_bytes()).hexdigest()
        name = re.sub(r"[^\w.\-]+", "-", model.getProbName()).strip(".-") or "model"
        path = folder / digest[:DIGITS] / f"{name}{suffix}"
        path.parent.mkdir(exist_ok=True)
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise InstanceError(f"{folder}: the model cannot be written: {error}") from error
    return path
