"""Section headers of LP files in the dialects of CPLEX and Gurobi, and how each solver reads them.

The outcomes were determined by executing files (tests/bench/instances/lint/test_lp_sections.py);
docs/lint.md lists them too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from functools import partial

from bench.instances.lint.findings import Notes


class Section(Enum):
    """The content of a section's lines."""

    START = auto()
    OBJECTIVE = auto()
    ROWS = auto()
    BOUNDS = auto()
    GENERALS = auto()
    BINARIES = auto()
    SEMIS = auto()
    SETS = auto()
    UNREAD = auto()
    END = auto()


class Reading(StrEnum):
    """How a solver reads a section: the worst observed outcome at any position."""

    READ = "read"
    REFUSED = "refused"
    MISREAD = "misread"


@dataclass(frozen=True, slots=True)
class Header:
    """A header in one spelling; upper and lower case are the same.

    ``name`` is its spelling in the docs. ``stands_alone`` headers are words that solvers do not
    know, so they may also be names of columns: they count only if nothing else is in the line.
    """

    name: str
    section: Section
    scip: Reading = Reading.READ
    highs: Reading = Reading.READ
    why: str = ""
    stands_alone: bool = False

    @property
    def readings(self) -> Iterator[tuple[str, str, Reading]]:
        """Yield code base, title and outcome of each solver."""
        yield "scip", "SCIP", self.scip
        yield "highs", "HiGHS", self.highs


_OBJECTIVES = ("Minimize", "Minimum", "Min", "Maximize", "Maximum", "Max")
_LOST = "SCIP skips everything before the rows, and with it the objective"
_UNENFORCED = "SCIP also reads the row before it as a cut, and does not enforce it"
_INT = "HiGHS takes the word for a column or refuses the file"
_PIECEWISE = "SCIP takes the words after Bounds for columns or refuses the file"
_SEVERAL = "SCIP and HiGHS take the words for columns or refuse the file"
_SEMI_INTEGER = "SCIP takes Integer for the next section, HiGHS for a column"
_SCENARIO = "SCIP and HiGHS take the words for columns, and what follows for the problem's own"


def _headers() -> Iterator[Header]:
    """Yield the headers; those that stand alone are in no list of words of a solver."""
    known, alone = Header, partial(Header, stands_alone=True)
    read, refused, misread = Reading
    yield from (known(name, Section.OBJECTIVE) for name in _OBJECTIVES)
    for name in ("Minimise", "Maximise"):
        yield known(name, Section.OBJECTIVE, misread, read, _LOST)
    for name in ("Minimize multi-objectives", "Maximize multi-objectives"):
        yield known(name, Section.UNREAD, misread, misread, _SEVERAL)
    rows = ("Subject To", "Such That", "ST", "ST.", "S.T.")
    yield from (known(name, Section.ROWS) for name in rows)
    yield known("Lazy Constraints", Section.ROWS, read, refused)
    yield known("User Cuts", Section.ROWS, misread, refused, _UNENFORCED)
    yield from (known(name, Section.BOUNDS) for name in ("Bounds", "Bound"))
    generals = ("Generals", "General", "Gen", "Integers", "Integer")
    yield from (known(name, Section.GENERALS) for name in generals)
    yield known("Int", Section.GENERALS, read, misread, _INT)
    yield from (known(name, Section.BINARIES) for name in ("Binaries", "Binary", "Bin"))
    yield from (known(name, Section.SEMIS) for name in ("Semi-continuous", "Semis", "Semi"))
    yield known("Semi-integer", Section.UNREAD, refused, refused)
    yield known("Semi integer", Section.UNREAD, misread, misread, _SEMI_INTEGER)
    yield known("SOS", Section.SETS, read, refused)
    yield from (alone(name, Section.SETS, refused, refused) for name in ("SOS1", "SOS2"))
    yield alone("PWLObj", Section.UNREAD, misread, refused, _PIECEWISE)
    yield alone("PWL", Section.UNREAD, refused, refused)
    for name in ("General Constraints", "General Constraint"):
        yield known(name, Section.UNREAD, refused, refused)
    others = ("GenCons", "G.C.", "Multi-objectives", "Indicators", "Indicator Constraints")
    yield from (alone(name, Section.UNREAD, refused, refused) for name in others)
    yield alone("Scenario NAME", Section.UNREAD, misread, misread, _SCENARIO)
    yield known("End", Section.END)


HEADERS = tuple(_headers())

_APART = rb"\s+\-*^<>=:\[\]\\"
_WORD_END = rb"(?![^" + _APART + rb"])"


def _pattern(header: Header) -> bytes:
    words = re.escape(header.name.removesuffix(" NAME").encode()).replace(rb"\ ", rb"[ \t]+")
    if header.name.endswith(" NAME"):
        words += rb"[ \t]+\S+"
    return words + (rb"(?=\s*$)" if header.stands_alone else _WORD_END + rb"(?!\s*:)")


_BY_LENGTH = sorted(HEADERS, key=lambda header: -len(header.name))
_ANY = re.compile(
    rb"\s*(?:%s)" % b"|".join(b"(" + _pattern(one) + b")" for one in _BY_LENGTH), re.IGNORECASE
)
_INITIALS = frozenset(
    letter for header in HEADERS for letter in (header.name[0].lower() + header.name[0]).encode()
)


def header_of(line: bytes) -> tuple[Header, bytes] | None:
    """Return the header at the start of the line and the rest, or None."""
    text = line.lstrip()
    if not text or text[0] not in _INITIALS:
        return None
    found = _ANY.match(text)
    return (_BY_LENGTH[(found.lastindex or 0) - 1], text[found.end() :]) if found else None


def note_readings(header: Header, line: int, notes: Notes) -> None:
    """Report the solvers that do not read the section: an error for each that misreads it."""
    readings = list(header.readings)
    if all(outcome is Reading.MISREAD for _, _, outcome in readings):
        notes.error("sections that are misread", line, f"section {header.name}; {header.why}")
        return
    for code_base, title, outcome in readings:
        if outcome is Reading.MISREAD:
            message = f"section {header.name}; {header.why}"
            notes.error("sections that are misread", line, message, misread_by=code_base)
        elif outcome is Reading.REFUSED:
            message = f"section {header.name}; {title} refuses the file"
            notes.warning("sections that are not read", line, message)
