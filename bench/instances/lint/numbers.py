"""Numbers: what is one by a strict rule, and what the solvers silently make of what is none."""

from __future__ import annotations

import math
import re

from bench.instances.lint.notes import Notes, shown

HUGE = 1e20
"""SCIP takes numbers from here on for infinite, and refuses them as coefficients."""

_DECIMAL = rb"[+-]?(?:\d+\.?\d*|\.\d+)"
_NUMBER = re.compile(_DECIMAL + rb"(?:[eE][+-]?\d+)?")
_FORTRAN = re.compile(rb"(" + _DECIMAL + rb")[dD]([+-]?\d+)")
_INFINITE = re.compile(rb"([+-]?)inf(?:inity)?", re.IGNORECASE)
_SPECIAL = re.compile(rb"[+-]?(?:nan|inf)", re.IGNORECASE)
_HEXADECIMAL = re.compile(rb"([+-]?)0[xX]([0-9a-fA-F]+)")
_LARGEST_CACHE = 100_000


class Numbers:
    """Reads the numbers of one file; what it has read once it reads fast."""

    def __init__(self, notes: Notes) -> None:
        """Note there what is no number."""
        self.known: dict[bytes, float] = {}
        self._notes = notes

    def value(self, token: bytes, line: int) -> float:
        """Return the number; NaN, and an error, where the token is none.

        Words for infinity are read as such and are the caller's to judge.
        """
        value = self.known.get(token)
        if value is not None:
            return value
        if _NUMBER.fullmatch(token):
            value = float(token)
            if len(self.known) < _LARGEST_CACHE:
                self.known[token] = value
            return value
        if infinite := _INFINITE.fullmatch(token):
            return -math.inf if infinite[1] == b"-" else math.inf
        self._notes.error("not a number", line, f"{shown(token)} is not a number; {fate(token)}")
        return math.nan

    def coefficient(self, token: bytes, line: int) -> float:
        """Return the number as :meth:`value` does, and note it where it is too large for one."""
        value = self.value(token, line)
        if abs(value) >= HUGE:
            message = f"coefficient {shown(token)}; SCIP refuses 1e20 and more as infinite"
            self._notes.error("infinite coefficient", line, message)
        return value


def is_number(token: bytes) -> bool:
    """Return whether the token is a finite number by the strict rule."""
    return _NUMBER.fullmatch(token) is not None


def fate(token: bytes) -> str:
    """Return what the solvers silently read where this token stands for a number."""
    if fortran := _FORTRAN.fullmatch(token):
        mantissa, exponent = fortran[1].decode(), fortran[2].decode()
        return f"SCIP reads {mantissa}, HiGHS {mantissa}e{exponent}; write e for the Fortran D"
    if special := _SPECIAL.match(token):
        word = special[0].decode().lower().lstrip("+")
        return f"SCIP reads {word} and may call the result optimal"
    if hexadecimal := _HEXADECIMAL.match(token):
        sign = "-" if hexadecimal[1] == b"-" else ""
        return f"solvers silently read it as hexadecimal, {sign}{int(hexadecimal[2][:99], 16)}"
    prefix = _NUMBER.match(token)
    text = shown(prefix[0])[1:-1] if prefix else "0"
    return f"solvers silently read {text}"
