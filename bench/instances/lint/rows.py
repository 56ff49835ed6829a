"""The first sections of an MPS file: OBJSENSE, OBJNAME and ROWS (also USERCUTS, LAZYCONS)."""

from __future__ import annotations

from bench.instances.lint.notes import Notes, shown
from bench.instances.lint.outline import FREE, Outline, check_length

_TYPES = frozenset({FREE, b"E", b"L", b"G"})
_END_OF_FIXED_NAME = 12


class Rows:
    """Lints the lines that define rows."""

    def __init__(self, outline: Outline, notes: Notes) -> None:
        """Put the rows into the outline."""
        self._outline = outline
        self._notes = notes

    def line(self, number: int, fields: list[bytes], text: bytes) -> None:
        """Lint one line."""
        if len(fields) == 1:
            message = (
                f"row type {shown(fields[0])} without a name; SCIP crashes, HiGHS loses the row"
            )
            self._notes.error("row without name", number, message)
            return
        kind, name = fields[0], fields[1]
        if kind not in _TYPES:
            message = f"row type {shown(kind)}; expected N, E, L or G"
            self._notes.error("row types", number, message)
        if len(fields) > 2:
            self._check_rest(number, fields, text)
        rows = self._outline.rows
        if name in rows and not self._outline.is_spaced:
            message = f"a second row {shown(name)}; SCIP refuses it, HiGHS keeps both"
            self._notes.error("duplicate rows", number, message)
        check_length(name, number, self._notes)
        rows[name] = kind
        if kind == FREE and self._outline.first_free is None:
            self._outline.first_free = name
            self._check_objective(number)

    def end(self) -> None:
        """Nothing is left to say."""

    def _check_rest(self, number: int, fields: list[bytes], text: bytes) -> None:
        if len(text.rstrip()) <= _END_OF_FIXED_NAME:
            message = (
                f"row name {shown(b' '.join(fields[1:]))} with blanks; SCIP loses such rows or "
                "their sides, so rename it and write the file in free format"
            )
            self._notes.error("names with blanks", number, message)
            self._outline.is_spaced = True
        else:
            message = (
                f"text {shown(b' '.join(fields[2:]))} after a row's name; SCIP ignores it, "
                "HiGHS refuses the file, so put comments on lines of their own"
            )
            self._notes.warning("text after row names", number, message)

    def _check_objective(self, number: int) -> None:
        outline = self._outline
        if outline.objective is None:
            outline.objective = outline.first_free
        elif outline.objective != outline.first_free:
            message = (
                f"OBJNAME is {shown(outline.objective)}, the first free row another; "
                "HiGHS ignores OBJNAME, so put that row first"
            )
            self._notes.error("objective row", number, message)


class Sense:
    """Lints OBJSENSE, also as ``OBJSENSE MAX`` in one line."""

    def __init__(self, notes: Notes) -> None:
        """Start before the section."""
        self._notes = notes

    def same_line(self, number: int, word: bytes) -> None:
        """Lint the word behind OBJSENSE."""
        if word.upper() in {b"MAX", b"MIN"}:
            self._check_case(number, word)
        elif word.upper()[:3] in {b"MAX", b"MIN"}:
            message = f"OBJSENSE {shown(word)}; HiGHS ignores it and minimizes, so write MAX or MIN"
            self._notes.error("objective sense", number, message)
        else:
            self._unknown(number, word)

    def line(self, number: int, fields: list[bytes], _text: bytes) -> None:
        """Lint a line of the section."""
        if fields[0].upper()[:3] in {b"MAX", b"MIN"}:
            self._check_case(number, fields[0])
        else:
            self._unknown(number, fields[0])

    def end(self) -> None:
        """Nothing is left to say."""

    def _check_case(self, number: int, word: bytes) -> None:
        if not word.isupper():
            message = f"objective sense {shown(word)}; SCIP refuses it in lower case"
            self._notes.warning("objective sense", number, message)

    def _unknown(self, number: int, word: bytes) -> None:
        message = f"objective sense {shown(word)}; expected MAX or MIN"
        self._notes.error("objective sense", number, message)


class ObjectiveName:
    """Takes the objective's name from OBJNAME."""

    def __init__(self, outline: Outline) -> None:
        """Put the name into the outline."""
        self._outline = outline

    def line(self, _number: int, fields: list[bytes], _text: bytes) -> None:
        """Take the name."""
        self._outline.objective = fields[0]

    def end(self) -> None:
        """Nothing is left to say."""
