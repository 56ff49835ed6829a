"""docs/tutorial.md can be followed as it stands, and shows what will be seen."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.comparison.wording.narrative import ConclusionKind

ROOT = Path(__file__).parent.parent.parent
TEXT = (ROOT / "docs" / "tutorial.md").read_text()
BLOCKS = re.findall(r"^```console\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
LEFT_OUT = "...\n"
README = (ROOT / "README.md").read_text()
SERVER = "bench ui"
"""A command of the README as well, whose test starts it."""
CONCLUSION = re.compile(rf"(#/#/# )({'|'.join(ConclusionKind)})")
"""How many a setting is better on, and what follows: of times, so that it may differ."""


def steps() -> Iterator[tuple[str, str]]:
    """Yield each command with the output that is shown of it."""
    for block in BLOCKS:
        for step in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = step.partition("\n")
            yield command, output


def plain(text: str) -> str:
    """Return the text without what differs from one execution to the next.

    These are numbers, the width of columns, and what the numbers of a table lead to.
    """
    return CONCLUSION.sub(r"\1", " ".join(re.sub(r"\d[\d.e+-]*|-+", "#", text).split()))


@pytest.mark.slow
def test_every_command_of_the_tutorial_works_and_prints_what_is_shown(
    tmp_path: Path, shell: Callable[[str, Path], Any]
) -> None:
    """In their order and in one folder; words are the same, numbers may differ."""
    assert SERVER in README
    for command, shown in steps():
        if command == SERVER:
            continue
        printed = plain(shell(f"{command} 2>&1" if shown else command, tmp_path).out)
        for part in filter(None, map(plain, shown.split(LEFT_OUT))):
            before, found, printed = printed.partition(part)
            assert found, f"{command}: {part!r} is not in {before!r}"
    assert "<title>cuts" in (tmp_path / "report.html").read_text()


def test_the_tutorial_goes_from_a_model_to_a_report() -> None:
    """By way of each command that a newcomer needs."""
    used = [command.split()[1] for command, _ in steps() if command.startswith("bench ")]
    way = ("run", "plan", "sweep", "status", "show", "ui", "compare", "plot", "report")
    assert list(dict.fromkeys(used)) == list(way)


def test_every_link_of_the_tutorial_leads_somewhere() -> None:
    """To a file of the repository."""
    for target in re.findall(r"\]\(([^)#]+)\)", TEXT):
        assert (ROOT / "docs" / target).exists(), target
