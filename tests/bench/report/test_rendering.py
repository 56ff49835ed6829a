"""Texts in templates of pages and figures."""

from __future__ import annotations

from bench.report.rendering import environment


def test_control_characters_of_names_are_written_as_in_python() -> None:
    """A terminal that shows the page's source would obey them; line ends and tabs stay."""
    page = environment().from_string("<b>{{ name }}</b>\u2003{{ other }}")
    text = page.render(name="a\x1b[2J<\u202e\n\tb", other="\u00a0plain")
    assert text == "<b>a\\x1b[2J&lt;\\u202e\n\tb</b>\u2003\u00a0plain"
