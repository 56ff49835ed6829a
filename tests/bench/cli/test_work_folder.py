"""``bench ls``, ``bench resume`` and ``bench clean``, executed as a user would."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.commands import in_process

Bench = Callable[..., Any]
RUN = ("run", "models", "--solver", "fake")
SWEEP = ("sweep", "models", "--solver", "fake", "--name", "cuts")
SETTINGS = ("--setting", "slow: code=2", "--setting", "fast: code=3")


@pytest.fixture
def models(tmp_path: Path, knapsack_text: str) -> Path:
    """Write two models into a folder."""
    (tmp_path / "models").mkdir()
    for name in "ab":
        (tmp_path / "models" / f"{name}.mps").write_text(knapsack_text.replace("knapsack", name))
    return tmp_path


def cut(folder: Path) -> None:
    """Take the last result out of a journal, as if the command had been interrupted before it."""
    journal = folder / "journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:-1]))


@pytest.mark.slow
@pytest.mark.parametrize("words", [RUN, (*SWEEP, *SETTINGS)])
def test_what_was_stopped_is_continued_from_any_folder(
    bench: Bench, models: Path, words: tuple[str, ...]
) -> None:
    """By its name, with its relative paths; what has a result is not executed again."""
    bench(*words, "--tracking-uri", f"sqlite:///{models}/mlflow.db")
    (folder,) = (path.parent for path in (models / "bench-work").glob("*/sweep.json"))
    before = (folder / "journal.jsonl").read_bytes().splitlines()
    cut(folder)
    listed = bench("ls")
    assert "  stopped  " in listed.out
    assert f"Resume the last stopped one: bench resume {folder.name}" in listed.err
    elsewhere = models / "elsewhere"
    elsewhere.mkdir()
    resumed = in_process(elsewhere, "resume", folder.name, "--work-dir", models / "bench-work")
    assert f"In {models}: bench {words[0]} models" in resumed.err
    after = (folder / "journal.jsonl").read_bytes().splitlines()
    assert (len(after), after[:-1]) == (len(before), before[:-1])
    assert not list(elsewhere.iterdir())
    (found,) = bench("ls", "--json").json
    assert (found["state"], found["finished"]) == ("done", len(before))


@pytest.mark.slow
def test_options_are_added_to_the_command(bench: Bench, models: Path) -> None:
    """A typing error in one of them is an error as ever."""
    bench(*SWEEP, *SETTINGS)
    cut(models / "bench-work" / "cuts")
    assert "did you mean --retry-failed?" in bench("resume", "--retry-faild", code=2).err
    assert "cuts: 1 of 4 tasks are left to do" in bench("resume", "--retry-failed").err
    again = bench("resume", "cuts").err
    assert "nothing left to do" in again
    assert again.count("--work-dir") == 1


@pytest.mark.slow
@pytest.mark.usefixtures("models")
def test_a_name_that_is_no_name_of_a_folder_is_found_by_each_command(bench: Bench) -> None:
    """Its folder has another name, which the user did not give."""
    name = "cuts/and knobs"
    words = ("sweep", "models", "--solver", "fake", "--no-mlflow", *SETTINGS)
    bench(*words, "--name", name)
    for command in ("status", "resume", "compare", "export"):
        bench(command, name)
    assert "cuts-and-knobs" in bench("ls").out
    assert (
        "holds the sweep 'cuts/and knobs'" in bench(*words, "--name", "cuts-and-knobs", code=2).err
    )


def test_old_runs_are_shown_before_they_are_deleted(bench: Bench, models: Path) -> None:
    """And what MLflow has not got is kept, with the reason."""
    bench(*RUN)
    (folder,) = (models / "bench-work").glob("run-*")
    shown = bench("clean", "--older-than", "0s")
    assert "Nothing is deleted yet; --yes would delete 1 of 1" in shown.out
    assert "Delete them: bench clean --older-than 0s --yes" in shown.err
    assert folder.exists()
    (folder / "delivered.json").unlink()
    kept = bench("clean", "--older-than", "0s", "--yes", code=1)
    assert f"Kept: {folder.name}: 2 results are not in MLflow" in kept.err
    lost = bench("clean", "--older-than", "0s", "--unrecorded")
    assert (
        f"{folder.name}: MLflow may not have 2 results; deleting the folder loses them" in lost.err
    )
    bench("sync")
    assert "Deleted: 1 of 1" in bench("clean", "--older-than", "0s", "--yes").out
    assert not folder.exists()
    assert "no runs older than 30d" in bench("clean").out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["ls"], "bench-work: there are no runs or sweeps in this folder"),
        (["resume"], "there is no sweep in this folder yet"),
        (["resume", "none"], "no sweep 'none'"),
        (["clean", "none"], "no run or sweep 'none'"),
        (["clean", "--older-than", "soon"], "--older-than soon: expected a duration"),
        (["run", "a.mps", "--resume", "none"], "no sweep 'none'"),
    ],
)
def test_what_is_not_there_is_one_line(
    bench: Bench, tmp_path: Path, knapsack_text: str, words: list[str], message: str
) -> None:
    """Exit code 2."""
    (tmp_path / "a.mps").write_text(knapsack_text)
    err = bench(*words, code=2).err
    assert message in err
    assert len(err.splitlines()) == 1
