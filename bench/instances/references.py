"""References from files: ``.solu`` as SCIP's check scripts have it, or a column of a CSV file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from bench.errors import UsageError
from bench.instances import reference_table, solu
from bench.instances.files import instance_name
from bench.instances.reference_entries import collected
from bench.instances.reference_table import ReferenceColumns
from bench.model.reference import Reference

TABLE = ".csv"


def read(paths: Iterable[Path], columns: ReferenceColumns | None = None) -> dict[str, Reference]:
    """Return the references of several files by instance name, later files over earlier ones.

    A file that ends in ``.csv`` is a table, with the columns that are named or usual. An instance
    may be listed by name or by file, with folder and suffix. Raise UsageError for a file that
    cannot be read, with its line for anything wrong in it.
    """
    references: dict[str, Reference] = {}
    for path in paths:
        references |= _of(path, columns)
    return references


def _of(path: Path, columns: ReferenceColumns | None) -> dict[str, Reference]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: not a text file in UTF-8") from error
    if path.suffix.lower() == TABLE:
        entries = list(reference_table.entries(text, str(path), columns))
    else:
        entries = list(solu.entries(text, str(path)))
    exact = collected(entries)
    by_stem = [replace(one, name=instance_name(Path(one.name))) for one in entries]
    return collected(one for one in by_stem if one.name not in exact) | exact
