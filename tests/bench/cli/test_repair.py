"""``bench check --repair``, and commands about journals with a damaged line."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from bench.app.sync import SyncOptions, sync
from tests.commands import Run

DATA = Path(__file__).parents[2] / "data" / "version-0.1" / "mixed"
NOWHERE = "http://127.0.0.1:9"
"""A server that does not answer."""


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    """Return the folder of a sweep with two damaged lines, beside another sweep."""
    work = tmp_path / "bench-work"
    shutil.copytree(DATA, work / "whole")
    shutil.copytree(DATA, work / "damaged")
    journal = work / "damaged" / "journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    lines[2] = lines[2].replace(b'"seed":0', b'"seed":7')
    lines[4] = lines[4].replace(b'"n_nodes":', b'"n_nodes":1' + b"0" * 32)
    journal.write_bytes(b"".join(lines))
    return journal.parent


@pytest.mark.parametrize("words", [["status"], ["compare"], ["statistics"], ["show", "mkp-5x40"]])
def test_a_damaged_line_is_one_line_that_says_what_to_do(
    bench: Run, damaged: Path, words: list[str]
) -> None:
    """In each command about that sweep; those about another one work."""
    option = ["--sweep"] if words[0] == "show" else []
    ended = bench(*words, *option, "damaged", code=1)
    assert ended.err.count("\n") == 1
    assert "line 3 is damaged (the key does not match the task)" in ended.err
    assert f"bench check --repair {damaged}" in ended.err
    assert "damaged" not in bench(*words, *option, "whole").err


def test_the_other_sweeps_are_checked_all_the_same(bench: Run, damaged: Path) -> None:
    """The damaged one is a problem at the end."""
    ended = bench("check", "--dry-run", "--json", code=1)
    assert ended.json["checked"] == 24
    assert "line 3 is damaged" in ended.err
    assert "line 3 is damaged" in bench("check", damaged, code=1).err


def test_repair_sets_damaged_lines_aside(bench: Run, damaged: Path) -> None:
    """Each is named with its number and its reason, and the rest is checked."""
    lines = (damaged / "journal.jsonl").read_bytes().splitlines(keepends=True)
    ended = bench("check", "damaged", "--repair", "--json", "--tracking-uri", NOWHERE, code=1)
    assert ended.json["checked"] == 22
    assert "damaged: line 3 is damaged (the key does not match the task)" in ended.err
    assert "damaged: line 5 is damaged (answer.n_nodes: " in ended.err
    assert "2 damaged lines were moved to " in ended.err
    assert (damaged / "journal.damaged").read_bytes() == lines[2] + lines[4]
    states = bench("status", "damaged", "--json").json["settings"]
    assert sum(state["missing"] for state in states) == 2
    assert "damaged" not in bench("check", "damaged", "--repair", "--dry-run").err


def content(folder: Path) -> dict[Path, bytes]:
    """Return what is in all files below a folder."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_repair_that_is_only_tried_shows_what_would_come_of_it(bench: Run, damaged: Path) -> None:
    """It judges what the repaired journal would have, ends as the repair would, changes nothing."""
    bench("check", "--dry-run", "--json", code=1)  # the index of answers is there from now on
    before = content(damaged.parent)
    would = bench("check", "--repair", "--dry-run", "--json")
    assert "2 damaged lines would be moved" in would.err
    assert would.json["checked"] == 24 + 22
    bench("check", "--repair", "--dry-run", "--fail-on", "limit", code=3)
    assert content(damaged.parent) == before


def test_a_repair_that_is_repeated_changes_nothing(bench: Run, damaged: Path) -> None:
    """What was set aside stays, once."""
    bench("check", "damaged", "--repair", "--tracking-uri", NOWHERE, code=1)
    before = {name: (damaged / name).read_bytes() for name in ("journal.jsonl", "journal.damaged")}
    for _ in range(2):
        again = bench("check", "damaged", "--repair", "--tracking-uri", NOWHERE, code=1)
        assert "set aside" not in again.err
    assert {name: (damaged / name).read_bytes() for name in before} == before


def test_a_status_without_a_name_mentions_what_is_damaged(bench: Run, damaged: Path) -> None:
    """A journal or a plan; one that is asked for by name says nothing of others."""
    with (damaged / "journal.jsonl").open("ab") as file:
        file.write(b"\n")
    shutil.copytree(DATA, damaged.parent / "planless")
    (damaged.parent / "planless" / "sweep.json").write_text("{")
    os.utime(damaged.parent / "whole" / "journal.jsonl", (2e9, 2e9))
    for options in ([], ["--json"]):
        first, second = bench("status", *options).err.splitlines()[:2]
        assert first.startswith(f"Note: damaged is damaged: {damaged / 'journal.jsonl'}, line 25")
        assert first.endswith(f"set it aside with: bench check --repair {damaged}")
        assert second.startswith("Note: planless is damaged: ")
    assert "damaged" not in bench("status", "whole").err


def test_the_other_sweeps_are_delivered_all_the_same(damaged: Path) -> None:
    """As far as the server answers; each problem names its sweep."""
    found = sync(SyncOptions(work_dir=damaged.parent, tracking_uri=NOWHERE))
    first, second = found.problems
    assert f"{damaged / 'journal.jsonl'}, line 3 is damaged" in first
    assert "the server does not answer" in second
