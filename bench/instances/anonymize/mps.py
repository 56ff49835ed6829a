"""Rename the columns and rows of MPS text, line by line.

Comments and the problem's name are removed. Only numbers, words of the format and new names are
written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from bench.instances.anonymize.names import CannotAnonymizeError, Renaming
from bench.instances.lint.findings import shown
from bench.instances.lint.mps import without_comment
from bench.instances.lint.mps_sides_and_bounds import WITH_VALUE, WITHOUT_VALUE
from bench.instances.lint.plain_text import is_number

Fields = list[bytes]

_SENSES = frozenset({b"MIN", b"MAX", b"MINIMIZE", b"MAXIMIZE"})
_MARKERS = frozenset({b"'INTORG'", b"'INTEND'"})
_OF_SETS = frozenset({b"S1", b"S2"})
_BLANKS = (b" ", b"\t")
_INFINITY = re.compile(rb"[+\-]?inf(?:inity)?", re.IGNORECASE)
_PROBLEM = b"NAME anonymous"


def anonymous_mps(lines: Iterable[bytes], names: Renaming) -> Iterator[bytes]:
    """Yield the lines of a file with new names; ``names`` is filled.

    Raise CannotAnonymizeError for a section or a line in which names could be missed.
    """
    writer = _Mps(names)
    for number, text in enumerate(lines, 1):
        if text[:1] == b"*":
            continue
        fields = without_comment(text.split())
        if not fields:
            continue
        try:
            if text[:1] in _BLANKS:
                yield b" " + b" ".join(writer.data(fields))
            else:
                yield b" ".join(writer.head(fields))
        except _OddError as error:
            raise CannotAnonymizeError(number, str(error)) from None
        if writer.is_over:
            return


class _OddError(Exception):
    """A text that cannot be parsed."""


class _Mps:
    def __init__(self, names: Renaming) -> None:
        self._names = names
        self._data: Callable[[Fields], Fields] = self._refused
        self._section = b""
        self.is_over = False
        self._readers: dict[bytes, Callable[[Fields], Fields]] = {
            b"OBJSENSE": self._sense,
            b"OBJNAME": self._objective,
            b"ROWS": self._row,
            b"USERCUTS": self._row,
            b"LAZYCONS": self._row,
            b"COLUMNS": self._column,
            b"RHS": self._side,
            b"RANGES": self._side,
            b"BOUNDS": self._bound,
            b"SOS": self._set,
            b"QUADOBJ": self._square,
            b"QMATRIX": self._square,
            b"QSECTION": self._square,
            b"QCMATRIX": self._square,
            b"INDICATORS": self._indicator,
        }

    def head(self, fields: Fields) -> Fields:
        word, *rest = fields
        name = word.upper()
        self._section = name
        if name == b"NAME":
            self._data = self._refused
            return [_PROBLEM]
        if name == b"ENDATA":
            self.is_over = True
            return [word]
        if name not in self._readers:
            raise _OddError(f"section {shown(word)} cannot be anonymized")
        self._data = self._readers[name]
        if name == b"OBJSENSE" and rest:
            return [word, *self._sense(rest)]
        if name in {b"QSECTION", b"QCMATRIX"} and len(rest) == 1:
            return [word, self._names.rows.of(rest[0])]
        if rest:
            raise _OddError(f"text after {shown(word)}")
        return [word]

    def data(self, fields: Fields) -> Fields:
        return self._data(fields)

    def _refused(self, _fields: Fields) -> Fields:
        raise _OddError("text outside of the sections that are known")

    def _odd(self) -> _OddError:
        return _OddError(f"a line of {self._section.decode()} that is not understood")

    def _sense(self, fields: Fields) -> Fields:
        if len(fields) != 1 or fields[0].upper() not in _SENSES:
            raise self._odd()
        return fields

    def _objective(self, fields: Fields) -> Fields:
        if len(fields) != 1:
            raise self._odd()
        return [self._names.rows.of(fields[0])]

    def _row(self, fields: Fields) -> Fields:
        if len(fields) < 2 or fields[0] not in {b"N", b"E", b"L", b"G"}:
            raise self._odd()
        return [fields[0], self._names.rows.of(fields[1])]

    def _column(self, fields: Fields) -> Fields:
        if len(fields) == 3 and fields[1] == b"'MARKER'":
            if fields[2] not in _MARKERS:
                raise self._odd()
            return [b"MARKER", *fields[1:]]
        return [self._names.columns.of(fields[0]), *self._pairs(fields[1:])]

    def _side(self, fields: Fields) -> Fields:
        has_vector = len(fields) % 2
        vector = [self._section] if has_vector else []
        return [*vector, *self._pairs(fields[has_vector:])]

    def _bound(self, fields: Fields) -> Fields:
        kind, *rest = fields
        if kind not in WITH_VALUE and kind not in WITHOUT_VALUE:
            raise self._odd()
        n_numbers = int(kind in WITH_VALUE)
        has_vector = len(rest) >= 2 + n_numbers
        vector = [b"BOUND"] if has_vector else []
        column, *numbers = rest[has_vector:] or [b""]
        if not column or len(numbers) < n_numbers:
            raise self._odd()
        return [kind, *vector, self._names.columns.of(column), *self._numbers(numbers[:n_numbers])]

    def _set(self, fields: Fields) -> Fields:
        *words, last = fields
        if fields[0] in _OF_SETS:
            priority = [last] if len(words) > 1 and is_number(last) else []
            named = words[1:] if priority else fields[1:]
            return [fields[0], *map(self._names.sets.of, named), *priority]
        if not words or not is_number(last) or words[-1] not in self._names.columns.new:
            raise self._odd()
        return [*map(self._names.sets.of, words[:-1]), self._names.columns.of(words[-1]), last]

    def _square(self, fields: Fields) -> Fields:
        if len(fields) != 3:
            raise self._odd()
        return [*map(self._names.columns.of, fields[:2]), *self._numbers(fields[2:])]

    def _indicator(self, fields: Fields) -> Fields:
        if len(fields) != 4 or fields[0] != b"IF":
            raise self._odd()
        row, column = self._names.rows.of(fields[1]), self._names.columns.of(fields[2])
        return [fields[0], row, column, *self._numbers(fields[3:])]

    def _pairs(self, fields: Fields) -> Fields:
        if not fields or len(fields) % 2 or len(fields) > 4:
            raise self._odd()
        rows = map(self._names.rows.of, fields[::2])
        numbers = self._numbers(fields[1::2])
        return [word for pair in zip(rows, numbers, strict=True) for word in pair]

    def _numbers(self, fields: Fields) -> Fields:
        if not all(is_number(field) or _INFINITY.fullmatch(field) for field in fields):
            raise self._odd()
        return fields
