"""Problems as texts in requests: MPS or LP, plain or as gzip in base64, becoming files."""

from __future__ import annotations

import base64
import binascii
import zlib
from pathlib import Path

from bench.errors import UsageError

GZIP_IN_BASE64 = "H4sI"
"""How gzip in base64 begins, and no MPS or LP file."""
GZIP = 31
"""Tells zlib to expect gzip."""
MPS_WORDS = frozenset({"NAME", "ROWS", "OBJSENSE", "OBJNAME"})
LP_WORDS = ("min", "max")


class TooLargeError(UsageError):
    """A text is larger than it may be."""


def write_problem(text: str, folder: Path, max_mib: float) -> Path:
    """Write the problem that a text is into a folder, and return the file.

    TooLargeError for more than ``max_mib`` MiB, packed or unpacked; UsageError for what is no
    text in MPS or LP format.
    """
    content = _unpacked(text, int(max_mib * 2**20))
    path = folder / f"model.{_format(content)}"
    path.write_bytes(content)
    return path


def _unpacked(text: str, most: int) -> bytes:
    if not text.startswith(GZIP_IN_BASE64):
        try:
            content = text.encode()
        except UnicodeEncodeError:
            raise UsageError("model: not a text in UTF-8") from None
    else:
        content = _unzipped(text, most)
    if len(content) > most:
        raise TooLargeError("model: larger than this server takes, once it is unpacked")
    return content


def _unzipped(text: str, most: int) -> bytes:
    """Unpack gzip in base64, no more than a byte above the most."""
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
    """Return the format by the first line that is no comment."""
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
