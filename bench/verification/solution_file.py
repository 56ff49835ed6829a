"""Solution files: SCIP's ``.sol``, MIPLIB's and Gurobi's (alike), HiGHS's and CBC's own formats.

::

    solution status: optimal solution found      # Primal solution values
    objective value:          4795.35            Feasible
    y_8                            1  (obj:753)  Objective 4795.35
    x_2_6                       0.85  (obj:92)   # Columns 210
    =obj= 4795.35                    (MIPLIB)    y_8 1

    Optimal - objective value 4795.35                     (CBC)
          7 y_8                     1              753

Values are read as decimal text, not as doubles.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from itertools import dropwhile
from pathlib import Path

from bench.errors import UsageError
from bench.instances.files import content

INFINITE = Fraction(10**20)
"""SCIP's infinity: such a value is set to it, with its sign."""
SMALLEST_EXPONENT = -400
"""Below the smallest double, so nobody means it."""
LONGEST_NUMBER = 400
NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
INFINITY = re.compile(r"([+-]?)inf(?:inity)?", re.IGNORECASE)
OBJECTIVE = re.compile(r"(?:objective value:|=obj=|#\s*Objective value\s*=)\s*(\S+)", re.IGNORECASE)
NOTHING = re.compile(r"no solution|=infeas=", re.IGNORECASE)
HIGHS_STARTS = "# Primal solution values"
CBC_STARTS = re.compile(r"([A-Z][a-z ]+(?:\([^)\n]*\))?) - objective value (\S+)")
CBC_LINE = re.compile(r"(?:\*\*)?\s*\d+\s+(\S+)\s+(\S+)\s+\S+\s*")
CBC_SOLUTIONS = ("Optimal", "Stopped on ")
"""The beginnings of files in which CBC found a solution; it also writes infeasible points."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SolutionFile:
    """The content of a solution file.

    ``objective`` is the value that it claims, if any. ``writer`` is the solver with this format,
    ``""`` if it is unknown: only SCIP writes objective coefficients.
    """

    values: Mapping[str, Fraction]
    objective: float | None = None
    writer: str = ""
    notes: tuple[str, ...] = ()


def read(path: Path) -> SolutionFile:
    """Return the content of the file, which may be compressed by gzip.

    Raise UsageError with file and line if it is not a solution: no name and number, not a number
    (nan), a repeated name, or nothing at all.
    """
    try:
        text = b"".join(content(path)).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(
            f"{path}: not a text file; expected a solution as SCIP writes it"
        ) from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UsageError(f"{path}: damaged gzip file: {error}") from error
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror or error}") from error
    if not text.strip():
        raise UsageError(f"{path}: empty file; expected a solution as SCIP writes it")
    lines = enumerate(text.splitlines(), start=1)
    draft = _Draft(path)
    if HIGHS_STARTS in text:
        _read_highs(draft, lines)
    elif CBC_STARTS.match(text):
        _read_cbc(draft, lines)
    else:
        _read_plain(draft, lines)
    return draft.finished()


@dataclass(slots=True)
class _Draft:
    """A solution that is being read."""

    path: Path
    values: dict[str, Fraction] = field(default_factory=dict)
    objective: float | None = None
    writer: str = ""
    n_infinite: int = 0

    def add(self, line: int, words: list[str]) -> None:
        if len(words) < 2:
            raise self.wrong(line, f"expected NAME VALUE, found {words[0][:60]!r}")
        name, text = words[:2]
        if name in self.values:
            raise self.wrong(line, f"a second value for {name}")
        self.values[name] = self.number(line, name, text)

    def claim(self, line: int, text: str) -> None:
        value = self.number(line, "the objective", text)
        self.objective = None if abs(value) >= INFINITE else float(value)

    def number(self, line: int, what: str, text: str) -> Fraction:
        if NUMBER.fullmatch(text) and len(text) <= LONGEST_NUMBER:
            if len(text) < 18 and text.isdigit():
                return Fraction(int(text))
            number = Decimal(text)
            if not number or SMALLEST_EXPONENT <= number.adjusted() < 20:
                return Fraction(number)
            if number.adjusted() < SMALLEST_EXPONENT:
                raise self.wrong(line, f"the value of {what} is smaller than any number: {text}")
            return self._infinite(negative=number < 0)
        infinite = INFINITY.fullmatch(text)
        if infinite:
            return self._infinite(negative=infinite[1] == "-")
        raise self.wrong(line, f"the value of {what} is not a number: {text}")

    def wrong(self, line: int, why: str) -> UsageError:
        return UsageError(f"{self.path}:{line}: {why}")

    def finished(self) -> SolutionFile:
        notes = (f"infinite values, taken as 1e20: {self.n_infinite}",) if self.n_infinite else ()
        return SolutionFile(
            values=self.values, objective=self.objective, writer=self.writer, notes=notes
        )

    def _infinite(self, *, negative: bool) -> Fraction:
        self.n_infinite += 1
        return -INFINITE if negative else INFINITE


def _read_plain(draft: _Draft, lines: Iterator[tuple[int, str]]) -> None:
    """Read ``NAME VALUE (obj:...)`` lines between SCIP's, MIPLIB's or Gurobi's headers."""
    for number, line in lines:
        words = line.split()
        objective = OBJECTIVE.match(line)
        if objective:
            draft.claim(number, objective[1])
        elif NOTHING.match(line):
            raise draft.wrong(number, f"the file holds no solution: {line.strip()}")
        elif words and words[0] != "#" and not line.startswith("solution status:"):
            if len(words) > 2:
                if not words[2].startswith("(obj:"):
                    raise draft.wrong(number, f"expected NAME VALUE, found {line.strip()[:60]!r}")
                draft.writer = "scip"
            draft.add(number, words)


def _read_cbc(draft: _Draft, lines: Iterator[tuple[int, str]]) -> None:
    """Read the lines of index, name, value and reduced cost below the one with the status."""
    number, first = next(lines)
    header = CBC_STARTS.match(first)
    status = "" if header is None else header[1]
    if header is None or not status.startswith(CBC_SOLUTIONS) or "no integer solution" in status:
        raise draft.wrong(number, f"the file holds no solution: {first.strip()}")
    draft.claim(number, header[2])
    for number, line in lines:
        if found := CBC_LINE.fullmatch(line):
            draft.add(number, [found[1], found[2]])
        elif line.strip():
            raise draft.wrong(
                number, f"expected INDEX NAME VALUE COST, found {line.strip()[:60]!r}"
            )


def _read_highs(draft: _Draft, lines: Iterator[tuple[int, str]]) -> None:
    """Read the primal part of a HiGHS file: all columns, or (``-n``) those that are not 0."""
    draft.writer = "highs"
    primal = dropwhile(lambda item: not item[1].startswith(HIGHS_STARTS), lines)
    columns = re.compile(r"# Columns -?(\d+)")
    n_columns = None
    for number, line in primal:
        if line.startswith("Objective "):
            draft.claim(number, line.split()[-1])
        elif line.strip() == "None":
            raise draft.wrong(number, "the file holds no solution: None")
        elif found := columns.match(line):
            n_columns = int(found[1])
            break
    if n_columns is None:
        raise UsageError(f"{draft.path}: the file is truncated")
    for number, line in primal:
        words = line.split()
        if words[:1] == ["#"]:
            break
        if words:
            draft.add(number, words)
    if len(draft.values) != n_columns:
        told = f"{len(draft.values)} of {n_columns} values"
        raise draft.wrong(number, f"{told}: the file is truncated")
