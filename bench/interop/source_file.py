"""Reading the text of a file that is to be imported, with one line for whatever is wrong."""

from __future__ import annotations

import gzip
import zlib
from enum import StrEnum
from pathlib import Path

from bench.errors import UsageError
from bench.instances.files import content


class Format(StrEnum):
    """What can be imported: SCIP's check logs, the tables made of them, and any other table."""

    OUT = "out"
    RES = "res"
    CSV = "csv"


_SUFFIXES = {".out": Format.OUT, ".log": Format.OUT, ".res": Format.RES, ".csv": Format.CSV}


def format_of(path: Path) -> Format:
    """Return the format that the file's name tells; UsageError where it tells none."""
    name = path.with_suffix("") if path.suffix.lower() == ".gz" else path
    found = _SUFFIXES.get(name.suffix.lower())
    if found is None:
        known = ", ".join(Format)
        raise UsageError(f"{path}: unknown format {name.suffix!r}; say --format ({known})")
    return found


def read(path: Path) -> str:
    """Return the text of a file, packed by gzip or not; UsageError where there is none."""
    if not path.is_file():
        raise UsageError(f"{path}: {'not a file' if path.exists() else 'no such file'}")
    try:
        text = b"".join(content(path)).decode("utf-8-sig")
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UsageError(f"{path}: damaged gzip file: {error}") from error
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{path}: not a text in UTF-8 (byte {error.start}); convert it with iconv"
        ) from error
    if not text.strip():
        raise UsageError(f"{path}: empty file")
    return text
