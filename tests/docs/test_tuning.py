"""docs/tuning.md: its commands are understood, its space can be tuned, its numbers are the code's.

A tuning of hours is not executed; tests/bench/cli/test_tune.py executes them with small budgets.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from bench.cli.main import command
from bench.errors import EXIT_INTERRUPTED, EXIT_UNDECIDED
from bench.solvers import registry
from bench.tuning.ablation import KEPT_SHARE
from bench.tuning.race import CAP_FACTOR, FIRST_STAGE, LEAST_CAP_S, MOST_PAIRS
from bench.tuning.scores import NOTHING_TO_GAIN_S, PENALTY
from bench.tuning.space import read_space
from bench.tuning.split import LEAST_TEST, LEAST_TRAIN, TEST_SHARE
from bench.tuning.tuning import RACE_SHARE, WHY_SHARE

TEXT = (Path(__file__).parent.parent.parent / "docs" / "tuning.md").read_text()
LINES = re.findall(r"^\$ (bench .*)$", TEXT, re.MULTILINE)


@pytest.mark.parametrize("line", LINES)
def test_every_command_is_understood(line: str) -> None:
    """Its options are those of the command."""
    _, name, *words = shlex.split(line)
    found = command.get_command(command.make_context("bench", [name]), name)
    assert found is not None
    found.make_context(name, words)


def test_the_space_can_be_tuned(tmp_path: Path) -> None:
    """Every name and value is one of SCIP."""
    (content,) = re.findall(r"^```yaml title.*?\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
    (tmp_path / "space.yaml").write_text(content)
    scip = registry.load("scip")
    space = read_space(tmp_path / "space.yaml", "scip", scip.parameters())
    assert len(space.dimensions) == 6
    assert list(space.starts) == ["heuristics-none"]


def test_the_numbers_are_those_of_the_code() -> None:
    """Of split, race, ablation and exit codes."""
    for told in (
        f"{RACE_SHARE:.0%} of it go to the race, {WHY_SHARE:.0%} to the reasons".replace("%", " %"),
        f"{TEST_SHARE:.0%} are for the test".replace("%", " %"),
        f"at least {LEAST_TEST} if that leaves {LEAST_TRAIN} for training",
        f"{FIRST_STAGE} pairs first",
        f"up to {MOST_PAIRS}.",
        f"rounded up to {LEAST_CAP_S:g}, 1, 2, 4, ... s",
        f"in {NOTHING_TO_GAIN_S:g} s or less",
        f"keep {KEPT_SHARE:.0%}".replace("%", " %"),
        f"| {EXIT_UNDECIDED} |",
        f"| {EXIT_INTERRUPTED} |",
    ):
        assert told in TEXT
    assert (CAP_FACTOR, PENALTY) == (4, 10), "the page says four times, ten times"
