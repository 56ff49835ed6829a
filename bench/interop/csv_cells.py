"""Cells of CSV files that a spreadsheet would evaluate as a formula.

A name such as ``=HYPERLINK(...)`` in a table from someone else is evaluated when the file is
opened. A quote before it makes it a text (OWASP, CSV Injection); reading removes the quote.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

MOST_COLUMNS = 10_000
_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def guarded(text: str) -> str:
    """Return a cell's text, with a quote before anything that a spreadsheet would evaluate."""
    return f"'{text}" if text.startswith(_SIGNS) and not _is_number(text) else text


def unguarded(text: str) -> str:
    """Return the text that was passed to `guarded`."""
    return text[1:] if text[:1] == "'" and guarded(text[1:]) == text else text


def check_width(header: Sequence[str], source: str) -> None:
    """Raise UsageError for more columns than any table of results has."""
    if len(header) > MOST_COLUMNS:
        raise UsageError(
            f"{source}: {len(header)} columns, but a table of results has at most {MOST_COLUMNS}; "
            "check the separator"
        )


def to_csv(frame: pd.DataFrame) -> str:
    """Return a table as CSV without its index, with each text guarded."""
    safe = frame.copy(deep=False)
    for name in frame.select_dtypes(include=["object", "string", "category"]).columns:
        safe[name] = frame[name].map(_guarded)
    return str(safe.to_csv(index=False))


def _guarded(value: object) -> object:
    return guarded(value) if isinstance(value, str) else value


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
