"""Plain text tables for the terminal, and names short enough for them."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence

from bench.model.printable import escaped
from bench.report.terminal.screen import WIDTH, coloured, screen, uncoloured, width_of

GAP = "  "
Paint = Callable[[str, str], str]
"""Returns the style of a cell, by the header of its column and its text; empty for none."""


def render(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    left: int = 1,
    paint: Paint = lambda _, __: "",
) -> str:
    """Return an aligned table: the first ``left`` columns to the left, the others to the right.

    Control characters in cells, such as those of a file's name, are Python escapes.
    """
    header, *rows = _escaped([header, *rows])
    widths = [max(map(width_of, column)) for column in zip(header, *rows, strict=True)]
    rule = GAP.join("-" * width for width in widths)
    lines = [
        _line(
            row, [paint(name, cell) for name, cell in zip(header, row, strict=True)], widths, left
        )
        for row in rows
    ]
    return "\n".join([_line(header, [""] * len(header), widths, left), rule, *lines])


def render_fitting(  # noqa: PLR0913 - a table has this many sides
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    left: int = 1,
    *,
    dispensable: Sequence[str] = (),
    least_name: int = 12,
    paint: Paint = lambda _, __: "",
) -> str:
    """Return a table that fits the screen, as far as possible.

    Dispensable columns are left out, the first one first; before each of them, the names in the
    first column are shortened, to ``least_name`` if necessary. A line names the missing columns if
    a wider terminal would have room for them.
    """
    header, *rows = _escaped([header, *rows])
    for n_left_out in range(len(dispensable) + 1):
        left_out = dispensable[:n_left_out]
        names, cells = _without_columns(header, rows, left_out)
        excess = _table_width(names, cells) - screen().width
        longest = max((width_of(row[0]) for row in cells), default=0)
        if excess > 0 and longest > least_name:
            room = max(least_name, longest - excess)
            cells = [[shortened(row[0], room), *row[1:]] for row in cells]
            excess = _table_width(names, cells) - screen().width
        if excess <= 0:
            break
    table = render(names, cells, left, paint)
    if not left_out or screen().width >= WIDTH:
        return table
    columns = "this column" if len(left_out) == 1 else "these columns"
    lacking = filled(f"The terminal is too narrow for {columns}: {', '.join(left_out)}.")
    return f"{table}\n{lacking}"


def _escaped(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    return [[escaped(cell) for cell in row] for row in rows]


def _table_width(header: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    widths = [max(map(width_of, column)) for column in zip(header, *rows, strict=True)]
    return sum(widths) + len(GAP) * (len(widths) - 1)


def _without_columns(
    header: Sequence[str], rows: Sequence[Sequence[str]], names: Collection[str]
) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    kept = [at for at, name in enumerate(header) if name not in names]
    return [header[at] for at in kept], [[row[at] for at in kept] for row in rows]


def shortened(text: str, width: int) -> str:
    """Return the text without its middle if it is wider than ``width``."""
    if width_of(text) <= width:
        return text
    tail = (width - 1) // 2
    head = width - 1 - tail
    return f"{_beginning(text, head)}…{_beginning(text[::-1], tail)[::-1]}"


def text_width() -> int:
    """Return the length of a line of text: at most 100 characters, for readability."""
    return min(WIDTH, screen().width)


def filled(text: str) -> str:
    """Return the text in lines of at most 100 characters, fewer on a narrow terminal.

    Control characters, such as those in a table of someone else, are Python escapes.
    """
    text = escaped(text, keep="\n\t")
    if text.isascii():
        return textwrap.fill(text, text_width(), break_on_hyphens=False)
    return "\n".join(_wrapped(text.split(), text_width()))


def fitting(texts: Iterable[str]) -> str:
    """Return the first text whose lines all fit the screen, else the last one."""
    text = ""
    for text in texts:
        if max(map(width_of, uncoloured(text).splitlines()), default=0) <= screen().width:
            break
    return text


def _beginning(text: str, width: int) -> str:
    """Return as much of the beginning as fits."""
    if text.isascii():
        return text[:width]
    end = min(len(text), width)
    while width_of(text[:end]) > width:
        end -= 1
    return text[:end]


def _wrapped(words: Sequence[str], width: int) -> Iterable[str]:
    """Yield lines of words that fit; a word that is wider than a line is truncated."""
    line = ""
    for word in words:
        longer = f"{line} {word}" if line else word
        if width_of(longer) > width >= width_of(word):
            yield line
            line = word
            continue
        line = longer
        while width_of(line) > width:
            part = _beginning(line, width)
            yield part
            line = line[len(part) :]
    if line:
        yield line


def _line(cells: Sequence[str], styles: Sequence[str], widths: Sequence[int], left: int) -> str:
    padded = []
    for at, (cell, style, width) in enumerate(zip(cells, styles, widths, strict=True)):
        blank = " " * (width - width_of(cell))
        text = coloured(cell, style)
        padded.append(text + blank if at < left else blank + text)
    return GAP.join(padded).rstrip()


WIDTHS = (24, 20, 16, 12, 8)
"""The lengths of names to try, from the preferred to the shortest."""


def disambiguate(names: Sequence[str], width: int) -> dict[str, str]:
    """Return names of at most ``width`` characters, by the full names.

    If a name is too long, values that all of them share are left out: ``alpha=0.15`` for
    ``alpha=0.15 l1_ratio=0.001``. Names that would still look alike end in their number among all,
    as in ``alpha=0.1…depth=3#2``.
    """
    brief = _brief(names, width)
    counts = Counter(shortened(brief[name], width) for name in names)
    short = {}
    for number, name in enumerate(names, start=1):
        mark = f"#{number}" if counts[shortened(brief[name], width)] > 1 else ""
        short[name] = shortened(brief[name], width - len(mark)) + mark
    return short


def with_full_names(names: Sequence[str], width: int) -> str:
    """Return the values that `disambiguate` left out and the numbered names, as paragraphs."""
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
    """Return each ``NAME=VALUE`` that all settings with any parameters share, if several."""
    setting = [name.split(" ") for name in names if "=" in name]
    if len(setting) < 2:
        return []
    return [part for part in setting[0] if "=" in part and all(part in one for one in setting)]
