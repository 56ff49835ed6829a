"""What the Python interface executes and records, as a script or a notebook calls it."""

from __future__ import annotations

import inspect
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import click
import pyscipopt
import pytest

from bench.api import (
    check,
    compare,
    import_results,
    results,
    run,
    sweep,
    sync,
    train_selector,
    tune,
)
from bench.app.campaign.campaign_result import CampaignResult
from bench.app.campaign.plan_sweep import SweepOptions
from bench.app.run import RunOptions
from bench.app.selection.train import TrainOptions
from bench.app.tuning.options import TuneOptions
from bench.cli.main import command
from bench.cli.shared.durations import seconds
from bench.errors import BenchError, UsageError
from bench.model.results.result import Result
from bench.report.listener import Listener
from tests.commands import forget_stores

QUICK: dict[str, Any] = {"solver": "fake", "jobs": 1, "lint": False}


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, fork_server: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Work in an empty folder, with a fork server that has all solvers."""
    del fork_server
    monkeypatch.chdir(tmp_path)
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_NAME", "MLFLOW_RUN_ID"):
        monkeypatch.delenv(name, raising=False)
    yield
    forget_stores()


@pytest.fixture
def three(knapsack: Path, tmp_path: Path) -> list[Path]:
    """Return three instances."""
    paths = [tmp_path / f"{name}.mps" for name in "abc"]
    for path in paths:
        path.write_text(knapsack.read_text())
    return paths


def state() -> tuple[object, ...]:
    """Return what a call must leave alone of its process."""
    numbers = (signal.SIGINT, signal.SIGTERM)
    return dict(os.environ), [signal.getsignal(each) for each in numbers], Path.cwd()


def test_run_returns_the_results_and_prints_nothing(
    knapsack: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """As objects and as a table, with the folder and the run; the process is as before."""
    before = state()
    done = run(knapsack, solver="fake", time_limit=60, seeds=[4, 7], experiment_name="scip")
    assert isinstance(done, CampaignResult)
    assert [one.verdict.solved for one in done.results] == [True, True]
    assert list(done.frame["seed"]) == [4, 7]
    assert (done.undelivered, done.n_missing) == (None, 0)
    assert (done.folder / "journal.jsonl").is_file()
    assert list(done.run_ids) == ["default"]
    assert capfd.readouterr() == ("", "")
    assert state() == before


def test_what_is_wrong_is_an_error_of_bench(
    knapsack: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """One line, before anything is executed; never SystemExit, never a print."""
    with pytest.raises(UsageError, match="unknown parameter 'separating/maxround'"):
        run(knapsack, params={"separating/maxround": 0})
    with pytest.raises(UsageError, match="a limit must be a number of at least 0"):
        run(knapsack, time_limit=-1)
    with pytest.raises(UsageError, match="unknown clock 'sun'; known: cpu, wall"):
        run(knapsack, clock="sun")
    with pytest.raises(BenchError, match="none of the instances") as caught:
        run("nowhere.mps")
    assert "nowhere.mps" in caught.value.__notes__[0]
    with pytest.raises(TypeError, match="alfa"):
        run(knapsack, alfa=1)  # type: ignore[call-arg]
    assert not (tmp_path / "bench-work").exists()
    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
def test_a_model_is_solved_and_known_by_its_content(tmp_path: Path) -> None:
    """Written to one file below the work folder, however often; a nonlinear one as CIP."""
    model = pyscipopt.Model("my plan")
    x, y = (model.addVar(vtype="I", ub=4) for _ in range(2))
    model.addCons(2 * x + 3 * y <= 11)
    model.setObjective(x + 2 * y, "maximize")
    model.setParam("display/verblevel", 0)
    first, again = (run(model, jobs=1).results[0] for _ in range(2))
    assert first.answer.primal_bound == 7
    assert first.verification is not None
    assert first.task.instance.name == "my-plan"
    assert first.task.key == again.task.key
    model.addCons(x * y <= 2)
    (nonlinear,) = run([model], jobs=1).results
    assert nonlinear.answer.primal_bound == 6
    files = sorted(path.name for path in (tmp_path / "bench-work" / "models").glob("*/*"))
    assert files == ["my-plan.cip", "my-plan.mps"]


@pytest.mark.slow
def test_sweep_multiplies_and_a_second_call_continues(
    three: list[Path], capfd: pytest.CaptureFixture[str]
) -> None:
    """Lists as lists or as text; what is finished is not executed again."""
    done = sweep(three, params={"code": [2, 3]}, seeds=2, name="codes", **QUICK)
    assert {name: len(each) for name, each in done.by_setting().items()} == {
        "code=2": 6,
        "code=3": 6,
    }
    again = sweep(three, params={"code": "2,3"}, seeds=2, name="codes", **QUICK)
    assert {one.execution.started_at for one in again.results} == {
        one.execution.started_at for one in done.results
    }
    assert capfd.readouterr() == ("", "")
    assert len(results("codes")) == 12
    assert compare("codes", n_resamples=100).comparison.baseline == "code=2"


@pytest.mark.slow
def test_a_sweep_file_and_named_settings(three: list[Path], tmp_path: Path) -> None:
    """The file may stand alone; keywords go over it."""
    text = "name: filed\nsolver: fake\ninstances: [a.mps]\njobs: 1\nlint: false\n"
    (tmp_path / "s.yaml").write_text(text)
    assert len(sweep("s.yaml").results) == 1
    done = sweep(["s.yaml", *three], setting={"default": {}, "odd": {"code": 3}}, baseline="odd")
    assert list(done.by_setting()) == ["default", "odd"]
    assert (done.plan.name, done.plan.baseline, len(done.results)) == ("filed", "odd", 6)


@pytest.mark.slow
def test_a_task_is_the_same_from_python_and_from_the_command_line(
    knapsack: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whole numbers too: what the one has executed the other does not execute again."""
    limits = {"time_limit": 60, "memory_limit": 2000, "gap": 0, "grace": 3, "clock": "cpu"}
    done = sweep(knapsack, name="same", alpha=[1, 0.5], l1_ratio=1, **limits, jobs=1)  # type: ignore[arg-type]
    words = ["--alpha", "1,0.5", "--l1-ratio", "1", "--name", "same", "-j", "1"]
    for name, value in limits.items():
        words += [f"--{name.replace('_', '-')}", str(value)]
    assert command.main(["sweep", str(knapsack), *words]) == 0
    assert "nothing left to do" in capsys.readouterr().err
    (one,) = run(knapsack, alpha=1, l1_ratio=1, **limits, jobs=1).results  # type: ignore[arg-type]
    assert one.task.key in {each.task.key for each in done.results}


@pytest.fixture
def _interruptible() -> Iterator[None]:
    """Let SIGINT be an interrupt: a shell that starts the tests in the background ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


class Interrupting(Listener):
    """Presses Ctrl-C when a result arrives, and counts them."""

    def __init__(self) -> None:
        """Begin."""
        self.finished: list[Result] = []

    def task_finished(self, result: Result) -> None:
        """Press Ctrl-C."""
        self.finished.append(result)
        signal.raise_signal(signal.SIGINT)


class Impatient(Listener):
    """Presses Ctrl-C while MLflow gets what is left."""

    def step_started(self, name: str, total: int | None, unit: str) -> None:
        """Press Ctrl-C."""
        del total, unit
        if name == "MLflow":
            signal.raise_signal(signal.SIGINT)


@pytest.mark.slow
@pytest.mark.usefixtures("_interruptible")
def test_an_interrupt_of_the_delivery_leaves_nobody_writing(three: list[Path]) -> None:
    """All results are in the journal, and arrive once, later."""
    with pytest.raises(KeyboardInterrupt):
        sweep(three, name="hasty", progress=Impatient(), **QUICK)
    assert "bench-mlflow" not in {thread.name for thread in threading.enumerate()}
    assert sync("hasty").problems == ()
    (again,) = sync("hasty").delivered
    assert (again.n_new, again.n_already) == (0, 3)


class Stopping(Listener):
    """Lets a single task be started."""

    n_started = 0

    def should_continue(self) -> bool:
        """Allow the first."""
        self.n_started += 1
        return self.n_started == 1


@pytest.mark.slow
@pytest.mark.usefixtures("_interruptible")
def test_an_interrupt_leaves_a_sweep_that_continues(three: list[Path], tmp_path: Path) -> None:
    """KeyboardInterrupt reaches the caller, and what was finished is kept."""
    listener = Interrupting()
    with pytest.raises(KeyboardInterrupt):
        sweep(three, name="cut", progress=listener, **QUICK)
    assert len(listener.finished) == 1
    done = sweep(three, name="cut", **QUICK)
    journal = tmp_path / "bench-work" / "cut" / "journal.jsonl"
    keys = [json.loads(line)["key"] for line in journal.read_text().splitlines()]
    assert len(keys) == len(set(keys)) == len(done.results) == 3


def test_a_listener_may_stop_a_sweep(three: list[Path]) -> None:
    """No further task is started; how many are missing is told, and nothing raised."""
    done = sweep(three, name="few", progress=Stopping(), **QUICK)
    assert (len(done.results), done.n_missing) == (1, 2)


def test_any_thread_may_call(knapsack: Path) -> None:
    """The fork server that runs already is used; nothing needs the main thread."""
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(run, knapsack, **QUICK).result()
    assert done.results[0].verdict.solved


def test_a_store_that_is_down_costs_no_result(knapsack: Path) -> None:
    """What has been solved comes back, with the reason and what delivers it."""
    done = run(knapsack, tracking_uri="http://127.0.0.1:9", **QUICK)
    assert done.results[0].verdict.solved
    assert "upload them later with: bench sync" in (done.undelivered or "")


@pytest.mark.slow
def test_what_was_not_delivered_is_synced_later(
    knapsack: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Once; where the store is down, that is a problem and no exception."""
    done = run(knapsack, tracking_uri="http://127.0.0.1:9", **QUICK)
    before = state()
    assert "127.0.0.1:9" in sync().problems[0]
    counts = [
        [(one.n_new, one.n_already) for one in report.delivered]
        for report in (sync(done.folder, tracking_uri="sqlite:///a.db") for _ in range(2))
    ]
    assert counts == [[(1, 0)], [(0, 1)]]
    assert len(results(experiment_name="Default", tracking_uri="sqlite:///a.db")) == 1
    with pytest.raises(UsageError, match="has this name, and it is not the folder of a sweep"):
        sync("nothing")
    assert state() == before
    assert capfd.readouterr() == ("", "")


def test_a_check_returns_what_changed(
    knapsack: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Tried, nothing is changed; else the journal has the new verdict."""
    done = run(knapsack, jobs=1, lint=False)
    solu = tmp_path / "wrong.solu"
    solu.write_text("=opt= knapsack -9\n")
    for dry_run, n_changes in ((True, 1), (False, 1), (False, 0)):
        report = check(done.folder, solu=[solu], dry_run=dry_run)
        assert len(report.checked.changes) == n_changes
        assert report.checked.verdicts == {"wrong": 1}
        assert report.problems == ()
    assert capfd.readouterr() == ("", "")


def test_results_of_others_are_imported_once(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """What cannot be read is a UsageError that notes the lines."""
    table = tmp_path / "old.csv"
    table.write_text("problem,status,seconds\na,optimal,3\nb,optimal,4\n")
    columns = {"instance": "problem", "time": "seconds"}
    taken = [import_results(table, map=columns, setting="old", time_limit=60) for _ in range(2)]
    assert [one.n_new for one in taken] == [2, 0]
    assert taken[0].undelivered is None
    assert list(results("old")["setting"]) == ["old", "old"]
    table.write_text("problem,status,seconds\na,optimal,soon\n")
    with pytest.raises(UsageError, match="nothing was imported") as caught:
        import_results(table, map=columns)
    assert "soon" in caught.value.__notes__[0]
    assert capfd.readouterr() == ("", "")


def test_keywords_have_the_defaults_of_the_command_line() -> None:
    """Each option of the command is a keyword, but for those that are about the terminal."""
    context = command.make_context("bench", ["run", "-h"], resilient_parsing=True)
    own = {"words", "as_json", "fail_on", "help", "notify", "quiet", "verbose"}
    select = command.get_command(context, "select")
    assert isinstance(select, click.Group)
    for found, function, options in (
        (command.get_command(context, "run"), run, RunOptions(())),
        (command.get_command(context, "sweep"), sweep, SweepOptions()),
        (command.get_command(context, "tune"), tune, TuneOptions()),
        (select.get_command(context, "train"), train_selector, TrainOptions()),
    ):
        assert found is not None
        known = inspect.signature(function).parameters
        for option in found.params:
            if option.name not in own:
                default = option.to_info_dict()["default"]
                ours = getattr(options, known[str(option.name)].name)
                if option.name == "budget":
                    default = seconds(default, "--budget")
                assert str(ours) == str(default) or not (ours or default), option.name


def test_a_tuning_returns_its_outcome_and_prints_nothing(
    knapsack: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """As the command does; a second call solves nothing."""
    for at in range(4):
        (tmp_path / f"m-{at}.mps").write_text(f"{knapsack.read_text()}* {at}\n")
    (tmp_path / "space.yaml").write_text("parameters: {seconds: {low: 0.1, high: 1}}")
    found = [tune("m-*.mps", budget=30, space="space.yaml", **QUICK) for _ in range(2)]
    assert (found[0].better, found[0].comparison, found[0].interrupted) == (None, None, False)
    assert found[0].progress.nothing_to_gain
    assert found[0].progress == found[1].progress
    assert results("tuning")["instance_sha256"].isin(found[0].split.train).all()
    with pytest.raises(UsageError, match="at least 1 CPU second"):
        tune("m-*.mps", budget=0.1, **QUICK)
    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
def test_a_script_needs_no_main_guard_and_sees_bars_on_request(
    knapsack: Path, tmp_path: Path
) -> None:
    """It is not executed again in the processes of its tasks, from a thread as well."""
    script = tmp_path / "script.py"
    script.write_text(
        "from threading import Thread\n"
        "from bench.api import run\n"
        "print('once')\n"
        f"call = lambda: print(len(run({str(knapsack)!r}, **options).results))\n"
        "options = dict(solver='fake', jobs=1, progress=True, no_mlflow=True)\n"
        "for _ in range(2):\n"
        "    thread = Thread(target=call)\n"
        "    thread.start(); thread.join()\n"
    )
    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.stdout == "once\n1\n1\n", done.stderr
    assert "1 solved" in done.stderr
