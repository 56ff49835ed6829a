"""Settings side by side on each instance, in lines that fit the screen."""

from __future__ import annotations

from collections.abc import Sequence

from bench.comparison.options import Options
from bench.comparison.side_by_side import InstanceRow, SideBySide
from bench.report.instance_table import (
    FILTER_TEXTS,
    RATIO,
    caption,
    instance_grid,
    ratio_text,
    tendency,
)
from bench.report.terminal.screen import screen, uncoloured, width_of
from bench.report.terminal.table import (
    WIDTHS,
    disambiguate,
    filled,
    render,
    shortened,
    with_full_names,
)

NAME = 28
"""The number of letters of an instance's name."""
BAD = "bold red"
STYLES = {"better": "green", "worse": "red", "": ""}


def instance_table_text(
    content: SideBySide,
    rows: Sequence[InstanceRow],
    options: Options,
    filter_name: str | None = None,
) -> str:
    """Return the caption and the table; several below each other if one is too wide.

    The spread over seeds is left out before a table is split.
    """
    n = len(content.rows)
    extent = f"{n} instance{'s' * (n != 1)}"
    if filter_name is not None:
        extent = f"{len(rows)} of {n} instances: {FILTER_TEXTS[filter_name]}"
    if not rows:
        return filled(f"{extent}.")
    spread, tables = _tables(content, rows)
    order = "sorted by name" if content.of_words else "largest ratio first"
    told = f"{caption(content, options, spread=spread)} {extent}; {order}."
    parts = (filled(told), *tables, with_full_names(content.settings, WIDTHS[2]))
    return "\n\n".join(part for part in parts if part)


def _tables(content: SideBySide, rows: Sequence[InstanceRow]) -> tuple[bool, list[str]]:
    """Return whether there is room for the spread, and the tables."""
    everything = range(len(content.settings))
    for spread in (True, False) if content.of_seeds and not content.of_words else (False,):
        for width in WIDTHS[:3]:
            text = _table(content, rows, everything, width, spread=spread)
            if _fits(text):
                return spread, [text]
    texts, chosen = [], [0]
    text = ""
    for at in everything[1:]:
        wider = _table(content, rows, [*chosen, at], WIDTHS[2])
        if len(chosen) > 1 and not _fits(wider):
            texts.append(text)
            chosen = [0]
            wider = _table(content, rows, [0, at], WIDTHS[2])
        chosen.append(at)
        text = wider
    return False, [*texts, text]


def _table(
    content: SideBySide,
    rows: Sequence[InstanceRow],
    chosen: Sequence[int],
    width: int,
    *,
    spread: bool = False,
) -> str:
    names = disambiguate(content.settings, width)
    table = instance_grid(content, rows, chosen, spread=spread)
    header = [names.get(name, name) for name in table.header]
    tendencies = {
        ratio_text(cell): STYLES[tendency(cell, content.column)]
        for row in rows
        for cell in row.cells
    }

    def paint(name: str, text: str) -> str:
        if name == RATIO:
            return tendencies.get(text, "")
        return BAD if any(word in text.split() for word in ("wrong", "failed")) else ""

    cells = [[shortened(name, NAME), *others] for name, *others in table.rows]
    return render(header, cells, paint=paint)


def _fits(text: str) -> bool:
    return max(map(width_of, uncoloured(text).splitlines())) <= screen().width
