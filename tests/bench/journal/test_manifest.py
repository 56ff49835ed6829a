"""The manifest of a campaign."""

from __future__ import annotations

from bench.journal.manifest import continuing, folder_name


def test_the_command_that_continues_does_not_begin_anew() -> None:
    """It is printed to be pasted, and would lose what there is."""
    typed = ("bench", "sweep", "my models", "--fresh", "--seeds", "3")
    assert continuing(typed) == "bench sweep 'my models' --seeds 3"


def test_a_folder_is_never_named_like_an_option() -> None:
    """The name stands in the commands that are printed."""
    assert folder_name("../x") == "x"
    assert folder_name("-x y-") == "x-y-"
    assert folder_name("--") == "sweep"
