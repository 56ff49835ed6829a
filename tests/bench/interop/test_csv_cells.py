"""CSV cells that a spreadsheet would compute."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.interop.csv_cells import guarded, to_csv, unguarded


@pytest.mark.parametrize("text", ["=1+1", "+a", "-a b", "@SUM(A1)", "=HYPERLINK(...)", "\t=1"])
def test_a_formula_becomes_a_text(text: str) -> None:
    """By the quote that spreadsheets hide."""
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "-5", "+1e-3", "-inf", "alpha=0.1", "a", "'tis", "0"])
def test_numbers_and_plain_texts_stay_as_they_are(text: str) -> None:
    """Also a quote that is part of a name."""
    assert guarded(text) == text
    assert unguarded(text) == text


@given(st.text(st.sampled_from("=+-@'a1 "), max_size=6))
def test_a_guarded_name_is_read_as_it_was_unless_it_looks_guarded_itself(name: str) -> None:
    """What begins with a quote and a sign is the one name that CSV cannot tell."""
    if unguarded(name) == name:
        assert unguarded(guarded(name)) == name


def test_a_table_keeps_its_numbers() -> None:
    """Missing values, too."""
    table = pd.DataFrame({"setting": ["=a", "b", None], "time": [-1.0, 2.0, None]})
    assert to_csv(table) == "setting,time\n'=a,-1.0\nb,2.0\n,\n"
