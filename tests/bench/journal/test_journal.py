"""The journal."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.errors import TrackingError
from bench.journal.journal import Journal
from bench.model.results.result import Result
from tests.journal_lines import without_checksum

MakeResult = Callable[..., Result]


def _fill(folder: Path, results: list[Result]) -> Path:
    with Journal(folder) as journal:
        for result in results:
            journal.add(result)
        return journal.path


def test_results_come_back_as_they_were_added(tmp_path: Path, make_result: MakeResult) -> None:
    """Everything of a result survives, in order."""
    results = [make_result("p0033"), make_result("p0201"), make_result("p0033", seed=1)]
    _fill(tmp_path, results)
    assert list(Journal(tmp_path).results()) == results


def test_repeats_of_a_key_are_all_kept_with_the_newest_last(
    tmp_path: Path, make_result: MakeResult
) -> None:
    """Repeating a task does not overwrite history."""
    _fill(tmp_path, [make_result(), make_result("p0201"), make_result()])
    names = [result.task.instance.name for result in Journal(tmp_path).results()]
    assert names == ["p0033", "p0201", "p0033"]


def test_finished_are_the_keys_of_what_was_added(tmp_path: Path, make_result: MakeResult) -> None:
    """The keys decide what is executed again."""
    results = [make_result(), make_result(seed=1)]
    _fill(tmp_path, results)
    assert Journal(tmp_path).finished() == {result.task.key for result in results}


def test_a_folder_without_journal_has_no_results(tmp_path: Path) -> None:
    """Reading makes nothing and complains of nothing."""
    journal = Journal(tmp_path / "new")
    assert journal.finished() == set()
    assert list(journal.results()) == []
    assert not (tmp_path / "new").exists()


def test_a_work_folder_can_be_moved(tmp_path: Path, result: Result) -> None:
    """The files of a result are found below the folder's new place."""
    here, there = tmp_path, tmp_path.with_name("moved")
    _fill(here, [result])
    here.rename(there)
    (moved,) = Journal(there).results()
    assert moved.folder == there / result.folder.relative_to(here)


def test_reading_goes_on_while_a_line_is_being_written(tmp_path: Path, result: Result) -> None:
    """A half-written last line is not there yet."""
    path = _fill(tmp_path, [result])
    with path.open("ab") as file:
        file.write(b'{"key":"abc')
    assert list(Journal(tmp_path).results()) == [result]


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)
@given(share=st.floats(0, 1))
def test_whatever_stands_before_a_tear_survives(
    share: float, tmp_path: Path, make_result: MakeResult
) -> None:
    """A journal cut at any byte keeps its complete lines and takes new ones."""
    results = [make_result(), make_result(seed=1), make_result(seed=2)]
    folder = tmp_path / "torn"
    path = folder / "journal.jsonl"
    path.unlink(missing_ok=True)
    whole = _fill(folder, results).read_bytes()
    path.write_bytes(torn := whole[: round(share * len(whole))])
    survivors = results[: torn.count(b"\n")]
    assert list(Journal(folder).results()) == survivors
    _fill(folder, [results[0]])
    assert list(Journal(folder).results()) == [*survivors, results[0]]


def test_a_long_torn_line_is_cut_off(tmp_path: Path, result: Result) -> None:
    """The search for its beginning goes further back than one block."""
    path = _fill(tmp_path, [result])
    with path.open("ab") as file:
        file.write(b"x" * 200_000)
    _fill(tmp_path, [result])
    assert list(Journal(tmp_path).results()) == [result, result]


@pytest.mark.parametrize("damage", [b"rubbish\n", b"\n", b'{"key":"12","result":{}}\n'])
def test_a_damaged_line_is_named_by_its_number(
    tmp_path: Path, result: Result, damage: bytes
) -> None:
    """The user is told how to set it aside."""
    path = _fill(tmp_path, [result])
    path.write_bytes(path.read_bytes() + damage + path.read_bytes())
    with pytest.raises(TrackingError, match=r"line 2 is damaged .* bench check --repair"):
        Journal(tmp_path).finished()


def test_a_line_that_is_no_result_is_named_with_the_reason(tmp_path: Path, result: Result) -> None:
    """The key may be fine where the result is not."""
    path = _fill(tmp_path, [result])
    path.write_bytes(without_checksum(path.read_bytes()).replace(b'"seed":0', b'"seed":"x"'))
    with pytest.raises(TrackingError, match=r"line 1 is damaged \(task.seed: .*integer"):
        list(Journal(tmp_path).results())


def test_a_second_writer_is_told_who_is_there(tmp_path: Path, result: Result) -> None:
    """Two sweeps in one folder would execute every task twice."""
    with (
        Journal(tmp_path),
        pytest.raises(
            TrackingError, match=f"process {os.getpid()} is writing results to this folder"
        ),
    ):
        Journal(tmp_path).add(result)


def test_a_folder_that_cannot_be_made_is_one_clear_error(tmp_path: Path) -> None:
    """It is found out before the first task is executed."""
    (tmp_path / "file").touch()
    with pytest.raises(TrackingError, match=r"cannot write .*journal.jsonl: "):
        Journal(tmp_path / "file" / "work").open()


@pytest.mark.parametrize("written", [0, 10])
def test_a_full_disk_leaves_what_was_finished(
    tmp_path: Path,
    make_result: MakeResult,
    monkeypatch: pytest.MonkeyPatch,
    written: int,
) -> None:
    """The line that did not fit is taken back, and the user is told that the rest is safe."""
    write = os.write

    def write_some(fd: int, data: bytes) -> int:
        if not data.startswith(b'{"key"'):
            return write(fd, data)
        if not written:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(fd, data[:written])

    with Journal(tmp_path) as journal:
        journal.add(make_result())
        with monkeypatch.context() as patched:
            patched.setattr(os, "write", write_some)
            with pytest.raises(TrackingError, match=r"No space left.* are safe"):
                journal.add(make_result(seed=1))
        journal.add(make_result(seed=2))
    assert [result.task.seed for result in Journal(tmp_path).results()] == [0, 2]


def test_ten_thousand_keys_are_read_within_a_second(tmp_path: Path, result: Result) -> None:
    """Continuing a large sweep starts at once; results themselves are not looked at."""
    path = _fill(tmp_path, [result])
    path.write_bytes(path.read_bytes() * 10_000)
    start = time.process_time()
    Journal(tmp_path).finished()
    assert time.process_time() - start < 1.0


def test_a_reader_goes_on_where_it_stopped(tmp_path: Path, make_result: MakeResult) -> None:
    """Up to the byte it is told: what comes behind may still be taken back."""
    with Journal(tmp_path) as journal:
        journal.add(make_result())
        first = journal.size()
        journal.add(make_result(seed=1))
        journal.add(make_result(seed=2))
        whole = journal.size()
    reader = Journal(tmp_path)
    assert [(at, r.task.seed) for at, r in reader.since(0, first)] == [(first, 0)]
    assert [r.task.seed for _, r in reader.since(first, whole)] == [1, 2]
    assert [r.task.seed for _, r in reader.since(first, whole - 1)] == [1]
    assert list(reader.since(whole, whole)) == []


def test_a_reader_in_the_middle_names_the_damaged_line(
    tmp_path: Path, make_result: MakeResult
) -> None:
    """By its number in the file."""
    with Journal(tmp_path) as journal:
        journal.add(make_result())
        first = journal.size()
    with journal.path.open("ab") as file:
        file.write(b"{}\n")
    with pytest.raises(TrackingError, match="line 2 is damaged"):
        list(Journal(tmp_path).since(first, journal.size()))


def test_results_are_counted_without_a_torn_line(tmp_path: Path, make_result: MakeResult) -> None:
    """And without reading them."""
    journal = Journal(tmp_path)
    assert (journal.count(), journal.size()) == (0, 0)
    with journal:
        journal.add(make_result())
        journal.add(make_result())
    with journal.path.open("ab") as file:
        file.write(b'{"key"')
    assert journal.count() == 2


def test_a_journal_of_lines_with_and_without_checksum_is_read(
    tmp_path: Path, make_result: MakeResult
) -> None:
    """Version 0.1 wrote none; what is added today has one."""
    old, new = make_result(seed=1), make_result(seed=2)
    path = _fill(tmp_path, [old])
    path.write_bytes(without_checksum(path.read_bytes()))
    _fill(tmp_path, [new])
    assert list(Journal(tmp_path).results()) == [old, new]
    assert Journal(tmp_path).finished() == {old.task.key, new.task.key}


@pytest.mark.parametrize("with_checksum", [True, False])
def test_a_result_under_the_key_of_another_task_is_damaged(
    tmp_path: Path, make_result: MakeResult, *, with_checksum: bool
) -> None:
    """It would stand in the place of that task's result."""
    result, other = make_result(seed=1), make_result(seed=2)
    path = _fill(tmp_path, [result])
    line = path.read_bytes().replace(result.task.key.encode(), other.task.key.encode())
    path.write_bytes(line if with_checksum else without_checksum(line))
    with pytest.raises(TrackingError, match=r"line 1 is damaged \(the (key|checksum) does"):
        list(Journal(tmp_path).results())
