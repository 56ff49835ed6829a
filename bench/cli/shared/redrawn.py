"""Lines that are redrawn in the same place of a terminal."""

from __future__ import annotations

import shutil
from collections.abc import Sequence

import click

UP_AND_CLEAR = "\x1b[{n}F\x1b[J"
"""The control sequence to go n lines up and clear everything below (ECMA-48: CPL, ED)."""


class RedrawnLines:
    """Shows lines on stdout in place of the previous ones; lines that do not fit are left out."""

    def __init__(self) -> None:
        """Show nothing yet."""
        self._n_shown = 0

    def show(self, lines: Sequence[str]) -> None:
        """Show these lines instead of the previous ones."""
        columns, rows = shutil.get_terminal_size()
        fitting = [line[: columns - 1] for line in lines[: rows - 1]]
        back = UP_AND_CLEAR.format(n=self._n_shown) if self._n_shown else ""
        click.echo(back + "\n".join(fitting))
        self._n_shown = len(fitting)
