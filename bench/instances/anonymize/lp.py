"""Rename the columns and rows of LP text, line by line, keeping its layout.

Comments, and text before the first section and after End, are removed. Only numbers, signs, words
of the format and new names are written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from bench.instances.anonymize.names import CannotAnonymizeError, Renaming
from bench.instances.lint.findings import shown
from bench.instances.lint.lp_sections import Header, Section, header_of

_NUMBER = rb"(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
_BLANK = re.compile(rb"\s+")
_LABEL = re.compile(rb"([^\s:]+)(\s*:)(?!:)")
_TERM = re.compile(
    rb"(?P<number>" + _NUMBER + rb")|(?P<name>[^\s+\-*^<>=:\[\]/0-9.][^\s+\-*^<>=:\[\]]*)"
    rb"|(?P<sign>->|[<>=]+|[+\-*^\[\]/])"
)
_BOUND = re.compile(rb"(?P<sign>[<>=]+|[+\-](?=\s))|(?P<word>[^\s<>=:]+)")
_SIGNED = re.compile(rb"[+\-]?(?:" + _NUMBER + rb"|inf(?:inity)?)", re.IGNORECASE)
_KEYWORDS = frozenset({b"free", b"inf", b"infinity"})
_SET = re.compile(
    rb"(?P<type>[sS][12])\s*::"
    rb"|(?P<word>[^\s:]+)\s*:\s*(?:(?P<number>[+\-]?" + _NUMBER + rb")(?=\s|$))?"
)


def anonymous_lp(lines: Iterable[bytes], names: Renaming) -> Iterator[bytes]:
    """Yield the lines of a file with new names; ``names`` is filled.

    Raise CannotAnonymizeError for a section or a line in which names could be missed.
    """
    writer = _Lp(names)
    for number, line in enumerate(lines, 1):
        try:
            text = writer.line(line.rstrip(b"\r").partition(b"\\")[0])
        except _OddError as error:
            raise CannotAnonymizeError(number, str(error)) from None
        if text.strip():
            yield text
        if writer.is_over:
            return


class _OddError(Exception):
    """A text that cannot be parsed."""


class _Lp:
    def __init__(self, names: Renaming) -> None:
        self._names = names
        self._section = Section.START
        self._writers: dict[Section, Callable[[bytes], bytes]] = {
            Section.START: lambda _text: b"",
            Section.OBJECTIVE: self._terms,
            Section.ROWS: self._terms,
            Section.BOUNDS: self._bounds,
            Section.GENERALS: self._columns,
            Section.BINARIES: self._columns,
            Section.SEMIS: self._columns,
            Section.SETS: self._sets,
            Section.END: lambda _text: b"",
        }

    @property
    def is_over(self) -> bool:
        return self._section is Section.END

    def line(self, text: bytes) -> bytes:
        found = header_of(text)
        if found is None or self._is_column(found[0]):
            return self._writers[self._section](text)
        header, rest = found
        self._section = header.section
        if header.section not in self._writers:
            raise _OddError(f"section {header.name} cannot be anonymized")
        return text[: len(text) - len(rest)] + self._writers[self._section](rest)

    def _is_column(self, header: Header) -> bool:
        known = {name.lower() for name in self._names.columns.new} if header.stands_alone else ()
        return header.name.encode().lower() in known

    def _column(self, name: bytes) -> bytes:
        if name.lower() in _KEYWORDS:
            raise _OddError(f"a column called {shown(name)}, which is a word of the format")
        return self._names.columns.of(name)

    def _terms(self, text: bytes) -> bytes:
        made, at = [], 0
        while at < len(text):
            is_start = at == 0 or text[at - 1 : at].isspace()
            if blank := _BLANK.match(text, at):
                at, word = blank.end(), blank[0]
            elif is_start and (label := _LABEL.match(text, at)):
                at, word = label.end(), self._names.rows.of(label[1]) + label[2]
            elif (term := _TERM.match(text, at)) is not None:
                at = term.end()
                word = self._column(term[0]) if term["name"] else term[0]
                if term["name"] and term[0].lower() in _KEYWORDS:
                    raise _OddError(f"{shown(term[0])} among terms")
            else:
                raise _OddError(f"{shown(text[at : at + 20])} among terms")
            made.append(word)
        return b"".join(made)

    def _bounds(self, text: bytes) -> bytes:
        if b":" in text:
            raise _OddError("a colon in Bounds")
        return _BOUND.sub(self._bound, text)

    def _bound(self, found: re.Match[bytes]) -> bytes:
        word = found["word"]
        if word is None or _SIGNED.fullmatch(word) or word.lower() in _KEYWORDS:
            return found[0]
        if word not in self._names.columns.new and header_of(word):
            raise _OddError("a section that starts within a line")
        return self._column(word)

    def _columns(self, text: bytes) -> bytes:
        for word in text.split():
            if word not in self._names.columns.new:
                raise _OddError(f"{shown(word)} is not a known column")
        return re.sub(rb"\S+", lambda found: self._column(found[0]), text)

    def _sets(self, text: bytes) -> bytes:
        made, at = [], 0
        for found in _SET.finditer(text):
            if text[at : found.start()].strip():
                break
            at = found.end()
            made.append(self._of_set(found) + b" ")
        if text[at:].strip():
            raise _OddError("a line of SOS that is not understood")
        return b" " + b"".join(made)

    def _of_set(self, found: re.Match[bytes]) -> bytes:
        if found["type"]:
            return found["type"] + b"::"
        number = found["number"]
        if number is None:
            return self._names.sets.of(found["word"]) + b":"
        if found["word"] not in self._names.columns.new:
            raise _OddError("a line of SOS that is not understood")
        return self._column(found["word"]) + b":" + number
