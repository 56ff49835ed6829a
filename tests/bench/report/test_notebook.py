"""A comparison in a notebook."""

from __future__ import annotations

from html.parser import HTMLParser

import pandas as pd
import pytest

from bench.comparison.compare import compare
from bench.comparison.options import Options
from bench.report.comparison_tables import MAIN
from bench.report.notebook import ShownComparison
from bench.report.tables import grid

HOSTILE = '<script>alert("ä")</script>'
OPTIONS = Options(baseline="default", n_resamples=100)


class Cells(HTMLParser):
    """Collects the cells of all tables, the names of all tags, and the text."""

    def __init__(self) -> None:
        """Begin with nothing."""
        super().__init__()
        self.tags: set[str] = set()
        self.cells: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the tag."""
        del attrs
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        """Keep the text."""
        if data.strip():
            self.cells.append(data)


@pytest.fixture(scope="module")
def shown() -> ShownComparison:
    """Return a comparison with a setting of a hostile name."""
    rows = [
        {
            "instance": f"i{i}",
            "setting": name,
            "seed": 0,
            "verdict": "solved",
            "solve_time_s": factor * (2.0 + i),
        }
        for name, factor in (("default", 1.0), (HOSTILE, 0.8))
        for i in range(12)
    ]
    return ShownComparison(compare(pd.DataFrame(rows), OPTIONS))


def test_the_numbers_are_those_of_the_terminal(shown: ShownComparison) -> None:
    """Cell by cell, below the same header, and the sentence."""
    parser = Cells()
    parser.feed(shown._repr_html_())
    content = grid(MAIN, shown.comparison.tables[0].rows)
    (row,) = (cells for cells in content.rows if cells[0] == HOSTILE)
    text = "\n".join(parser.cells)
    assert "\n".join(content.header) in text
    assert "\n".join(row) in text
    assert f"{shown.headline}." in text


def test_names_are_escaped_and_nothing_is_loaded(shown: ShownComparison) -> None:
    """No script runs, and no address is asked."""
    parser = Cells()
    parser.feed(shown._repr_html_())
    assert parser.tags.isdisjoint({"script", "link", "img", "style", "iframe"})
    assert "http" not in shown._repr_html_()


def test_printed_it_is_the_text_of_the_terminal(shown: ShownComparison) -> None:
    """With tables, warnings, and the sentence at the end."""
    text = str(shown)
    assert text.startswith("Baseline default; 12 pairs")
    assert "Warning: one seed" in text
    assert " ".join(text.split()).endswith(shown.headline)
    assert max(map(len, text.splitlines())) <= 100
    assert repr(shown) == f"<{shown.headline}>"
    assert set(shown.frame["setting"]) == {"default", HOSTILE}
