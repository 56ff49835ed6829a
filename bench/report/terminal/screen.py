"""The screen of the output: its width, and whether it has colours.

By default the width is 100 characters without colours, unless a command finds that its output goes
to a terminal: a program that reads it, a file and a notebook get the same text everywhere.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import IO

WIDTH = 100
"""The default width, and the largest length of a line of text."""
LEAST_WIDTH = 40
"""The least assumed width of a terminal."""


@dataclass(frozen=True, slots=True)
class Screen:
    """The number of characters of a line, and whether text may be coloured."""

    width: int = WIDTH
    has_colours: bool = False


PAPER = Screen()
_COLOUR = re.compile(r"\x1b\[[\d;]*m")
_current: ContextVar[Screen] = ContextVar("screen", default=PAPER)


def screen() -> Screen:
    """Return the present screen."""
    return _current.get()


@contextmanager
def written_for(one: Screen) -> Iterator[None]:
    """Set another screen for the duration of the context."""
    before = _current.set(one)
    try:
        yield
    finally:
        _current.reset(before)


def screen_of(stream: IO[str]) -> Screen:
    """Return the screen of a stream: the default unless it is a terminal.

    NO_COLOR and TERM=dumb turn colours off, FORCE_COLOR turns them on for files as well.
    """
    is_terminal = stream.isatty()
    if not is_terminal and not os.environ.get("FORCE_COLOR"):
        return PAPER
    from rich.console import Console  # noqa: PLC0415 - 0.03 s that only terminals pay for

    console = Console(file=stream)
    has_colours = console.color_system is not None and not console.no_color
    width = shutil.get_terminal_size((WIDTH, 24)).columns if is_terminal else WIDTH
    return Screen(max(LEAST_WIDTH, width), has_colours)


def coloured(text: str, style: str) -> str:
    """Return the text in a style of rich, e.g. ``bold red``; unchanged if there is no colour."""
    if not style or not screen().has_colours:
        return text
    from rich.color import ColorSystem  # noqa: PLC0415 - see screen_of
    from rich.style import Style  # noqa: PLC0415

    return Style.parse(style).render(text, color_system=ColorSystem.STANDARD)


def uncoloured(text: str) -> str:
    """Return the text without colour codes."""
    return _COLOUR.sub("", text)


def width_of(text: str) -> int:
    """Return the width of a line on a terminal: a wide character takes two places."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len  # noqa: PLC0415 - only where there are other characters

    return cell_len(text)
