"""Durations in the notation of users."""

from __future__ import annotations

import re

from bench.errors import UsageError

_UNITS_S = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0}
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?[dhms])+")


def seconds(text: str, option: str) -> float:
    """Return the seconds of a duration such as ``30d`` or ``1d12h``; UsageError for another."""
    if not _DURATION.fullmatch(text):
        raise UsageError(f"{option} {text}: expected a duration such as 90s, 8h or 1d12h")
    parts = re.findall(r"([\d.]+)([dhms])", text)
    return sum(float(number) * _UNITS_S[unit] for number, unit in parts)
