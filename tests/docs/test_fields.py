"""What the docs say of a result's fields is what `bench.model.results.fields` says."""

from __future__ import annotations

from docs import write_fields

HOW = "execute `make docs`"


def test_the_page_of_fields_is_made_from_the_list() -> None:
    """A field is described once."""
    assert write_fields.PAGE.read_text() == write_fields.fields_page(), HOW


def test_the_names_in_mlflow_are_made_from_the_list() -> None:
    """All tables of the document that are marked."""
    text = write_fields.LAYOUT.read_text()
    assert write_fields.layout_page(text) == text, HOW
    for place in write_fields.PLACES:
        assert text.count(f"<!-- {place} -->\n\n| name | meaning |") == 1
