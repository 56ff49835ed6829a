"""A comparison that displays itself: as HTML in a notebook, as the terminal's text in print."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.comparison.comparison import Comparison
from bench.comparison.wording.narrative import conclusions, headline
from bench.report import comparison_formats
from bench.report.comparison_tables import MAIN
from bench.report.rendering import environment
from bench.report.tables import grid
from bench.report.terminal.comparison import (
    basis_text,
    comparison_text,
    headline_text,
    more_grid,
    subset_grid,
)

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class ShownComparison:
    """A comparison with the sentences and tables of ``bench compare``.

    ``comparison`` has every number as plain data. It prints as in a terminal and is a table in a
    notebook; names are escaped there, and nothing is loaded from the network.
    """

    comparison: Comparison

    @property
    def headline(self) -> str:
        """The conclusion in one sentence, also if it is inconclusive."""
        return headline(self.comparison)

    @property
    def frame(self) -> pd.DataFrame:
        """The numbers as a frame: a row for each subset and setting."""
        return comparison_formats.frame(self.comparison)

    def __str__(self) -> str:
        """Return what ``bench compare`` prints."""
        parts = (comparison_text(self.comparison), *self._remarks, headline_text(self.comparison))
        return "\n\n".join(parts)

    def __repr__(self) -> str:
        """Return the headline."""
        return f"<{self.headline}>"

    def _repr_html_(self) -> str:
        whole = self.comparison.tables[0]
        return (
            environment()
            .get_template("comparison.html")
            .render(
                findings=[found.sentence for found in conclusions(self.comparison)],
                basis=basis_text(self.comparison).splitlines(),
                main=grid(MAIN, whole.rows),
                more={"More numbers": more_grid(whole), "By subset": subset_grid(self.comparison)},
                remarks=self._remarks,
            )
        )

    @property
    def _remarks(self) -> tuple[str, ...]:
        notes = (f"Note: {note}" for note in self.comparison.notes)
        return (*notes, *(f"Warning: {warning}" for warning in self.comparison.warnings))
