"""The descriptions of runs."""

from __future__ import annotations

import shlex
import textwrap

import pytest

from bench.tracking.records.descriptions import repeat


@pytest.mark.parametrize(
    "words",
    [
        ["bench", "sweep", "knobs.yaml"],
        ["bench", "sweep", *(f"model {n}.mps" for n in range(20)), "--notify", 'echo "it\'s" > a'],
        ["bench", "sweep", "x" * 300, "-p", "a=1"],
    ],
)
def test_a_long_command_is_shown_in_lines_that_a_shell_joins(words: list[str]) -> None:
    """MLflow does not wrap code: a long line would widen the page of a sweep."""
    shown = repeat(shlex.join(words))
    code = textwrap.dedent(shown.removeprefix("To repeat it:\n\n"))
    assert shlex.split(code.replace("\\\n", "")) == words
    longest = max(80, *(len(shlex.quote(word)) for word in words))
    assert max(map(len, code.splitlines())) <= longest + len("   \\")


def test_a_command_that_is_no_command_line_is_shown_as_it_is() -> None:
    """Its quotes may have been lost."""
    assert repeat("bench sweep 'a").endswith("    bench sweep 'a")
    assert repeat("") == ""
