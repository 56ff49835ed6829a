"""Long names in narrow columns, such that they can still be told apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bench.report.table import filled, shortened

WIDTHS = (24, 20, 16, 12, 8)
"""How long names may be, from what is wished to what must do."""


def told_apart(names: Sequence[str], width: int) -> dict[str, str]:
    """Return names of at most ``width`` characters, by the full names.

    Those that would look alike end in their number among all, as in ``alpha=0.1…depth=3#2``.
    """
    counts = Counter(shortened(name, width) for name in names)
    short = {}
    for number, name in enumerate(names, start=1):
        mark = f"#{number}" if counts[shortened(name, width)] > 1 else ""
        short[name] = shortened(name, width - len(mark)) + mark
    return short


def in_full(names: Sequence[str], width: int) -> str:
    """Return what `told_apart` has numbered as it is called, a paragraph each."""
    short = told_apart(names, width)
    return "\n".join(
        filled(f"#{number}: {name}")
        for number, name in enumerate(names, start=1)
        if short[name] != shortened(name, width)
    )
