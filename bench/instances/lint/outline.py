"""The outline of an MPS file: what its sections have defined so far."""

from __future__ import annotations

from dataclasses import dataclass, field

from bench.instances.lint.notes import Notes, shown

FREE = b"N"
LONGEST_NAME = 255

_TAKEN_FOR_SECTIONS = frozenset({b"NAME", b"OBJSENSE", b"QCMATRIX", b"QSECTION", b"CSECTION"})


@dataclass(slots=True)
class Outline:
    """Rows with their types and columns with their integrality, by name."""

    rows: dict[bytes, bytes] = field(default_factory=dict)
    columns: dict[bytes, bool] = field(default_factory=dict)
    objective: bytes | None = None
    """The first row of type N, or what OBJNAME says."""
    first_free: bytes | None = None
    is_spaced: bool = False
    """Whether names have blanks in them, so that lines cannot be split into fields."""


class Vectors:
    """Watches the vector names of RHS, RANGES or BOUNDS, of which a file should use one."""

    def __init__(self, section: str, notes: Notes) -> None:
        """Start before the first line of the section."""
        self._section = section
        self._notes = notes
        self._first: bytes | None = None

    def is_first(self, name: bytes, line: int) -> bool:
        """Return whether the name is that of the first vector, and note it where it is not.

        An empty name is a line without one.
        """
        if self._first is None:
            self._first = name
            check_keyword(name, line, self._notes)
        if name == self._first:
            return True
        message = (
            f"a second {self._section} vector {shown(name)} after {shown(self._first)}; SCIP reads "
            "the first only, HiGHS all"
        )
        self._notes.error(f"lines of a second {self._section} vector", line, message)
        return False


def check_keyword(name: bytes, line: int, notes: Notes) -> None:
    """Note a first word of a data line that HiGHS takes for the start of a section."""
    if name.upper() in _TAKEN_FOR_SECTIONS:
        message = f"the name {shown(name)}; HiGHS takes it for a section and loses what follows"
        notes.error("name like a section", line, message)


def check_length(name: bytes, line: int, notes: Notes) -> None:
    """Note a name that SCIP cuts."""
    if len(name) > LONGEST_NAME:
        message = f"name {shown(name)} of {len(name)} characters; SCIP reads at most {LONGEST_NAME}"
        notes.warning("long names", line, message)
