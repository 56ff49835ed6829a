"""``bench tune``, executed as a user does; the solver is a fake whose seconds are tuned."""

from __future__ import annotations

import json
import math
import random
import re
import shlex
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.execution import in_process
from bench.journal.campaign import Campaign
from bench.journal.journal import Journal
from bench.model.results.result import Result
from bench.model.setting import ParameterValue
from bench.solvers import fake
from bench.solvers.behaviours import BEHAVIOURS, BehaviourOptions
from bench.tuning.record import name_of_test

pytestmark = pytest.mark.usefixtures("without_mlflow")

Bench = Callable[..., Any]
STOCK_S = 0.6
SPACE = """
parameters:
  seconds: {low: 0.05, high: 1.0, why: the fake solver computes for so long}
starts:
  hurry-on: {seconds: 0.2}
  linger-off: {seconds: 0.9}
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


class DrawnTime:
    """Stands for the module ``time``: CPU time goes on only when `take` says so."""

    def __init__(self) -> None:
        """Begin at nothing."""
        self._cpu_s = 0.0
        self._random = random.Random(1)

    def process_time(self) -> float:
        """Return the CPU seconds so far."""
        return self._cpu_s

    def take(self, options: BehaviourOptions) -> None:
        """Let a solve take its seconds, and a little noise."""
        self._cpu_s += options.seconds * math.exp(self._random.gauss(0, 0.05))

    def __getattr__(self, name: str) -> object:
        """Return whatever else there is."""
        return getattr(time, name)


@pytest.fixture
def busy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the fake solver take a while by default; with -j 0 it is in this process."""
    stock: dict[str, ParameterValue] = {
        "behaviour": "spin",
        "seconds": STOCK_S,
        "value": -8.0,
        "solution": "a=1 c=1",
    }
    changed = [replace(one, default=stock.get(one.name, one.default)) for one in fake.PARAMETERS]
    drawn = DrawnTime()
    monkeypatch.setattr(fake, "PARAMETERS", tuple(changed))
    monkeypatch.setattr(fake, "time", drawn)
    monkeypatch.setattr(in_process, "time", drawn)
    monkeypatch.setitem(BEHAVIOURS, "spin", drawn.take)


TUNE = ("tune", "models", "--solver", "fake", "--space", "space.yaml", "-j", "0", "--no-mlflow")


COUNTING = ("--measure", "cpu", "--shift", "0.1", "--clip", "0.01")


def results(folder: Path, name: str = "tuning") -> list[Result]:
    """Return the results in a journal."""
    return list(Journal(folder / "bench-work" / name).results())


def digests(found: list[Result]) -> set[str]:
    """Return the instances of results."""
    return {one.task.instance.digest for one in found}


@pytest.mark.usefixtures("busy", "models")
def test_a_better_setting_is_found_and_proven_on_unseen_instances(
    tmp_path: Path, bench: Bench
) -> None:
    """Journal, files, status and list agree; the same command does nothing twice."""
    done = bench(*TUNE, "--budget", "25s")
    assert re.search(r"- winner is .* faster than default", done.out)
    assert f"bench compare tuning-test {' '.join(COUNTING)}" in done.err
    assert f"bench register winner --from tuning-test {' '.join(COUNTING)} --model" in done.err
    folder = tmp_path / "bench-work" / "tuning"
    split = json.loads((folder / "split.json").read_text())
    race, test = results(tmp_path), results(tmp_path, "tuning-test")
    assert digests(race) <= set(split["train"])
    assert digests(test) <= set(split["test"])
    assert {one.task.seed for one in race}.isdisjoint({one.task.seed for one in test})
    assert sum(one.answer.solve_cpu_s or 0 for one in [*race, *test]) < 26
    assert "seconds = " in (folder / "winner.set").read_text()
    campaign = Campaign.read(folder)
    planned = [task.key for each in campaign.templates for task in campaign.tasks_like(each)]
    assert sorted(planned) == sorted(one.task.key for one in race), "no run in MLflow lacks a task"
    assert len({one.task.limits.time_s for one in race}) <= 4
    again = bench(*TUNE, "--budget", "25s")
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
    bench("report", "tuning")
    assert "(tuning-test)" in (tmp_path / "report.html").read_text()
    other = json.loads((folder / "tuning.json").read_text()) | {"tested": {"seconds": 0.9}}
    (folder / "tuning.json").write_text(json.dumps(other))
    (refused,) = (
        line for line in bench(*TUNE, "--budget", "25s", code=2).err.splitlines() if "Error" in line
    )
    assert "its test set was used for another winner already" in refused
    assert len(results(tmp_path, name_of_test("tuning"))) == len(test)


@pytest.mark.usefixtures("busy", "models")
def test_a_tuning_that_lost_its_newest_results_goes_on_and_does_nothing_twice(
    tmp_path: Path, bench: Bench
) -> None:
    """As after a kill: the plan says that it grows, and the same command continues."""
    bench(*TUNE, "--budget", "20s", code=None)
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
        (["--budget", "0.5s"], "budget 0.5: expected at least 1 CPU second"),
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
    warned = "may take up to 3600 s, and the race has 36 CPU seconds; with a lower --time-limit"
    assert warned in bench(*TUNE, "--budget", "60s", code=5).err
    for file in (tmp_path / "models").glob("*.mps"):
        file.write_text(file.read_text() + "* changed\n")
    done = bench(*TUNE, "--budget", "60s", "--time-limit", "30", code=2)
    assert "a single solve may take" not in done.err
    assert "is gone or changed since the tuning began, and 3 more are" in done.err


@pytest.mark.recorded
@pytest.mark.usefixtures("models")
@pytest.mark.parametrize(("budget", "code"), [("1s", 1), ("60s", 5)])
def test_a_race_that_ends_at_once_is_recorded(
    bench: Bench, request: pytest.FixtureRequest, budget: str, code: int
) -> None:
    """Also where the budget is too small, or there is nothing to gain."""
    if code == 1:
        request.getfixturevalue("busy")
    words = [word for word in TUNE if word != "--no-mlflow"]
    bench(*words, "--budget", budget, code=code)
    (row,) = bench("ls", "--json").json
    assert [row["state"], row["not_in_mlflow"]] == ["done", 0]


@pytest.mark.usefixtures("models")
def test_a_refused_start_leaves_no_folder(tmp_path: Path, bench: Bench) -> None:
    """Nothing is begun, so that bench ls has nothing damaged."""
    bench(*TUNE, "--test", "models", code=2)
    assert not (tmp_path / "bench-work" / "tuning").exists()


@pytest.mark.usefixtures("models")
def test_a_tuning_is_continued_only_as_it_was_begun(tmp_path: Path, bench: Bench) -> None:
    """Another seed, solver, space or limit is another race; a budget may grow."""
    bench(*TUNE, "--budget", "60s", code=5)
    before = results(tmp_path)
    (tmp_path / "other.yaml").write_text(SPACE.replace("0.05", "0.06"))
    for words, told in (
        (["--seed", "3"], "tuning was begun with --seed 0; continue it with the same"),
        (["--sampler", "qmc"], "begun with --sampler tpe;"),
        (["--space", "other.yaml"], "begun with --space of content"),
        (["--time-limit", "9", "--gap", "0.1"], "begun with --time-limit 3600, --gap None;"),
        (["--solver", "scip", "--space", "scip.yaml"], "begun with --solver fake, --space"),
    ):
        (tmp_path / "scip.yaml").write_text("parameters: {conflict/enable: }")
        assert told in bench(*TUNE, "--budget", "60s", *words, code=2).err
    bench(*TUNE, "--budget", "70s", code=5)
    assert len(results(tmp_path)) == len(before)


@pytest.mark.usefixtures("models")
def test_the_name_of_something_else_is_refused(tmp_path: Path, bench: Bench) -> None:
    """Neither takes over what the other has; nor does the test of a tuning."""
    sweep = ("sweep", "models", "--solver", "fake", "--no-mlflow", "-j", "0", "--name")
    bench(*sweep, "cuts")
    bench(*sweep, "mine-test")
    plan = (tmp_path / "bench-work" / "cuts" / "sweep.json").read_bytes()
    refused = bench(*TUNE, "--name", "cuts", code=2).err
    assert "'cuts' is a sweep, not a tuning; choose another --name" in refused
    assert (tmp_path / "bench-work" / "cuts" / "sweep.json").read_bytes() == plan
    refused = bench(*TUNE, "--name", "mine", code=2).err
    assert "mine-test: this sweep exists, and the test of the tuning" in refused
    bench(*TUNE, "--budget", "60s", code=5)
    refused = bench(*sweep, "tuning", code=2).err
    assert "'tuning' is a tuning, not a sweep; choose another --name" in refused


@pytest.mark.usefixtures("busy", "models")
def test_fresh_puts_the_test_of_the_earlier_tuning_aside(tmp_path: Path, bench: Bench) -> None:
    """Its results do not get into the new one, which says that its test is not the first."""
    assert "were used by" not in bench(*TUNE, "--budget", "25s").err
    first = digests(results(tmp_path, "tuning-test"))
    again = bench(*TUNE, "--budget", "25s", "--seed", "1", "--fresh", code=None).err
    assert re.search(r"Warning: \d+ of \d+ test instances were used by the test of tuning-", again)
    (aside,) = (tmp_path / "bench-work").glob("tuning-test-until-*")
    assert digests(results(tmp_path, aside.name)) == first


@pytest.mark.usefixtures("models")
def test_instances_that_are_not_used_are_named(tmp_path: Path, bench: Bench) -> None:
    """Broken ones are in neither set, and neither are those that came later."""
    (tmp_path / "models" / "a-broken.mps").write_text("no model")
    tests = tmp_path / "tests"
    tests.mkdir()
    shutil.copy(tmp_path / "models" / "m-0.mps", tests / "same.mps")
    (tests / "new.mps").write_text((tmp_path / "models" / "m-0.mps").read_text() + "* new\n")
    words = (*TUNE, "--budget", "60s", "--test", "tests")
    begun = bench(*words, code=5).err
    assert "Note: not used: " in begun
    assert "a-broken.mps" in begun
    assert "same: not tested on, because it is among the instances to tune on" in begun
    split = json.loads((tmp_path / "bench-work" / "tuning" / "split.json").read_text())
    assert [len(split["train"]), len(split["test"])] == [10, 1]
    (tmp_path / "models" / "late.mps").write_text((tests / "new.mps").read_text() + "* late\n")
    assert "late: not used, because the tuning was begun without it" in bench(*words, code=5).err


def test_no_instances_and_one_instance_are_one_line(bench: Bench, knapsack: Path) -> None:
    """Both say what to do."""
    assert "no instances; name some" in bench("tune", code=2).err
    assert "1 instance cannot be both" in bench("tune", str(knapsack), code=2).err


PAGE = (Path(__file__).parents[3] / "docs" / "tuning.md").read_text()
COMMANDS = re.findall(r"^\$ bench (?!register|promote)(.*)$", PAGE, re.MULTILINE)
"""Those of the page; test_register registers and promotes settings."""
(SPACE_OF_PAGE,) = re.findall(r"^```yaml title.*?\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
CHEAP = ("--budget", "25s", "-j", "0")


@pytest.mark.slow
@pytest.mark.usefixtures("busy", "models")
def test_the_commands_of_the_page_succeed(tmp_path: Path, bench: Bench) -> None:
    """One after the other; with a small budget, and a fake solver where something is to be gained.

    The models take SCIP and HiGHS no time, so that there is nothing to gain.
    """
    (tmp_path / "space.yaml").rename(tmp_path / "fake.yaml")
    (tmp_path / "space.yaml").write_text(SPACE_OF_PAGE)
    ended: dict[str, int] = {}
    for command in COMMANDS:
        words = shlex.split(command)
        if words[0] == "tune":
            fake = () if ended else ("--solver", "fake", "--space", "fake.yaml")
            words += (*CHEAP, *fake)
        ended[command] = bench(*words, code=None).code
    searches = [code for command, code in ended.items() if command.startswith("tune")]
    assert searches == [0, 5, 5]
    assert {code for command, code in ended.items() if not command.startswith("tune")} == {0}
