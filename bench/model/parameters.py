"""The parameters of a solver: names, types, ranges, defaults, and the check of values."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import translate

from bench.errors import UsageError
from bench.model.setting import ParameterValue


class ParameterKind(StrEnum):
    """The type of a parameter."""

    BOOL = "bool"
    INT = "int"
    REAL = "real"
    CHAR = "char"
    STRING = "string"


TEXT_KINDS = frozenset({ParameterKind.CHAR, ParameterKind.STRING})
"""Types whose values may contain a comma or a colon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter of a solver.

    ``low`` and ``high`` bound numbers (None: not a number, or unbounded). For an INT they are of
    type int, because a float cannot represent 2**63 - 1. ``choices`` lists the values that a text
    may have (empty: any).
    """

    name: str
    kind: ParameterKind
    default: ParameterValue
    description: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    advanced: bool = False

    @property
    def range_text(self) -> str:
        """The allowed values in words, e.g. ``[0, 1]``, ``true or false``, ``one of l, s``."""
        if self.kind is ParameterKind.BOOL:
            return "true or false"
        if self.choices:
            return f"one of {', '.join(self.choices)}"
        if self.low is None and self.high is None:
            return "any"
        return f"[{_number(self.low, '-inf')}, {_number(self.high, 'inf')}]"


class Catalogue(Mapping[str, Parameter]):
    """All parameters of one solver, by name, in the solver's order."""

    def __init__(self, parameters: Iterable[Parameter] | Mapping[str, Parameter]) -> None:
        """Collect the parameters; a later one replaces an earlier one of the same name.

        A mapping is used directly, so it may look up a parameter on demand.
        """
        self._parameters: Mapping[str, Parameter] = (
            parameters
            if isinstance(parameters, Mapping)
            else {parameter.name: parameter for parameter in parameters}
        )

    def __getitem__(self, name: str) -> Parameter:
        """Return the parameter of exactly this name, or raise KeyError."""
        return self._parameters[name]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names."""
        return iter(self._parameters)

    def __len__(self) -> int:
        """Return the number of parameters."""
        return len(self._parameters)

    def check(self, name: str, value: ParameterValue) -> ParameterValue:
        """Return the value in the parameter's own type.

        Raise UsageError for an unknown name (with the nearest known ones), a value of the wrong
        type (with the type) or outside the range (with the range).
        """
        parameter = self._parameters.get(name)
        if parameter is None:
            raise UsageError(f"unknown parameter {name!r}{self._hint(name)}")
        return check_value(parameter, value)

    def matching(self, pattern: str) -> list[Parameter]:
        """Return the parameters whose name contains the pattern, in the solver's order.

        A pattern with ``*``, ``?`` or ``[`` is a shell glob for the whole name (``*`` also matches
        ``/``). Upper and lower case are not distinguished.
        """
        lowered = pattern.lower()
        if any(wildcard in pattern for wildcard in "*?["):
            matches = re.compile(translate(lowered)).match
            return [known for known in self.values() if matches(known.name.lower())]
        return [known for known in self.values() if lowered in known.name.lower()]

    def near(self, text: str) -> list[str]:
        """Return up to three similar names, the most likely first.

        The order is: names that end in the text, names with a similar spelling, names of which one
        part (between slashes) has a similar spelling.
        """
        lowered = {known.lower(): known for known in self}
        wanted = text.lower().strip("/*? ")
        near = sorted((low for low in lowered if low.endswith("/" + wanted)), key=len)
        near = near or difflib.get_close_matches(wanted, lowered, n=_N_NEAR)
        if not near:
            parts = dict.fromkeys(part for low in lowered for part in low.split("/"))
            alike = difflib.get_close_matches(wanted, parts, n=1, cutoff=_PART_CUTOFF)
            near = [low for low in lowered if alike and alike[0] in low.split("/")]
        return [lowered[low] for low in near[:_N_NEAR]]

    def _hint(self, name: str) -> str:
        near = self.near(name) or self.near(name.rsplit("/", 1)[-1])
        if not near:
            return "; see `bench params PATTERN --solver NAME` for the names"
        return f"; did you mean {' or '.join(map(repr, near))}?"


_N_NEAR = 3
_PART_CUTOFF = 0.75


def check_value(parameter: Parameter, value: ParameterValue) -> ParameterValue:
    """Return the value in the type of the parameter; UsageError if the value is not allowed."""
    converted = _convert(parameter, value)
    if converted is None:
        raise UsageError(
            f"parameter {parameter.name} = {value!r}: expected {_KIND_TEXT[parameter.kind]}"
        )
    if not _allowed(parameter, converted):
        raise UsageError(f"parameter {parameter.name} = {value!r}: outside {parameter.range_text}")
    return converted


_KIND_TEXT = {
    ParameterKind.BOOL: "true or false",
    ParameterKind.INT: "a whole number",
    ParameterKind.REAL: "a number",
    ParameterKind.CHAR: "a single character",
    ParameterKind.STRING: "a text",
}
_TRUE = frozenset({"true", "yes", "on", "1"})
_FALSE = frozenset({"false", "no", "off", "0"})


def _convert(parameter: Parameter, value: ParameterValue) -> ParameterValue | None:
    match parameter.kind:
        case ParameterKind.BOOL:
            return _to_bool(value)
        case ParameterKind.INT:
            return _to_int(value)
        case ParameterKind.REAL:
            return _to_real(value)
        case ParameterKind.CHAR:
            text = str(value)
            return text if len(text) == 1 else None
        case ParameterKind.STRING:
            return value if isinstance(value, str) else None


def _to_bool(value: ParameterValue) -> bool | None:
    text = str(value).lower()
    return True if text in _TRUE else False if text in _FALSE else None


def _to_int(value: ParameterValue) -> int | None:
    if isinstance(value, int):
        return None if isinstance(value, bool) else value
    try:
        return int(value) if isinstance(value, str) and _is_plain(value) else _whole(value)
    except ValueError:
        return _whole(value)


def _whole(value: float | str) -> int | None:
    number = _to_real(value)
    return None if number is None or not number.is_integer() else int(number)


def _to_real(value: ParameterValue) -> float | None:
    if isinstance(value, bool) or (isinstance(value, str) and not _is_plain(value)):
        return None
    try:
        number = float(value)
    except OverflowError:
        return math.inf
    except ValueError:
        return None
    return None if math.isnan(number) else number


def _is_plain(text: str) -> bool:
    return text.isascii() and "_" not in text


def _allowed(parameter: Parameter, value: ParameterValue) -> bool:
    if parameter.choices:
        return str(value) in parameter.choices
    if parameter.kind in {ParameterKind.INT, ParameterKind.REAL}:
        number = value if isinstance(value, int) else float(value)
        low = -math.inf if parameter.low is None else parameter.low
        high = math.inf if parameter.high is None else parameter.high
        return low <= number <= high and abs(number) != math.inf
    return True


def _number(value: float | None, missing: str) -> str:
    if value is None:
        return missing
    return str(value) if isinstance(value, int) else f"{value:.15g}"
