"""Map original names to new ones, and back: the key of an anonymous file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bench.errors import UsageError

_APART = rb"\s:,;<>=*^\[\]()+\-"
_WORD = re.compile(rb"(?<![^" + _APART + rb"])[rcs][0-9]+(?![^" + _APART + rb"])")
_ENCODING = ("utf-8", "surrogateescape")


class CannotAnonymizeError(UsageError):
    """A file has a part in which names could be missed."""

    def __init__(self, line: int, why: str) -> None:
        """Store the line, from 1, and the reason."""
        super().__init__(f"line {line}: {why}")


@dataclass(slots=True)
class Names:
    """The new names of one kind: a letter and a number, in the order of the original ones."""

    letter: bytes
    new: dict[bytes, bytes] = field(default_factory=dict)

    def of(self, old: bytes) -> bytes:
        """Return the new name of an original one."""
        if old not in self.new:
            self.new[old] = b"%s%d" % (self.letter, len(self.new) + 1)
        return self.new[old]

    def old_by_new(self) -> dict[str, str]:
        """Return the original names by the new ones, as text."""
        return {new.decode(): old.decode(*_ENCODING) for old, new in self.new.items()}


@dataclass(frozen=True, slots=True)
class Renaming:
    """The new names of a problem: rows, columns, sets (SOS)."""

    rows: Names = field(default_factory=lambda: Names(b"r"))
    columns: Names = field(default_factory=lambda: Names(b"c"))
    sets: Names = field(default_factory=lambda: Names(b"s"))

    def old_by_new(self) -> dict[str, dict[str, str]]:
        """Return the original names by the new ones, by kind."""
        kinds = {"rows": self.rows, "columns": self.columns, "sets": self.sets}
        return {kind: names.old_by_new() for kind, names in kinds.items()}


def restored(text: bytes, old_by_new: Mapping[str, str]) -> bytes:
    """Return a text, such as a solution file, with the original names in place of the new ones."""
    old = {new.encode(): name.encode(*_ENCODING) for new, name in old_by_new.items()}
    return _WORD.sub(lambda found: old.get(found[0], found[0]), text)
