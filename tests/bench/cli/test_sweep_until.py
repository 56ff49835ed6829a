"""``bench sweep --until``: ends once it is decided, and everything afterwards knows that."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.app.campaign import execute
from bench.model.results.result import Result

pytestmark = pytest.mark.usefixtures("without_mlflow")

Bench = Callable[..., Any]
N = 12
SWEEP = ("sweep", "models", "--solver", "fake", "--name", "s", "-j", "1", "--no-lint")
TWO = ("--setting", "default: code=1", "--setting", "other: code=2")


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """Return a folder with instances of different contents."""
    folder = tmp_path / "models"
    folder.mkdir()
    for at in range(N):
        (folder / f"m{at}.mps").write_text(f"NAME m{at}\n")
    return folder


@pytest.fixture(autouse=True)
def made_up_times(
    monkeypatch: pytest.MonkeyPatch,
    models: Path,  # noqa: ARG001 - there for every test
) -> dict[str, float]:
    """Let each result have a time by its setting, instance and luck; return the factors."""
    factors = {"default": 1.0, "other": 0.3}
    finalize = execute.judge_and_record

    def with_time(*arguments: Any) -> Result:
        outcome, references, journal = arguments
        name = outcome.task.instance.name
        luck = 1 + 0.02 * (int(name[1:]) % 5) * (1 if outcome.task.setting.name == "other" else -1)
        seconds = (5 + int(name[1:])) * factors[outcome.task.setting.name] * luck
        answer = replace(outcome.answer, solve_time_s=seconds)
        calm = replace(outcome.execution, noise=())
        outcome = replace(outcome, answer=answer, execution=calm)
        return finalize(outcome, references, journal)

    monkeypatch.setattr(execute, "judge_and_record", with_time)
    return factors


def journal(folder: Path) -> list[str]:
    """Return the lines of the sweep's journal."""
    return (folder / "bench-work" / "s" / "journal.jsonl").read_text().splitlines()


@pytest.mark.slow
def test_a_clear_difference_ends_the_sweep(bench: Bench, tmp_path: Path) -> None:
    """It says what it saved; comparing afterwards uses the level of the look, as do files of it."""
    ended = bench(*SWEEP, *TWO, "--until", "decided")
    assert "Decided after 14 of 24 tasks (look at 7 of 12" in ended.out
    assert "10 tasks were not executed" in ended.err
    assert len(journal(tmp_path)) == 14
    compared = bench("compare", "s", "--format", "json").json
    assert compared["look"]["sizes"] == [7]
    assert compared["basis"]["level"] > 0.95
    bench("export", "s", "-o", "table.csv")
    assert bench("compare", "table.csv", "--format", "json").json["look"]["sizes"] == [7]


def test_short_solves_end_a_sweep_as_well(
    bench: Bench, tmp_path: Path, made_up_times: dict[str, float]
) -> None:
    """Though the usual clip would hide them all; commands afterwards conclude the same."""
    made_up_times |= {"default": 0.02, "other": 0.006}
    ended = bench(*SWEEP, *TWO, "--until", "decided")
    shown = " ".join(ended.out.split())
    assert "Decided after 14 of 24 tasks (look at 7 of 12 instances, shift 0.1 s)" in shown
    assert len(journal(tmp_path)) == 14
    compared = bench("compare", "s").out
    assert "shift 0.1, values below 0.01 count as 0.01" in " ".join(compared.split())
    assert "other is " in compared
    gate = bench("gate", "s", "--baseline", "default", "--candidate", "other")
    assert "faster" in gate.out


@pytest.mark.slow
def test_the_same_command_again_does_nothing(bench: Bench, tmp_path: Path) -> None:
    """It is decided: nothing is executed, also where the last line was lost to a crash."""
    bench(*SWEEP, *TWO, "--until", "decided")
    before = journal(tmp_path)
    again = bench(*SWEEP, *TWO, "--until", "decided")
    assert "Decided after 14 of 24 tasks" in again.out
    assert journal(tmp_path) == before
    path = tmp_path / "bench-work" / "s" / "journal.jsonl"
    path.write_text("\n".join(before[:-3]) + "\n")
    plan = path.with_name("sweep.json")
    content = json.loads(plan.read_text())
    content["looks"]["stopped_at"] = None
    plan.write_text(json.dumps(content))
    resumed = bench(*SWEEP, *TWO, "--until", "decided")
    assert "Decided after 14 of 24 tasks (look at 7 of 12" in resumed.out
    keys = [json.loads(line)["key"] for line in journal(tmp_path)]
    assert len(keys) == len(set(keys)) == 14


@pytest.mark.slow
def test_without_until_the_rest_follows_and_keeps_the_looks(bench: Bench, tmp_path: Path) -> None:
    """All tasks are executed then, and the comparison is that of the last look."""
    bench(*SWEEP, *TWO, "--until", "decided")
    bench(*SWEEP, *TWO)
    assert len(journal(tmp_path)) == 2 * N
    compared = bench("compare", "s", "--format", "json").json
    assert compared["look"]["last"] == compared["look"]["sizes"][-1] == N
    assert compared["basis"]["level"] > 0.955


@pytest.mark.slow
def test_a_sweep_file_may_say_until_when(bench: Bench, tmp_path: Path) -> None:
    """The command line overrides it: what was spared follows with --until end."""
    (tmp_path / "s.yaml").write_text(
        "instances: models\nsolver: fake\njobs: 1\nlint: no\nuntil: decided\n"
        "settings: {default: {code: 1}, other: {code: 2}}\n"
    )
    ended = bench("sweep", "s.yaml")
    assert "Decided after 14 of 24 tasks (look at 7 of 12" in ended.out
    assert "the same command with --until end executes them" in ended.err
    bench("sweep", "s.yaml", "--until", "end")
    assert len(journal(tmp_path)) == 2 * N


def test_a_sweep_file_with_another_until_is_one_line(bench: Bench, tmp_path: Path) -> None:
    """With file, line and what there is."""
    (tmp_path / "s.yaml").write_text("instances: models\nuntil: bored\n")
    (line,) = bench("sweep", "s.yaml", code=2).err.splitlines()
    assert line.startswith("Error: s.yaml:2: until: ")
    assert "'decided', 'decided-or-futile' or 'end'" in line


@pytest.mark.slow
def test_no_difference_goes_on_to_the_end_or_is_given_up(
    bench: Bench, tmp_path: Path, made_up_times: dict[str, float]
) -> None:
    """Futility ends what would probably stay undecided; without it all tasks are executed."""
    made_up_times["other"] = 0.94
    given_up = bench(*SWEEP, *TWO, "--until", "decided-or-futile")
    assert "Given up after" in given_up.out
    assert "futile for other" in given_up.out
    assert len(journal(tmp_path)) < 2 * N
    whole = bench(*SWEEP, *TWO, "--until", "decided", "--fresh")
    assert "Decided" not in whole.out
    assert "Not decided before the last look, so all 24 tasks were executed." in whole.out
    assert len(journal(tmp_path)) == 2 * N


@pytest.mark.slow
def test_a_sweep_that_goes_on_may_be_compared_by_looks(bench: Bench, tmp_path: Path) -> None:
    """``compare --sequential`` shows each look of a plan that was made without."""
    bench(*SWEEP, *TWO, "--order", "given")
    naive = bench("compare", "s")
    assert "Sequential" not in naive.out
    path = tmp_path / "bench-work" / "s" / "journal.jsonl"
    path.write_text("\n".join(journal(tmp_path)[:22]) + "\n")
    peeked = bench("compare", "s", "--sequential")
    assert "Sequential: look" in peeked.out
    assert "7 of 12" in peeked.out
    assert "11 of 12" in peeked.out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ("--setting", "default:"),
            "--until needs at least two settings to compare, and the sweep has one",
        ),
        (
            (*TWO, "--order", "given"),
            "--until takes the instances in random order; remove --order given",
        ),
    ],
)
def test_what_cannot_be_decided_is_refused(
    bench: Bench, tmp_path: Path, options: tuple[str, ...], message: str
) -> None:
    """Before anything is executed, in one line."""
    refused = bench(*SWEEP, *options, "--until", "decided", code=2)
    assert message in refused.err
    assert not (tmp_path / "bench-work" / "s" / "journal.jsonl").exists() or not journal(tmp_path)


def test_too_few_instances_are_refused(bench: Bench, models: Path) -> None:
    """Five cannot decide anything."""
    few = [str(models / f"m{at}.mps") for at in range(5)]
    words = ("sweep", *few, *SWEEP[2:], *TWO)
    assert "needs at least 6 instances" in bench(*words, "--until", "decided", code=2).err


def test_the_plan_cannot_change_once_results_are_known(bench: Bench, models: Path) -> None:
    """Neither more instances nor other settings; a fresh sweep may have them."""
    bench(*SWEEP, *TWO, "--until", "decided")
    (models / "late.mps").write_text("NAME late\n")
    refused = bench(*SWEEP, *TWO, "--until", "decided", code=2)
    assert "looks were fixed for other tasks" in refused.err
    (models / "late.mps").unlink()


@pytest.mark.slow
@pytest.mark.recorded
def test_mlflow_has_a_finished_sweep(bench: Bench, tmp_path: Path) -> None:
    """Spared tasks are no missing ones: runs end as finished, and the results know their look."""
    import mlflow

    bench(*SWEEP, *TWO, "--until", "decided", "--experiment-name", "until")
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    client = mlflow.MlflowClient(uri)
    experiment = client.get_experiment_by_name("until")
    assert experiment is not None
    runs = client.search_runs([experiment.experiment_id])
    assert {run.info.status for run in runs} == {"FINISHED"}
    compared = bench("compare", "--experiment-name", "until", "--format", "json").json
    assert compared["look"]["sizes"] == [7]
