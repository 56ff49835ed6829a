"""The table comes first, MLflow behind it or not at all."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.app.campaign import delivery
from bench.app.campaign.campaign_result import CampaignResult
from bench.app.run import RunOptions, run
from bench.cli.shared.early_start import start_early, start_first
from bench.execution.process.fork_servers import fork_server
from bench.journal import manifest
from bench.report.listener import Listener
from tests.commands import as_process

Bench = Callable[..., Any]
FAKE = ("--solver", "fake", "-j", "1", "--no-lint")
LOADED = """
import sys
from bench.cli.main import command
for words in ("run k.mps", "sweep k.mps -p limits/nodes=1,2 --name two", "import t.csv"):
    assert command.main([*words.split(), "--no-mlflow"]) == 0, words
print("loaded:", *sorted({"mlflow", "pandas", "pyscipopt", "numpy", "highspy"} & set(sys.modules)))
"""


HEAVY = (
    *("mlflow", "pandas", "numpy", "pyscipopt", "highspy", "pydantic", "rich", "yaml", "ssl"),
    *("tqdm", "annotated_types", "dotenv"),
    *("bench.tracking.sync", "bench.execution.cluster.orders", "bench.instances.reference_table"),
    "bench.solvers.executables.solver",
)
LOADED_BY_RUN = f"""
import sys
import bench.cli.main, bench.cli.execute.run
print(*sorted({{*{HEAVY}}} & set(sys.modules)))
"""


@pytest.mark.slow
def test_bench_run_loads_little_before_it_reads_its_options() -> None:
    """What takes long to load is imported where it is used."""
    done = subprocess.run([sys.executable, "-c", LOADED_BY_RUN], capture_output=True, check=True)
    assert done.stdout.split() == []


@pytest.mark.slow
def test_without_mlflow_nothing_heavy_is_loaded(
    tmp_path: Path, knapsack: Path, fork_server: None
) -> None:
    """Neither MLflow nor, once the parameters are known, a solver's library."""
    del fork_server
    knapsack.rename(tmp_path / "k.mps")
    (tmp_path / "t.csv").write_text("instance,status,time,primal\nk,optimal,1,-8\n")
    as_process(tmp_path, "params", "nothing-of-this-name", code=None)
    done = subprocess.run(
        [sys.executable, "-c", LOADED],
        cwd=tmp_path,
        env=os.environ | {"HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=250,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "loaded:", done.stdout
    assert not (tmp_path / "mlflow.db").exists()
    assert done.stderr.count("upload the results with: bench sync") == 3


@pytest.mark.slow
@pytest.mark.parametrize("how", ["option", "variable"])
def test_without_mlflow_the_results_are_delivered_later(
    bench: Bench, knapsack: Path, how: str
) -> None:
    """They go where they belong; until then their run has no id."""
    words, env = ([], {"BENCH_NO_MLFLOW": "1"}) if how == "variable" else (["--no-mlflow"], {})
    there = ("--tracking-uri", f"sqlite:///{knapsack.parent}/there.db", "--experiment-name", "mine")
    done = bench("run", knapsack, *FAKE, *words, *there, "--json", env=env)
    assert done.json["run_id"] is None
    assert "bench ui" not in done.err
    assert not list(knapsack.parent.glob("*.db"))
    (delivered,) = bench("sync", "--json").json
    assert delivered["new"] == 1
    assert delivered["tracking_uri"].endswith("there.db")


def test_metrics_of_the_machine_need_mlflow(bench: Bench, knapsack: Path) -> None:
    """They are logged while tasks are executed, and could not be delivered later."""
    done = bench("run", knapsack, *FAKE, "--no-mlflow", "--system-metrics", code=2)
    assert "--system-metrics" in done.err


class Order:
    """Notes what happens first."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let the campaign end before MLflow is begun with."""
        self.happened: list[str] = []
        connect = delivery.connect_to_mlflow
        monkeypatch.setattr(delivery, "HEAD_START_S", 60.0)

        def connected(*given: Any) -> Any:
            self.happened.append("connected")
            return connect(*given)

        monkeypatch.setattr(delivery, "connect_to_mlflow", connected)

    def show(self, done: CampaignResult) -> None:
        """Hear of the results."""
        self.happened.append(f"shown {len(done.results)}")


@pytest.fixture
def options(
    knapsack: Path, tmp_path: Path, fork_server: None, monkeypatch: pytest.MonkeyPatch
) -> RunOptions:
    """Return a run of the fake solver in an empty folder."""
    del fork_server
    monkeypatch.chdir(tmp_path)
    return RunOptions(str(knapsack), solver="fake", jobs=1, lint=False)


@pytest.mark.slow
def test_results_are_shown_before_mlflow_is_loaded(
    options: RunOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A short campaign ends before anything of MLflow is begun with."""
    order = Order(monkeypatch)
    done = run(options, when_executed=order.show)
    assert order.happened == ["shown 1", "connected"]
    assert done.run_ids


@pytest.mark.slow
def test_what_cannot_be_shown_is_recorded_all_the_same(options: RunOptions, tmp_path: Path) -> None:
    """``bench run ... | head -1`` closes the pipe; the error comes after the record."""

    def broken(_: CampaignResult) -> None:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        run(options, when_executed=broken)
    assert (tmp_path / "mlflow.db").exists()


class Late(Listener):
    """Presses Ctrl-C once the last task has ended."""

    def tasks_ended(self) -> None:
        """Press Ctrl-C."""
        raise KeyboardInterrupt


def test_an_interrupt_after_the_last_task_shows_the_results(options: RunOptions) -> None:
    """They are shown, and MLflow is not waited for."""
    shown: list[CampaignResult] = []
    run(replace(options, progress=Late()), when_executed=shown.append)
    assert [(len(one.results), one.interrupted) for one in shown] == [(1, True)]


def test_a_store_that_is_down_decides_the_exit_code_behind_the_table(
    bench: Bench, knapsack: Path
) -> None:
    """The table is there; where nobody listens nothing is waited for."""
    begin = time.monotonic()
    done = bench("run", knapsack, *FAKE, "--tracking-uri", "http://127.0.0.1:9", code=1)
    assert "1 of 1 solved" in done.out
    assert "upload them later with: bench sync" in done.err
    assert time.monotonic() - begin < 60


STARTED: list[tuple[str, list[str], dict[str, str], str | None]] = [
    ("run", ["a.mps"], {}, "scip"),
    ("sweep", ["plain.yaml", "-p", "x=1"], {}, "scip"),
    ("sweep", ["other.yaml"], {}, None),
    ("sweep", ["missing.yaml"], {}, None),
    ("run", ["a.mps", "--solver", "highs"], {}, "highs"),
    ("run", ["a.mps", "--solver=highs"], {}, "highs"),
    ("run", ["a.mps"], {"BENCH_SOLVER": "highs"}, "highs"),
    ("run", ["a.mps", "--solver", "mine"], {}, None),
    ("run", ["a.mps", "--setting-from", "models:/m@best"], {}, None),
    ("run", ["a.mps", "-j", "0"], {}, None),
    ("run", ["a.mps", "--executor", "mine"], {}, None),
    ("run", ["a.mps", "--help"], {}, None),
    ("compare", ["a"], {}, None),
]


@pytest.mark.slow
@pytest.mark.parametrize(("command", "arguments", "env", "solver"), STARTED)
def test_the_fork_server_starts_first_where_the_solver_is_plain_to_see(
    command: str,
    arguments: list[str],
    env: dict[str, str],
    solver: str | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One that runs already loads no other solver any more."""
    asked: list[list[str]] = []
    monkeypatch.setattr(fork_server, "prepare", asked.append)
    monkeypatch.chdir(tmp_path)
    Path("plain.yaml").write_text("instances: [a.mps]\n")
    Path("other.yaml").write_text("solver: mine\n")
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    start_early(command, arguments)
    modules = [[fork_server.PRELOAD_READERS, f"bench.solvers.{solver}.warm"]] if solver else []
    assert asked == modules


def test_before_click_is_loaded_the_server_starts_unless_a_dotenv_may_choose_the_solver(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file may be in a folder above."""
    asked: list[list[str]] = []
    monkeypatch.setattr(fork_server, "prepare", asked.append)
    below = tmp_path / "below"
    below.mkdir()
    monkeypatch.chdir(below)
    start_first(["run", "a.mps"])
    start_first([])
    assert len(asked) == 1
    (tmp_path / ".env").write_text("BENCH_SOLVER=mine\n")
    start_first(["run", "a.mps"])
    below.rmdir()
    start_first(["run", "a.mps"])
    assert len(asked) == 1


def test_what_was_just_written_is_not_read_back(
    bench: Bench, knapsack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading a plan loads pydantic, which a new run needs only when its first task has begun."""
    found: list[manifest.Manifest | None] = []
    read = manifest.read

    def noted(folder: Path) -> manifest.Manifest | None:
        found.append(read(folder))
        return found[-1]

    monkeypatch.setattr(manifest, "read", noted)
    bench("run", knapsack, *FAKE, "--no-mlflow")
    assert set(found) <= {None}


@pytest.mark.slow
def test_ctrl_c_twice_does_not_wait_for_mlflow(
    tmp_path: Path, knapsack: Path, own_temp: dict[str, str]
) -> None:
    """A server that takes requests and never answers; what it lacks is said."""
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.mps").write_text(f"* {name}\n{knapsack.read_text()}")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        uri = f"http://127.0.0.1:{silent.getsockname()[1]}"
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "bench", "sweep", "a.mps", "b.mps", "c.mps", *FAKE),
                *("--name", "cut", "-p", "behaviour=sleep", "-p", "seconds=1"),
                *("--tracking-uri", uri),
            ],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | own_temp | {"HOME": str(tmp_path)},
        )
        journal = tmp_path / "bench-work" / "cut" / "journal.jsonl"
        while process.poll() is None and not (journal.exists() and journal.stat().st_size):
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        assert any("press Ctrl-C again" in line for line in process.stderr)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "of 3 tasks finished" in out
    assert "of 3 tasks are finished" in err
    assert "complete it with: bench sync" in err
    assert "Continue with: bench resume cut" in err
    assert "Traceback" not in err
    assert "answers too slowly" not in err
