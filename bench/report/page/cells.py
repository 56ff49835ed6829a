"""Cells of the page's tables: numbers in few digits, and a dash for what is not known."""

from __future__ import annotations

from typing import Any

import pandas as pd

from bench.report.tables import Style

MISSING = "\u2013"
LARGE = 1e9
"""From here on a whole number is written with an exponent."""


def known(value: Any) -> bool:
    """Return whether a table has something there."""
    return value is not None and value is not pd.NA and value == value  # noqa: PLR0124 - NaN


def number(value: Any, digits: int = 4) -> str:
    """Return a number in so many digits, a larger one as a whole, or a dash."""
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
"""How the page writes tables."""
