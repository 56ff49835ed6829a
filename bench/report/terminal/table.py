"""Plain text tables for the terminal, and names short enough for them."""

from __future__ import annotations

import textwrap
from collections import Counter
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


def escaped(text: str, keep: str = "") -> str:
    """Return the text with what no terminal prints, but for ``keep``, written as in Python."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in keep else repr(c)[1:-1] for c in text)


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


WIDTHS = (24, 20, 16, 12, 8)
"""How long names may be, from what is wished to what must do."""


def disambiguate(names: Sequence[str], width: int) -> dict[str, str]:
    """Return names of at most ``width`` characters, by the full names.

    Where one is too long, what all of them set alike is left out: ``alpha=0.15`` for
    ``alpha=0.15 l1_ratio=0.001``. Those that would still look alike end in their number among
    all, as in ``alpha=0.1…depth=3#2``.
    """
    brief = _brief(names, width)
    counts = Counter(shortened(brief[name], width) for name in names)
    short = {}
    for number, name in enumerate(names, start=1):
        mark = f"#{number}" if counts[shortened(brief[name], width)] > 1 else ""
        short[name] = shortened(brief[name], width - len(mark)) + mark
    return short


def with_full_names(names: Sequence[str], width: int) -> str:
    """Return what `disambiguate` has left out and what it has numbered, a paragraph each."""
    short, brief = disambiguate(names, width), _brief(names, width)
    paragraphs = [
        filled(f"#{number}: {name}")
        for number, name in enumerate(names, start=1)
        if short[name] != shortened(brief[name], width)
    ]
    if any(brief[name] != name for name in names):
        others = [name for name in names if "=" not in name]
        but = f" but {', '.join(others)}" if others else ""
        paragraphs.append(filled(f"all{but}: {' '.join(_shared(names))}"))
    return "\n".join(paragraphs)


def _brief(names: Sequence[str], width: int) -> dict[str, str]:
    if all(len(name) <= width for name in names):
        return {name: name for name in names}
    shared = _shared(names)
    return {
        name: " ".join(part for part in name.split(" ") if part not in shared) or name
        for name in names
    }


def _shared(names: Sequence[str]) -> list[str]:
    """Return each ``NAME=VALUE`` that all have which set anything, if there are several."""
    setting = [name.split(" ") for name in names if "=" in name]
    if len(setting) < 2:
        return []
    return [part for part in setting[0] if "=" in part and all(part in one for one in setting)]
