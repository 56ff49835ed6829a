"""Plain text tables for the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

GAP = "  "
WIDTH = 100
"""What a terminal is expected to have room for."""


def render(header: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> str:
    """Return an aligned table: the first ``left`` columns to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    lines = [_line(row, widths, left) for row in (header, *rows)]
    lines.insert(1, GAP.join("-" * width for width in widths))
    return "\n".join(lines)


def shortened(text: str, width: int) -> str:
    """Return the text with its middle left out where it is longer than ``width``."""
    if len(text) <= width:
        return text
    tail = (width - 1) // 2
    return f"{text[: width - 1 - tail]}…{text[len(text) - tail :]}"


def filled(text: str) -> str:
    """Return the text in lines of at most 100 characters."""
    return textwrap.fill(text, WIDTH, break_on_hyphens=False)


def fitting(texts: Iterable[str]) -> str:
    """Return the first text whose lines all fit, else the last one."""
    text = ""
    for text in texts:
        if max(map(len, text.splitlines()), default=0) <= WIDTH:
            break
    return text


def _line(cells: Sequence[str], widths: Sequence[int], left: int) -> str:
    padded = [
        cell.ljust(width) if i < left else cell.rjust(width)
        for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return GAP.join(padded).rstrip()
