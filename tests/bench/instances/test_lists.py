"""Reading and writing ``.test`` lists."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.errors import UsageError
from bench.instances.lists import parse, text

FOLDER = Path("/data/lists")
PARTS = st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1).filter(
    lambda part: part not in {".", ".."}
)


@settings(deadline=None)
@given(st.lists(st.lists(PARTS, min_size=1, max_size=3).map(lambda parts: Path(*parts))))
def test_what_is_written_is_read_back_or_refused(paths: list[Path]) -> None:
    """Each path once, relative to the list's folder."""
    files = [FOLDER / path for path in paths]
    try:
        listed = text(files, FOLDER)
    except UsageError:
        return
    assert [FOLDER / entry for entry in parse(listed)] == list(dict.fromkeys(files))


def test_files_elsewhere_are_found_from_the_list() -> None:
    """The list may lie in another folder than they."""
    assert text([Path("/data/a b.mps")], FOLDER) == "../a b.mps\n"


@pytest.mark.parametrize("name", ["a#b.mps", " a.mps", "a\nb.mps"])
def test_a_name_that_a_list_cannot_hold_is_an_error(name: str) -> None:
    """It would be read back as another one."""
    with pytest.raises(UsageError, match=r"cannot be written to a \.test list"):
        text([FOLDER / name], FOLDER)
