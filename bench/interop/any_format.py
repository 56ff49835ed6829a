"""Read any supported file of another tool: its format, its text, and each solve in it once."""

from __future__ import annotations

import bz2
import gzip
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from enum import StrEnum
from pathlib import Path

from bench.errors import UsageError
from bench.instances.files import CHUNK, content
from bench.interop import benchexec_files, check_logs, csv_files, res_files, trace_files
from bench.interop.reported import ImportHints, ParsedFile, ReportedResult


class SourceFormat(StrEnum):
    """The formats of an import.

    SCIP's check logs and the tables made from them, any other table, trace files of GAMS and PAVER,
    results of BenchExec.
    """

    OUT = "out"
    RES = "res"
    CSV = "csv"
    TRC = "trc"
    XML = "xml"


_SUFFIXES = {
    ".out": SourceFormat.OUT,
    ".log": SourceFormat.OUT,
    ".res": SourceFormat.RES,
    ".csv": SourceFormat.CSV,
    ".trc": SourceFormat.TRC,
    ".xml": SourceFormat.XML,
}
_PACKED = frozenset({".gz", ".bz2"})
LARGEST = 1 << 29
"""Bytes of a file, uncompressed; a larger one may be a compressed file made to fill the memory."""


def format_of(path: Path) -> SourceFormat:
    """Return the format in the file's name; UsageError if it is unknown."""
    suffix = unpacked_name(path).suffix
    found = _SUFFIXES.get(suffix.lower())
    if found is None:
        known = ", ".join(SourceFormat)
        raise UsageError(f"{path}: unknown format {suffix!r}; choose one with --format ({known})")
    return found


def unpacked_name(path: Path) -> Path:
    """Return the path without the suffix of a compression."""
    return path.with_suffix("") if path.suffix.lower() in _PACKED else path


def text_of(path: Path) -> str:
    """Return the text of a file, compressed by gzip, bzip2 or not; UsageError if it is missing."""
    if not path.is_file():
        raise UsageError(f"{path}: {'not a file' if path.exists() else 'no such file'}")
    try:
        text = _bytes(path).decode("utf-8-sig")
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UsageError(f"{path}: damaged gzip file: {error}") from error
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{path}: not a text in UTF-8 (byte {error.start}); convert it with iconv"
        ) from error
    if not text.strip():
        raise UsageError(f"{path}: empty file")
    return text


def _bytes(path: Path) -> bytes:
    found = bytearray()
    for chunk in _chunks(path):
        found += chunk
        if len(found) > LARGEST:
            raise UsageError(f"{path}: more than {LARGEST >> 20} MiB of text; split the file")
    return bytes(found)


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        packed = file.read(3) == b"BZh"
    if not packed:
        yield from content(path)
        return
    with bz2.open(path, "rb") as stream:
        while chunk := stream.read(CHUNK):
            yield chunk


def read(path: Path, form: SourceFormat | None, hints: ImportHints) -> ParsedFile:
    """Return the results in a file; by default its name determines the format.

    Raise UsageError, with the file, if it is unusable.
    """
    form = form or format_of(path)
    if hints.wide and form is not SourceFormat.CSV:
        raise UsageError(f"{path}: --wide needs a CSV file")
    text = text_of(path)
    stem = unpacked_name(path).stem
    match form:
        case SourceFormat.OUT:
            return check_logs.read(text, path.name, stem, hints)
        case SourceFormat.RES:
            return res_files.read(text, path.name, hints)
        case SourceFormat.CSV:
            return csv_files.read(text, path.name, stem, hints)
        case SourceFormat.TRC:
            return trace_files.read(text, path.name, hints)
        case SourceFormat.XML:
            return benchexec_files.read(text, path.name, hints)


def once(reported: Iterable[ReportedResult]) -> tuple[list[ReportedResult], list[str]]:
    """Return the last result of each task, and a line for each repeated one."""
    last: dict[str, ReportedResult] = {}
    notes = []
    for one in reported:
        before = last.pop(one.task.key, None)
        if before is not None:
            task = one.task
            name = f"{task.instance.name}, {task.setting.name}, seed {task.seed}"
            notes.append(f"{one.where}: repeats {before.where} ({name}); the last one counts")
        last[one.task.key] = one
    return list(last.values()), notes


def completed(one: ReportedResult, known: Mapping[str, object]) -> ReportedResult:
    """Return the result with the whole name of an instance that a ``.res`` table has truncated."""
    instance = one.task.instance
    name = res_files.completed(instance.name, known)
    if name == instance.name:
        return one
    return replace(one, task=replace(one.task, instance=replace(instance, name=name)))
