"""The lines of a text file and the numbers in them, with the problems in reading them."""

from __future__ import annotations

import codecs
import math
import re
from collections.abc import Iterable, Iterator

from bench.instances.lint.findings import Notes, shown

LONGEST_TEXT_LINE = 1 << 20
"""A longer line is not text; reading ends there."""
_TEXT = bytes(range(0x20, 0x7F)) + bytes(range(0x80, 0x100)) + b"\t\n\r"
_BOM = codecs.BOM_UTF8
_CR_WITHIN = re.compile(rb"\r(?=[^\r\n])")


class Lines:
    """Iterates once over the lines, without their ends, and reports text that is not plain.

    Lines end in LF or CR LF; text whose lines end in CR alone is an error. After the first line,
    ``has_mark`` says whether the file starts with a UTF-8 byte order mark, which is removed.
    ``is_complete`` is false if reading ended early because the file has no such lines.
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
            if b"\r" in chunk and len(lines) > 1 and (inner := _CR_WITHIN.search(text)):
                line = self._n_lines + 1 + text.count(b"\n", 0, inner.start())
                message = "a CR within a line; some readers end the line there"
                self._notes.warning("control characters", line, message)
            rest = lines.pop()
            yield from lines
            self._n_lines += len(lines)
            if len(rest) > LONGEST_TEXT_LINE:
                self._end_early(rest)
                return
        if self._n_lines == 0 and b"\r" in rest.strip():
            self._end_early(rest)
        elif rest:
            yield rest

    def _end_early(self, line: bytes) -> None:
        self.is_complete = False
        if b"\r" in line.strip():
            message = "lines end in CR alone; solvers take the file for one line, so write LF"
            self._notes.error("line ends", self._n_lines + 1, message)
        else:
            message = "a line of more than 1 MiB; this is not a text file of this format"
            self._notes.error("endless line", self._n_lines + 1, message)

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


HUGE = 1e20
"""SCIP treats numbers of at least this magnitude as infinite, and rejects them as coefficients."""

_DECIMAL = rb"[+-]?(?:\d+\.?\d*|\.\d+)"
_NUMBER = re.compile(_DECIMAL + rb"(?:[eE][+-]?\d+)?")
_FORTRAN = re.compile(rb"(" + _DECIMAL + rb")[dD]([+-]?\d+)")
_INFINITE = re.compile(rb"([+-]?)inf(?:inity)?", re.IGNORECASE)
_SPECIAL = re.compile(rb"[+-]?(?:nan|inf)", re.IGNORECASE)
_HEXADECIMAL = re.compile(rb"([+-]?)0[xX]([0-9a-fA-F]+)")
_LARGEST_CACHE = 100_000


class Numbers:
    """Reads the numbers of one file; numbers that were read before are cached."""

    def __init__(self, notes: Notes) -> None:
        """Report invalid numbers there."""
        self.known: dict[bytes, float] = {}
        self._notes = notes

    def value(self, token: bytes, line: int) -> float:
        """Return the number; NaN with an error if the token is not a number.

        Words for infinity are read as such; the caller decides whether they are allowed.
        """
        value = self.known.get(token)
        if value is not None:
            return value
        if _NUMBER.fullmatch(token):
            value = float(token)
            if len(self.known) < _LARGEST_CACHE:
                self.known[token] = value
            return value
        if infinite := _INFINITE.fullmatch(token):
            return -math.inf if infinite[1] == b"-" else math.inf
        self._notes.error("not a number", line, f"{shown(token)} is not a number; {fate(token)}")
        return math.nan

    def coefficient(self, token: bytes, line: int) -> float:
        """Return the number as :meth:`value` does; report it if it is too large."""
        value = self.value(token, line)
        if abs(value) >= HUGE:
            message = f"coefficient {shown(token)}; SCIP refuses 1e20 and more as infinite"
            self._notes.error("infinite coefficient", line, message)
        return value


def is_number(token: bytes) -> bool:
    """Return whether the token is a finite number by the strict rule."""
    return _NUMBER.fullmatch(token) is not None


def fate(token: bytes) -> str:
    """Return what the solvers silently read in place of this token."""
    if fortran := _FORTRAN.fullmatch(token):
        mantissa, exponent = fortran[1].decode(), fortran[2].decode()
        return f"SCIP reads {mantissa}, HiGHS {mantissa}e{exponent}; write e for the Fortran D"
    if special := _SPECIAL.match(token):
        word = special[0].decode().lower().lstrip("+")
        return f"SCIP reads {word} and may call the result optimal"
    if hexadecimal := _HEXADECIMAL.match(token):
        sign = "-" if hexadecimal[1] == b"-" else ""
        return f"solvers silently read it as hexadecimal, {sign}{int(hexadecimal[2][:99], 16)}"
    prefix = _NUMBER.match(token)
    text = shown(prefix[0])[1:-1] if prefix else "0"
    return f"solvers silently read {text}"
