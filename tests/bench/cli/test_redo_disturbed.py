"""``bench sweep --redo-disturbed``, and which attempt each reader takes."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bench import api
from bench.report.listener import Listener

pytestmark = pytest.mark.usefixtures("without_mlflow")

Bench = Callable[..., Any]
NOISE = "other processes used 90% of a core"


@pytest.fixture
def journal(bench: Bench, knapsack: Path) -> Path:
    """Return the journal of a sweep of two tasks, both disturbed by its own account."""
    models = knapsack.parent / "models"
    models.mkdir()
    for name in "ab":
        (models / f"{name}.mps").write_text(knapsack.read_text())
    bench(*_sweep(models))
    (path,) = knapsack.parent.glob("bench-work/*/journal.jsonl")
    _rewrite(path, 0, noise=[NOISE], solve_time_s=5.0)
    _rewrite(path, 1, noise=[NOISE], solve_time_s=5.0)
    return path


def _sweep(models: Path) -> tuple[Any, ...]:
    """Return a sweep in this process, which nothing is said to disturb."""
    return ("sweep", models, "--solver", "fake", "--no-lint", "-j", "0", "--name", "cuts")


def _rewrite(path: Path, at: int, *, noise: list[str], solve_time_s: float) -> None:
    lines = path.read_text().splitlines()
    line = json.loads(lines[at])
    line["result"]["execution"]["noise"] = noise
    line["result"]["answer"]["solve_time_s"] = solve_time_s
    line.pop("crc32", None)  # as in lines of version 0.1
    lines[at] = json.dumps(line, separators=(",", ":"))
    path.write_text("".join(f"{one}\n" for one in lines))


def _again(bench: Bench, journal: Path, *options: str) -> Any:
    return bench(*_sweep(journal.parents[2] / "models"), *options)


def _seconds(bench: Bench) -> dict[str, float]:
    """Return the solving time of each instance as ``bench export`` has it."""
    rows = csv.DictReader(io.StringIO(bench("export", "cuts", "--format", "csv").out))
    return {row["instance"]: float(row["solve_time_s"]) for row in rows}


def test_only_on_request_and_only_what_was_disturbed(bench: Bench, journal: Path) -> None:
    """All attempts stay in the journal; a third time there is nothing to do."""
    _rewrite(journal, 1, noise=[], solve_time_s=5.0)
    assert "nothing left to do" in _again(bench, journal).err
    said = _again(bench, journal, "--redo-disturbed").err
    assert "cuts: 1 of 2 tasks are left to do, 1 of them again." in said
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    assert len(lines) == 3
    assert len({line["key"] for line in lines}) == 2
    done = _again(bench, journal, "--redo-disturbed").err
    assert "all of its tasks are finished (2), and no counted result was disturbed" in done
    assert len(journal.read_text().splitlines()) == 3


def test_the_files_of_every_attempt_stay(bench: Bench, journal: Path) -> None:
    """Each has a folder of its own, and the journal names it."""
    _again(bench, journal, "--redo-disturbed")
    folders = [json.loads(line)["result"]["folder"] for line in journal.read_text().splitlines()]
    assert len(set(folders)) == 4
    assert all(list((journal.parent / folder).iterdir()) for folder in folders)


@pytest.mark.slow
@pytest.mark.recorded
def test_every_reader_takes_the_first_undisturbed_attempt(bench: Bench, journal: Path) -> None:
    """Not the slower one before it, and not the faster one after it."""
    _again(bench, journal, "--redo-disturbed")
    again = {
        json.loads(line)["key"]: at for at, line in enumerate(journal.read_text().splitlines())
    }
    first, second = sorted(again.values())
    _rewrite(journal, first, noise=[], solve_time_s=3.0)
    _rewrite(journal, second, noise=[NOISE], solve_time_s=1.0)
    _again(bench, journal, "--redo-disturbed")
    lines = [json.loads(line)["result"] for line in journal.read_text().splitlines()]
    assert len(lines) == 5
    name = {one["task"]["instance"]["name"] for one in lines[4:]}
    _rewrite(journal, 4, noise=[], solve_time_s=2.0)
    expected = {lines[first]["task"]["instance"]["name"]: 3.0, name.pop(): 2.0}
    assert _seconds(bench) == expected
    with closing(sqlite3.connect(journal.parents[2] / "mlflow.db")) as database:
        attempts = database.execute(
            "select count(*) from tags where key = 'bench.kind' and value = 'task'"
        ).fetchone()
    assert attempts == (5,)


def test_where_all_attempts_are_disturbed_the_first_one_counts(bench: Bench, journal: Path) -> None:
    """As disturbed, so that it is executed once more the next time."""
    _again(bench, journal, "--redo-disturbed")
    for at in (2, 3):
        _rewrite(journal, at, noise=[NOISE], solve_time_s=1.0)
    assert set(_seconds(bench).values()) == {5.0}
    assert "2 of 2 tasks" in _again(bench, journal, "--redo-disturbed").err


@pytest.mark.slow
def test_a_redo_that_is_stopped_loses_nothing(
    journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was there before is still the result, and the rest is left to do."""
    monkeypatch.chdir(journal.parents[2])

    class Stopped(Listener):
        """Stops before the first task."""

        def should_continue(self) -> bool:
            """Start none."""
            return False

    found = api.sweep(
        "models",
        solver="fake",
        lint=False,
        jobs=0,
        name="cuts",
        redo_disturbed=True,
        progress=Stopped(),
    )
    assert (found.n_missing, [one.answer.solve_time_s for one in found.results]) == (2, [5.0] * 2)


@pytest.mark.slow
@pytest.mark.recorded
def test_every_summary_counts_what_was_disturbed(bench: Bench, journal: Path) -> None:
    """The end of a sweep, its status, statistics and report, and MLflow's runs."""
    _rewrite(journal, 1, noise=[], solve_time_s=5.0)
    again = _again(bench, journal)
    assert "2 of 2 solved; shifted geometric mean" in again.out
    assert again.out.rstrip().endswith("; 1 disturbed by an external slowdown")
    assert "Disturbed: 1 of 2 tasks, by an external slowdown; the same" in again.err
    table, _, row, *_ = bench("status", "cuts").out.splitlines()[1:]
    assert (table.split()[-1], row.split()[-1]) == ("disturbed", "1")
    bench("report", "cuts", "-o", "report.html")
    page = (journal.parents[2] / "report.html").read_text()
    assert "1 of 2 results were disturbed by an external slowdown" in page
    with closing(sqlite3.connect(journal.parents[2] / "mlflow.db")) as database:
        metrics = database.execute(
            "select value from latest_metrics where key = 'disturbed'"
        ).fetchall()
    assert metrics
