"""The columns of an LP file: where their names occur, and their bounds and types."""

from __future__ import annotations

import math
import re

from bench.instances.lint.bounds import Bounds, check_crossing
from bench.instances.lint.findings import Notes, shown
from bench.instances.lint.lp_sections import Section

_NAME = re.compile(rb"[^\s+\-*^<>=:\[\]0-9.][^\s+\-*^<>=:\[\]]*")
_LABEL = re.compile(rb"(?<![^\s:])[^\s:]+\s*:")
_ODD = re.compile(rb"[^,].*[,)]|.+\(")


class Columns:
    """The names of columns, by the sections in which they occur."""

    def __init__(self, notes: Notes) -> None:
        """Start without a column."""
        self._notes = notes
        self._lower_names: set[bytes] = set()
        self._n_lowered = 0
        self.of_terms: set[bytes] = set()
        """Columns in the objective and in rows."""
        self._of_others: set[bytes] = set()
        """Words in lists of special ordered sets, and words in sections that no solver reads."""
        self.bounds: dict[bytes, Bounds] = {}
        self._binaries: set[bytes] = set()

    def lower_names(self) -> set[bytes]:
        """Return the names in terms in lower case."""
        if self._n_lowered != len(self.of_terms):
            self._lower_names = {name.lower() for name in self.of_terms}
            self._n_lowered = len(self.of_terms)
        return self._lower_names

    def enter_terms(self, number: int, text: bytes) -> None:
        """Read the names in a line of terms, without the label of a row."""
        names = _NAME.findall(_LABEL.sub(b" ", text) if b":" in text else text)
        if (b"(" in text or b")" in text) and not self.of_terms.issuperset(names):
            for name in names:
                self._check_parentheses(number, name)
        self.of_terms.update(names)

    def enter_others(self, text: bytes) -> None:
        """Read the words of a line that may name columns."""
        self._of_others.update(_NAME.findall(text))

    def enter_types(self, number: int, text: bytes, section: Section) -> None:
        """Read the names of columns that get a type."""
        for name in text.split():
            if name not in self.of_terms and name not in self.bounds:
                message = (
                    f"column {shown(name)} is neither in the objective nor in a row; HiGHS makes "
                    "a new column of it, SCIP refuses the file"
                )
                self._notes.error(
                    f"undefined columns in {section.name.capitalize()}",
                    number,
                    message,
                    misread_by="highs",
                )
            elif section is Section.SEMIS:
                self.bounds.setdefault(name, Bounds(number)).is_semi = True
            elif section is Section.BINARIES:
                self._binaries.add(name)

    def end(self) -> None:
        """Report problems that depend on all sections."""
        for name, bounds in self.bounds.items():
            if name not in self.of_terms and name not in self._of_others:
                message = (
                    f"column {shown(name)} is in Bounds alone; SCIP and HiGHS make a new column "
                    "of it, so check its name"
                )
                self._notes.warning("columns in Bounds alone", bounds.line, message)
            elif name in self._binaries:
                self._check_binary(name, bounds)
            else:
                check_crossing(name, bounds, self._notes)
        odd = [name for name in self.of_terms if _ODD.match(name)]
        if odd:
            message = (
                f"columns with parentheses or commas in their names: {len(odd)}, such as "
                f"{shown(min(odd))}; SCIP and HiGHS read them, Gurobi does not"
            )
            self._notes.warning("names with parentheses or commas", None, message)

    def _check_binary(self, name: bytes, bounds: Bounds) -> None:
        if not bounds.has_upper:
            bounds.upper = 1.0
        if bounds.lower >= 0 and bounds.upper <= 1:
            check_crossing(name, bounds, self._notes)
        else:
            message = (
                f"binary column {shown(name)} with bounds beyond 0 and 1; HiGHS keeps them, SCIP "
                "takes 0 and 1 or refuses the file"
            )
            self._notes.error("bounds of binary columns", bounds.line, message, misread_by="highs")

    def _check_parentheses(self, number: int, name: bytes) -> None:
        if name.startswith(b"(") or name.count(b"(") != name.count(b")"):
            message = (
                f"{shown(name)} with a parenthesis; LP text has none around terms, and SCIP and "
                "HiGHS take it for a part of a column's name"
            )
            self._notes.error("parentheses", number, message)


_TOKEN = re.compile(rb"[<>=]+|:|[^\s<>=:]+")
_SIGN_APART = re.compile(rb"([+\-])\s+")
_FREE = b"free"


class BoundLines:
    """Lints the lines of Bounds; a bound may span several lines."""

    def __init__(self, columns: Columns, notes: Notes) -> None:
        """Add the bounds to these columns."""
        self._columns = columns
        self._notes = notes
        self._forget()

    def line(self, number: int, text: bytes) -> None:
        """Read the bounds of a line."""
        for token in _TOKEN.findall(_SIGN_APART.sub(rb"\1", text)):
            value = _value(token)
            if token[:1] in b"<>=":
                self._sense = token
            elif value is not None:
                self._number(number, value)
            elif token.lower() == _FREE and self._name and not (self._sense or self._is_bounded):
                self._set(number, -math.inf, math.inf)
            else:
                self._start(number, token)

    def end_of_section(self) -> None:
        """Report a last word without a bound."""
        self._check_bounded()
        self._forget()

    def _forget(self) -> None:
        self._name = b""
        self._number_of_name = 0
        self._is_bounded = False
        self._left: float | None = None
        self._sense = b""

    def _start(self, number: int, name: bytes) -> None:
        self._check_bounded()
        left, sense = self._left, self._sense
        self._forget()
        self._name, self._number_of_name = name, number
        if left is not None and sense:
            self._bound(number, _turned(sense), left)

    def _number(self, number: int, value: float) -> None:
        if self._name and self._sense:
            self._bound(number, self._sense, value)
        else:
            self._check_bounded()
            self._forget()
            self._left = value

    def _bound(self, number: int, sense: bytes, value: float) -> None:
        lower = None if b"<" in sense else value
        upper = None if b">" in sense else value
        self._set(number, lower, upper)
        self._sense = b""

    def _set(self, number: int, lower: float | None, upper: float | None) -> None:
        self._is_bounded = True
        self._columns.bounds.setdefault(self._name, Bounds(number)).set(number, lower, upper)

    def _check_bounded(self) -> None:
        if self._name and not self._is_bounded:
            message = (
                f"{shown(self._name)} without a bound; SCIP takes any word here for a column and "
                "goes on, HiGHS refuses the file"
            )
            self._notes.error(
                "words without a bound", self._number_of_name, message, misread_by="scip"
            )


def _turned(sense: bytes) -> bytes:
    """Return the sense with both sides exchanged."""
    return sense.translate(bytes.maketrans(b"<>", b"><"))


_INFINITE = re.compile(rb"([+-]?)inf(?:inity)?", re.IGNORECASE)


def _value(token: bytes) -> float | None:
    """Return the number of a token, NaN for an invalid one, or None."""
    if infinite := _INFINITE.fullmatch(token):
        return -math.inf if infinite[1] == b"-" else math.inf
    if token[:1] not in b"+-.0123456789":
        return None
    try:
        return float(token)
    except ValueError:
        return math.nan
