"""What commercial solvers silently read as another problem than SCIP and HiGHS, each its own.

Found by executing small files (tests/bench/solvers/commercial/test_reading.py, docs/lint.md) with
Gurobi 13.0, Xpress 9.9, CPLEX 22.2 and COPT 8.0.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from bench.instances.files import content, file_format
from bench.instances.lint.findings import Notes
from bench.instances.lint.lp_sections import Section, header_of
from bench.instances.lint.plain_text import Lines

Misread = tuple[int, str]
"""The number of a line, and what the solver makes of it."""

LOST_LAZY = "it ignores lazy constraints, as there are no integer columns"
WHOLE = frozenset({b"BV", b"LI", b"UI", b"SI"})
"""Types of bounds that make a column integral."""
SEMI_CONTINUOUS = (b"SC", b"SI")
WITH_NUMBERS = frozenset({"COLUMNS", "RHS", "RANGES", "BOUNDS"})
BEHIND_ROWS = frozenset({Section.BOUNDS, Section.GENERALS, Section.BINARIES})
NUMBER_FIRST = re.compile(r"[\d.]")
"""In LP files no name begins so; coefficients and constants do."""


def misreading(solver: str, path: Path) -> str | None:
    """Return the first place at which a solver is known to misread a file, None without one."""
    look = LOOKS.get((solver, file_format(path) or ""))
    if look is None:
        return None
    try:
        found = next(look(Lines(content(path), Notes())), None)
    except (OSError, EOFError):  # a file that cannot be read is the solver's to refuse
        return None
    return None if found is None else f"line {found[0]}: {found[1]}"


def misread_name(names: Iterable[str], path: Path) -> str | None:
    """Return a column that was made of a coefficient or constant of an LP file, if there is one."""
    if file_format(path) != "lp":
        return None
    return next((name for name in names if NUMBER_FIRST.match(name)), None)


def _mps(lines: Iterable[bytes]) -> Iterator[tuple[int, str, list[bytes], bytes]]:
    """Yield number, section, fields and text of each line; a header is in its own section."""
    section = ""
    for number, text in enumerate(lines, 1):
        fields = text.split()
        if not fields or text.startswith(b"*"):
            continue
        if text[:1] not in {b" ", b"\t"}:
            section = fields[0].decode("ascii", "replace").upper()
            if section == "ENDATA":
                return
        yield number, section, fields, text


def _gurobi_mps(lines: Iterable[bytes]) -> Iterator[Misread]:
    objective: bytes | None = None
    for number, section, fields, text in _mps(lines):
        if section == "OBJNAME" and text[:1] in {b" ", b"\t"}:
            objective = fields[0]
        elif section == "ROWS" and fields[0] == b"N" and len(fields) > 1:
            if objective not in {None, fields[1]}:
                yield number, "it takes the first free row for the objective, whatever OBJNAME says"
            if b"\t" in text[: text.index(fields[1])]:
                yield number, "it loses the objective, because a tab comes before its name"
            return


def _cplex_mps(lines: Iterable[bytes]) -> Iterator[Misread]:
    for number, section, fields, text in _mps(lines):
        if section == "ROWS":
            return
        if text.upper().startswith(b"OBJSENSE") and fields[1:2] and b"MAX" in fields[1].upper():
            yield number, "it minimizes, because MAX is in the line of OBJSENSE"


def _cplex_lp(lines: Iterable[bytes]) -> Iterator[Misread]:
    for number, text in enumerate(lines, 1):
        found = header_of(text.partition(b"\\")[0])
        if found is not None and found[0].section in BEHIND_ROWS and found[1].strip():
            name = found[0].name
            yield number, f"it takes {name} for a part of a row, as it is not alone in its line"


def _xpress_mps(lines: Iterable[bytes]) -> Iterator[Misread]:
    for number, section, fields, text in _mps(lines):
        is_data = text[:1] in {b" ", b"\t"}
        if section == "RHS" and is_data and len(fields) % 2 == 0:
            yield number, "it ignores right-hand sides without the name of a vector"
        elif section == "QSECTION":
            yield number, "it ignores the section QSECTION"


def _copt_mps(lines: Iterable[bytes]) -> Iterator[Misread]:
    lazy = 0
    for number, section, fields, text in _mps(lines):
        lazy = lazy or (number if section == "LAZYCONS" else 0)
        if b"'INTORG'" in fields or fields[0] in WHOLE:
            lazy = -1
        if section == "BOUNDS" and fields[0].upper() in SEMI_CONTINUOUS:
            yield number, "it takes semi-continuous columns for continuous ones"
        elif section in WITH_NUMBERS and text[:1] in {b" ", b"\t"} and fields[-1].lower() == b"nan":
            yield number, "it takes nan for a number"
    if lazy > 0:
        yield lazy, LOST_LAZY


def _copt_lp(lines: Iterable[bytes]) -> Iterator[Misread]:
    lazy = 0
    for number, text in enumerate(lines, 1):
        found = header_of(text.partition(b"\\")[0])
        if found is None:
            continue
        if found[0].section in {Section.GENERALS, Section.BINARIES}:
            return
        lazy = lazy or (number if found[0].name == "Lazy Constraints" else 0)
    if lazy:
        yield lazy, LOST_LAZY


LOOKS: Mapping[tuple[str, str], Callable[[Iterable[bytes]], Iterator[Misread]]] = {
    ("gurobi", "mps"): _gurobi_mps,
    ("cplex", "mps"): _cplex_mps,
    ("cplex", "lp"): _cplex_lp,
    ("xpress", "mps"): _xpress_mps,
    ("copt", "mps"): _copt_mps,
    ("copt", "lp"): _copt_lp,
}
"""What finds the places, by code base and format."""
