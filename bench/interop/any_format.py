"""Any file of others that can be read, by its format; each solve once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from bench.interop import check_logs, csv_files, res_files, source_file
from bench.interop.reported import Hints, Reading, Reported
from bench.interop.source_file import Format


def read(path: Path, form: Format | None, hints: Hints) -> Reading:
    """Return what a file reports; its name tells the format unless it is given.

    UsageError, with the file, for one that cannot be used at all.
    """
    form = form or source_file.format_of(path)
    text = source_file.read(path)
    stem = (path.with_suffix("") if path.suffix.lower() == ".gz" else path).stem
    match form:
        case Format.OUT:
            return check_logs.read(text, path.name, stem, hints)
        case Format.RES:
            return res_files.read(text, path.name, hints)
        case Format.CSV:
            return csv_files.read(text, path.name, stem, hints)


def once(reported: Iterable[Reported]) -> tuple[list[Reported], list[str]]:
    """Return the last report of each task, and a line for each that was repeated."""
    last: dict[str, Reported] = {}
    notes = []
    for one in reported:
        before = last.pop(one.task.key, None)
        if before is not None:
            task = one.task
            name = f"{task.instance.name}, {task.setting.name}, seed {task.seed}"
            notes.append(f"{one.where}: repeats {before.where} ({name}); the last one counts")
        last[one.task.key] = one
    return list(last.values()), notes


def completed(one: Reported, known: Mapping[str, object]) -> Reported:
    """Return the report with the whole name of an instance that a ``.res`` table has cut off."""
    instance = one.task.instance
    name = res_files.completed(instance.name, known)
    if name == instance.name:
        return one
    return replace(one, task=replace(one.task, instance=replace(instance, name=name)))
