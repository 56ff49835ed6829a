"""Values of options as a script has them, and as they are typed."""

from __future__ import annotations

import numpy as np
import pytest

from bench.app.options import ExecutionOptions, count_text, list_text, value_text
from bench.planning.tasks import seeds
from bench.planning.values import values


@pytest.mark.parametrize(
    ("given", "listed"),
    [
        ("0,5", ("0", "5")),
        (3, ("3",)),
        (True, ("true",)),
        ([0, 0.5, False], ("0", "0.5", "false")),
        (("a,b", "0:10:2"), ("a,b", "0:10:2")),
        (np.linspace(0, 1, 3), ("0.0", "0.5", "1.0")),
    ],
    ids=str,
)
def test_values_become_the_texts_of_the_command_line(given: object, listed: tuple[str]) -> None:
    """A text means what it means there, a text in a list is one value as it is."""
    assert values(list_text(given)) == listed  # type: ignore[arg-type]


def test_seeds_are_a_count_or_a_list() -> None:
    """As for ``--seeds``; a list of one is a list."""
    assert [seeds(count_text(each)) for each in (2, "2", [2], range(3, 5))] == [
        [0, 1],
        [0, 1],
        [2],
        [3, 4],
    ]


def test_whole_numbers_and_floats_are_one_limit() -> None:
    """The key of a task is made of texts: 60 and 60.0 must not be two tasks."""
    limits = ExecutionOptions(time_limit=60, gap=0).limits()
    assert (repr(limits["time_s"]), repr(limits["gap"]), limits["nodes"]) == ("60.0", "0.0", None)
    assert value_text(1e-7) == "1e-07"
