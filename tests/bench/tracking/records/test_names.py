"""Names of settings' runs: each once in an experiment."""

from __future__ import annotations

import pytest

from bench.tracking.records.names import unique_name


@pytest.mark.parametrize(
    ("taken", "context", "name"),
    [
        (set(), "cuts", "default"),
        ({"default"}, "cuts", "default (cuts)"),
        ({"default", "default (cuts)"}, "cuts", "default (cuts 2)"),
        ({"default", "default (cuts)", "default (cuts 2)"}, "cuts", "default (cuts 3)"),
        ({"default"}, "", "default (2)"),
        ({"default", "default (2)"}, "", "default (3)"),
        ({"nocuts"}, "cuts", "default"),
    ],
)
def test_a_taken_name_gets_its_context_and_then_a_number(
    taken: set[str], context: str, name: str
) -> None:
    """The first one stays plain."""
    assert unique_name("default", context, taken.__contains__) == name
