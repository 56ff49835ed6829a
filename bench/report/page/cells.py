"""Cells of the page's tables: numbers with few digits, and a dash for unknown values."""

from __future__ import annotations

from typing import Any

import pandas as pd

from bench.report.tables import Style

MISSING = "\u2013"
LARGE = 1e9
"""From this number on, a whole number is written with an exponent."""


def known(value: Any) -> bool:
    """Return whether a table has a value there."""
    return value is not None and value is not pd.NA and value == value  # noqa: PLR0124 - NaN


def number(value: Any, digits: int = 4) -> str:
    """Return a number with this many digits, a larger one as a whole number, or a dash."""
    if not known(value):
        return MISSING
    size = abs(float(value))
    return f"{value:.0f}" if 10**digits <= size < LARGE else f"{float(value):.{digits}g}"


def count(value: Any) -> str:
    """Return a whole number, or a dash."""
    return str(int(value)) if known(value) else MISSING


def percent(value: Any) -> str:
    """Return a share as percent, or a dash."""
    return f"{100 * float(value):.2f} %" if known(value) else MISSING


def word(value: Any) -> str:
    """Return a word, or a dash."""
    return str(value) if known(value) and value != "" else MISSING


def text(value: Any) -> str:
    """Return a text, or nothing."""
    return str(value) if known(value) else ""


STYLE = Style(MISSING, number, " %")
"""The style of the page's tables."""
