"""The manifest of a campaign."""

from __future__ import annotations

from bench.journal.manifest import continuing


def test_the_command_that_continues_does_not_begin_anew() -> None:
    """It is printed to be pasted, and would lose what there is."""
    typed = ("bench", "sweep", "my models", "--fresh", "--seeds", "3")
    assert continuing(typed) == "bench sweep 'my models' --seeds 3"
