"""``bench tune``, executed as a user does; the solver is a fake whose seconds are tuned."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.journal.journal import Journal
from bench.model.results.result import Result
from bench.model.setting import ParameterValue
from bench.solvers import fake
from bench.solvers.behaviours import BEHAVIOURS, take_cpu
from bench.tuning.record import name_of_test

pytestmark = pytest.mark.usefixtures("without_mlflow")

Bench = Callable[..., Any]
STOCK_S = 0.06
SPACE = """
parameters:
  seconds: {low: 0.005, high: 0.1, why: the fake solver computes for so long}
starts:
  hurry-on: {seconds: 0.02}
  linger-off: {seconds: 0.09}
"""


@pytest.fixture
def models(tmp_path: Path, knapsack: Path) -> Path:
    """Return a folder with ten instances of different content."""
    folder = tmp_path / "models"
    folder.mkdir()
    for at in range(10):
        (folder / f"m-{at}.mps").write_text(knapsack.read_text() + f"* {at}\n")
    (tmp_path / "space.yaml").write_text(SPACE)
    return folder


@pytest.fixture
def busy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the fake solver compute for a while by default; with -j 0 it is in this process."""
    stock: dict[str, ParameterValue] = {
        "behaviour": "spin",
        "seconds": STOCK_S,
        "value": -8.0,
        "solution": "a=1 c=1",
    }
    changed = [replace(one, default=stock.get(one.name, one.default)) for one in fake.PARAMETERS]
    monkeypatch.setattr(fake, "PARAMETERS", tuple(changed))
    monkeypatch.setitem(BEHAVIOURS, "spin", lambda options: take_cpu(options.seconds))


TUNE = ("tune", "models", "--solver", "fake", "--space", "space.yaml", "-j", "0", "--no-mlflow")


COUNTING = ("--measure", "cpu", "--shift", "0.1", "--clip", "0.01")


def results(folder: Path, name: str = "tuning") -> list[Result]:
    """Return the results in a journal."""
    return list(Journal(folder / "bench-work" / name).results())


def digests(found: list[Result]) -> set[str]:
    """Return the instances of results."""
    return {one.task.instance.digest for one in found}


@pytest.mark.slow
@pytest.mark.usefixtures("busy", "models")
def test_a_better_setting_is_found_and_proven_on_unseen_instances(
    tmp_path: Path, bench: Bench
) -> None:
    """Journal, files, status and list agree; the same command does nothing twice."""
    done = bench(*TUNE, "--budget", "4s")
    assert re.search(r"- winner is .* faster than default", done.out)
    folder = tmp_path / "bench-work" / "tuning"
    split = json.loads((folder / "split.json").read_text())
    race, test = results(tmp_path), results(tmp_path, "tuning-test")
    assert digests(race) <= set(split["train"])
    assert digests(test) <= set(split["test"])
    assert {one.task.seed for one in race}.isdisjoint({one.task.seed for one in test})
    assert sum(one.answer.solve_cpu_s or 0 for one in [*race, *test]) < 4.5
    assert "seconds = " in (folder / "winner.set").read_text()
    again = bench(*TUNE, "--budget", "4s")
    assert done.out.endswith(again.out)
    assert [len(race), len(test)] == [
        len(results(tmp_path)),
        len(results(tmp_path, name_of_test("tuning"))),
    ]
    assert "winner: " in bench("status", "tuning").out
    rows = bench("ls", "--json").json
    assert {(one["name"], one["kind"], one["state"]) for one in rows} == {
        ("tuning", "tune", "done"),
        ("tuning-test", "sweep", "done"),
    }
    assert "winner" in bench("compare", "tuning-test", *COUNTING).out


@pytest.mark.slow
@pytest.mark.usefixtures("busy", "models")
def test_a_tuning_that_lost_its_newest_results_goes_on_and_does_nothing_twice(
    tmp_path: Path, bench: Bench
) -> None:
    """As after a kill: the plan says that it grows, and the same command continues."""
    bench(*TUNE, "--budget", "2s", code=None)
    folder = tmp_path / "bench-work" / "tuning"
    shutil.rmtree(folder.parent / "tuning-test", ignore_errors=True)
    (folder / "tuning.json").unlink()
    journal, plan = folder / "journal.jsonl", folder / "sweep.json"
    lines = journal.read_text().splitlines(keepends=True)
    journal.write_text("".join(lines[: len(lines) // 2]))
    plan.write_text(json.dumps(json.loads(plan.read_text()) | {"growing": True}))
    (row,) = bench("ls", "--json").json
    assert row["state"] == "stopped"
    bench("resume", "tuning", code=None)
    keys = [one.task.key for one in results(tmp_path)]
    assert len(keys) == len(set(keys))
    assert len(keys) > len(lines) // 2
    assert json.loads((folder / "tuning.json").read_text())["phase"] == "done"


@pytest.mark.usefixtures("models")
def test_where_there_is_nothing_to_gain_it_says_so(tmp_path: Path, bench: Bench) -> None:
    """Stock answers at once: exit code 5, no test, and the same again."""
    for _ in range(2):
        done = bench(*TUNE, "--budget", "60s", code=5)
        assert "Nothing to gain: the stock setting solves each of 4 training" in done.out
        assert "No setting found that is better than stock" in done.out
    assert len(results(tmp_path)) == 4
    assert not (tmp_path / "bench-work" / "tuning-test").exists()
    (row,) = bench("ls", "--json").json
    assert row["state"] == "done"


@pytest.mark.usefixtures("models")
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--budget", "0.5s"], "budget 0.5: at least 1 CPU second"),
        (["--budget", "much"], "expected a duration"),
        (["--test", "empty"], "--test empty: the test set is empty"),
        (["--test", "models"], "all of its instances are among those to tune on"),
        (["--space", "none.yaml"], "none.yaml: cannot be read"),
        (["--space", "fixed.yaml"], "no parameter has more than one value"),
        (["--solver", "scap"], "scap"),
    ],
)
def test_what_is_wrong_is_one_line_and_exit_code_2(
    tmp_path: Path, bench: Bench, words: list[str], told: str
) -> None:
    """Nothing is solved."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "fixed.yaml").write_text("parameters: {seconds: {values: [1]}}")
    done = bench(*TUNE, *words, code=2)
    assert told in done.err
    assert not list(tmp_path.glob("bench-work/*/journal.jsonl")) or not results(tmp_path)


@pytest.mark.usefixtures("models")
def test_a_test_set_that_was_changed_meanwhile_is_one_line(tmp_path: Path, bench: Bench) -> None:
    """The split stays as it was made."""
    bench(*TUNE, "--budget", "60s", code=5)
    for file in (tmp_path / "models").glob("*.mps"):
        file.write_text(file.read_text() + "* changed\n")
    done = bench(*TUNE, "--budget", "60s", code=2)
    assert "is gone or changed since the tuning began, and 3 more are" in done.err


def test_no_instances_and_one_instance_are_one_line(bench: Bench, knapsack: Path) -> None:
    """Both say what to do."""
    assert "no instances; name some" in bench("tune", code=2).err
    assert "1 instance cannot be both" in bench("tune", str(knapsack), code=2).err
