"""Problems in requests: MPS or LP text, plain or as gzip in base64, written to files."""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Mapping
from pathlib import Path

from bench.errors import UsageError

GZIP_IN_BASE64 = "H4sI"
"""The beginning of gzip in base64, which no MPS or LP file has."""
GZIP = 31
"""Makes zlib expect gzip."""
MPS_WORDS = frozenset({"NAME", "ROWS", "OBJSENSE", "OBJNAME"})
LP_WORDS = ("min", "max")


class TooLargeError(UsageError):
    """A text is larger than allowed."""


def write_problem(text: str, folder: Path, max_mib: float) -> Path:
    """Write the problem in a text to a folder, and return the file.

    Raise TooLargeError for more than ``max_mib`` MiB, compressed or not; UsageError for any text
    that is not MPS or LP.
    """
    content = _unpacked(text, int(max_mib * 2**20))
    path = folder / f"model.{_format(content)}"
    path.write_bytes(content)
    return path


def row_problem(row: Mapping[str, object], folder: Path, max_mib: float) -> Path:
    """Write the problem in a row's column ``model`` to a new folder, and return the file.

    Raise as `write_problem`, and UsageError for anything but a text.
    """
    text = row.get("model")
    if not isinstance(text, str):
        raise UsageError("model: expected a problem as text, in MPS or LP format")
    folder.mkdir()
    return write_problem(text, folder, max_mib)


def _unpacked(text: str, most: int) -> bytes:
    if not text.startswith(GZIP_IN_BASE64):
        try:
            content = text.encode()
        except UnicodeEncodeError:
            raise UsageError("model: not a text in UTF-8") from None
    else:
        content = _unzipped(text, most)
    if len(content) > most:
        raise TooLargeError("model: its uncompressed text is larger than this server accepts")
    return content


def _unzipped(text: str, most: int) -> bytes:
    """Decompress gzip in base64, at most one byte more than allowed."""
    try:
        packed = base64.b64decode("".join(text.split()), validate=True)
        unpacker = zlib.decompressobj(GZIP)
        content = unpacker.decompress(packed, most + 1)
    except (binascii.Error, zlib.error, ValueError) as error:
        raise UsageError(f"model: damaged gzip in base64: {error}") from None
    if len(content) <= most and not unpacker.eof:
        raise UsageError("model: damaged gzip in base64: it is truncated")
    return content


def _format(content: bytes) -> str:
    """Return the format, from the first line that is not a comment."""
    for line in content.splitlines():
        words = line.split()
        if not words or words[0].startswith(b"\\"):
            continue
        first = words[0].decode("latin-1")
        if first.startswith("*") or first.upper() in MPS_WORDS:
            return "mps"
        if first.lower().startswith(LP_WORDS):
            return "lp"
        break
    raise UsageError("model: neither MPS (NAME, ROWS) nor LP (minimize, maximize)")
