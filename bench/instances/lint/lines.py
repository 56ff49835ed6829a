"""The lines of a file, from its uncompressed chunks, with what makes them hard to read."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator

from bench.instances.lint.notes import Notes

LONGEST_TEXT_LINE = 1 << 20
"""A longer line is no line of a text file; reading ends there."""
_TEXT = bytes(range(0x20, 0x7F)) + bytes(range(0x80, 0x100)) + b"\t\n\r"
_BOM = codecs.BOM_UTF8


class Lines:
    """Iterates once over the lines, without their ends, and notes what is no plain text.

    Lines end in LF or CR LF. ``has_mark`` says, after the first line, whether the file starts
    with a UTF-8 byte order mark, which is left out. ``is_complete`` is false where reading ended
    early because the file is not text.
    """

    def __init__(self, chunks: Iterable[bytes], notes: Notes) -> None:
        """Take the file's bytes in pieces of any size."""
        self._chunks = iter(chunks)
        self._notes = notes
        self._decoder: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder("utf-8")()
        self._n_lines = 0
        self.has_mark = False
        self.is_complete = True

    def __iter__(self) -> Iterator[bytes]:
        """Yield each line."""
        rest = b""
        is_first = True
        for chunk in self._chunks:
            text = rest + chunk
            if is_first and (len(text) >= len(_BOM) or not _BOM.startswith(text)):
                is_first = False
                self.has_mark = text.startswith(_BOM)
                text = text.removeprefix(_BOM)
            self._check(chunk)
            lines = text.split(b"\n")
            rest = lines.pop()
            yield from lines
            self._n_lines += len(lines)
            if len(rest) > LONGEST_TEXT_LINE:
                message = "a line of more than 1 MiB; this is not a text file of this format"
                self._notes.error("endless line", self._n_lines + 1, message)
                self.is_complete = False
                return
        if rest:
            yield rest

    def _check(self, chunk: bytes) -> None:
        if odd := chunk.translate(None, _TEXT):
            line = self._n_lines + 1 + chunk.count(b"\n", 0, chunk.index(odd[:1]))
            if b"\0" in odd:
                line = self._n_lines + 1 + chunk.count(b"\n", 0, chunk.index(b"\0"))
                message = "a NUL byte; solvers end the line or the file there, so fetch it again"
                self._notes.error("NUL bytes", line, message)
            else:
                message = f"control character 0x{odd[0]:02x}; some readers take it for a blank"
                self._notes.warning("control characters", line, message)
        if self._decoder and not (chunk.isascii() and self._decoder.getstate()[0] == b""):
            try:
                self._decoder.decode(chunk)
            except UnicodeDecodeError:
                self._decoder = None
                message = "not UTF-8 text; names may come out garbled, so convert the file"
                self._notes.warning("encoding", None, message)
