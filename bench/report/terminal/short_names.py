"""Long names in narrow columns, such that they can still be told apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bench.report.terminal.table import filled, shortened

WIDTHS = (24, 20, 16, 12, 8)
"""How long names may be, from what is wished to what must do."""


def told_apart(names: Sequence[str], width: int) -> dict[str, str]:
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


def in_full(names: Sequence[str], width: int) -> str:
    """Return what `told_apart` has left out and what it has numbered, a paragraph each."""
    short, brief = told_apart(names, width), _brief(names, width)
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
