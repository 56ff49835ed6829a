"""Damaged lines of a journal, set aside."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.errors import TrackingError
from bench.journal import repair
from bench.journal.journal import Journal
from bench.journal.repair import SET_ASIDE, damaged_lines, set_aside
from bench.model.results.result import Result

MakeResult = Callable[..., Result]

DAMAGE = b"\0" * 50 + b"\n"


@pytest.fixture
def folder(tmp_path: Path, make_result: MakeResult) -> Path:
    """Return a folder whose journal has damaged lines between three good ones."""
    folder = tmp_path / "sweep"
    with Journal(folder) as journal:
        for seed in range(3):
            journal.add(make_result(seed=seed))
    path = folder / "journal.jsonl"
    first, second, third = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first + DAMAGE + second + third[: len(third) // 2] + b"\n" + third)
    return folder


def seeds(folder: Path) -> list[int]:
    """Return the seeds in the order of a journal."""
    return [result.task.seed for result in Journal(folder).results()]


def test_damaged_lines_are_named_and_nothing_is_changed(folder: Path) -> None:
    """By number and reason."""
    before = (folder / "journal.jsonl").read_bytes()
    found = [(line.number, line.reason) for line in damaged_lines(folder)]
    assert found == [(2, "the line is not a result"), (4, "the line is not a result")]
    assert (folder / "journal.jsonl").read_bytes() == before
    assert not (folder / SET_ASIDE).exists()


def test_they_are_kept_byte_by_byte_and_the_rest_goes_on(
    folder: Path, make_result: MakeResult
) -> None:
    """The journal takes new results; a second repair finds nothing, a later one adds."""
    lines = (folder / "journal.jsonl").read_bytes().splitlines(keepends=True)
    mode = (folder / "journal.jsonl").stat().st_mode
    assert [line.number for line in set_aside(folder)] == [2, 4]
    assert (folder / SET_ASIDE).read_bytes() == lines[1] + lines[3]
    assert (folder / "journal.jsonl").stat().st_mode == mode
    assert set_aside(folder) == []
    with Journal(folder) as journal:
        journal.add(make_result(seed=7))
    assert seeds(folder) == [0, 1, 2, 7]
    with (folder / "journal.jsonl").open("ab") as file:
        file.write(DAMAGE)
    set_aside(folder)
    assert (folder / SET_ASIDE).read_bytes() == lines[1] + lines[3] + DAMAGE
    assert {path.name for path in folder.iterdir()} == {"journal.jsonl", "journal.lock", SET_ASIDE}


def test_a_journal_in_use_is_left_alone(folder: Path) -> None:
    """Its writer would go on with the former file."""
    with Journal(folder), pytest.raises(TrackingError, match=f"process {os.getpid()} is writing"):
        set_aside(folder)
    assert len(damaged_lines(folder)) == 2


def test_a_full_disk_leaves_the_journal_as_it_was(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And no half-written file."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(repair, "append", full)
    before = (folder / "journal.jsonl").read_bytes()
    with pytest.raises(TrackingError, match="No space left on device; the journal is unchanged"):
        set_aside(folder)
    assert (folder / "journal.jsonl").read_bytes() == before
    assert [path for path in folder.iterdir() if path.name.startswith("journal.jsonl.")] == []
