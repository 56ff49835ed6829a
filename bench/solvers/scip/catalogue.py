"""SCIP's parameter catalogue, from SCIP's own list."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from pyscipopt import Model

from bench.model.parameters import Catalogue, Parameter, ParameterKind
from bench.model.setting import ParameterValue

_FACTS = re.compile(
    r"# \[type: (?P<type>\w+), advanced: (?P<advanced>TRUE|FALSE), "
    r"(?:range: (?P<range>.*), )?default: (?P<default>.*)\]"
)
_VERSION = re.compile(r"# SCIP version [\d.]+")
_KINDS = {
    "bool": ParameterKind.BOOL,
    "int": ParameterKind.INT,
    "longint": ParameterKind.INT,
    "real": ParameterKind.REAL,
    "char": ParameterKind.CHAR,
    "string": ParameterKind.STRING,
}
_PRINTED_MAXIMUM = 1.79769313486231e308
"""SCIP prints 15 digits; numbers from here on mean the largest double."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A parsed parameter list, with the lines that could not be parsed (none are known)."""

    catalogue: Catalogue
    unparsed: tuple[str, ...]


def list_parameters() -> str:
    """Return SCIP's list of all its parameters with comments."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "all.set"
        Model().writeParams(str(path), comments=True, onlychanged=False, verbose=False)
        return path.read_text(encoding="utf-8", errors="replace")


def parse(text: str) -> Listing:
    """Parse a list in SCIP's format: description, ``# [type: ...]``, ``name = value``."""
    parameters: list[Parameter] = []
    unparsed: list[str] = []
    comments: list[str] = []
    facts: re.Match[str] | None = None
    for line in text.splitlines():
        if facts is not None:
            parameter = _parameter(line, facts, " ".join(comments))
            unparsed += [] if parameter else [*comments, facts[0], line]
            parameters += [parameter] if parameter else []
            comments = []
            facts = None
        elif line.strip() and not _VERSION.fullmatch(line):
            facts = _FACTS.fullmatch(line)
            comments += [] if facts else [line.removeprefix("#").strip()]
    return Listing(Catalogue(parameters), (*unparsed, *comments, *((facts[0],) if facts else ())))


class Listed(Mapping[str, Parameter]):
    """The parameters in a list of SCIP, in its order.

    The list is written on the first access (20 ms), and only the requested parameter is parsed.
    Iteration parses all (20 ms more).
    """

    def __init__(self, write: Callable[[], str]) -> None:
        """Take the function that writes the list."""
        self._write = write
        self._all: Catalogue | None = None

    def __getitem__(self, name: str) -> Parameter:
        """Return the parameter of exactly this name, or raise KeyError."""
        if self._all is not None:
            return self._all[name]
        found = self._text.rfind(f"\n{name} = ")
        if found < 0:
            raise KeyError(name)
        start = self._text.rfind("\n\n", 0, found) + 1
        end = self._text.find("\n", found + 1)
        return parse(self._text[start : end if end > 0 else None]).catalogue[name]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names."""
        return iter(self._parsed())

    def __len__(self) -> int:
        """Return the number of parameters."""
        return len(self._parsed())

    @cached_property
    def _text(self) -> str:
        return self._write()

    def _parsed(self) -> Catalogue:
        if self._all is None:
            self._all = parse(self._text).catalogue
        return self._all


@cache
def read_catalogue() -> Catalogue:
    """Return every parameter of the installed SCIP, in SCIP's order."""
    return Catalogue(Listed(list_parameters))


def _parameter(line: str, facts: re.Match[str], description: str) -> Parameter | None:
    name, equals, _ = line.partition(" = ")
    kind = _KINDS.get(facts["type"])
    if not equals or kind is None:
        return None
    try:
        low, high = _bounds(kind, facts["range"])
        return Parameter(
            name=name,
            kind=kind,
            default=_value(kind, facts["default"]),
            description=description,
            low=low,
            high=high,
            choices=_choices(kind, facts["range"]),
            advanced=facts["advanced"] == "TRUE",
        )
    except ValueError:
        return None


def _value(kind: ParameterKind, text: str) -> ParameterValue:
    match kind:
        case ParameterKind.BOOL:
            return {"TRUE": True, "FALSE": False}[text]
        case ParameterKind.INT:
            return int(text)
        case ParameterKind.REAL:
            return _real(text)
        case ParameterKind.CHAR:
            return text
        case ParameterKind.STRING:
            return text.removeprefix('"').removesuffix('"')


def _real(text: str) -> float:
    number = float(text)
    if abs(number) < _PRINTED_MAXIMUM:
        return number
    return math.copysign(sys.float_info.max, number)


def _bounds(kind: ParameterKind, text: str | None) -> tuple[float | None, float | None]:
    if text is None or kind not in {ParameterKind.INT, ParameterKind.REAL}:
        return None, None
    low, high = text.strip("[]").split(",")
    if kind is ParameterKind.INT:
        return int(low), int(high)
    return _finite(_real(low)), _finite(_real(high))


def _finite(number: float) -> float | None:
    return None if abs(number) == sys.float_info.max else number


def _choices(kind: ParameterKind, text: str | None) -> tuple[str, ...]:
    is_list = kind is ParameterKind.CHAR and text is not None and re.fullmatch(r"\{\S+\}", text)
    return tuple(text[1:-1]) if is_list and text else ()
