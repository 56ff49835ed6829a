"""Executing tasks in processes of their own: whatever a solver does becomes a result."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from bench.execution.local import LocalExecutor
from bench.execution.process import machine
from bench.execution.protocol import ANYWHERE, ExecutorConfig, execute_tasks
from bench.model.instances.instance import Instance
from bench.model.limits import Clock, Limits
from bench.model.results.process_stats import Termination
from bench.model.results.result import Outcome
from bench.model.setting import Setting
from bench.model.task import Task
from bench.model.workspace import Workspace

pytestmark = pytest.mark.usefixtures("fork_server")

Execute = Callable[..., Outcome]


def fake(path: Path, behaviour: str, *, limits: Limits | None = None, **params: Any) -> Task:
    """Return a task of the fake solver."""
    return Task(
        instance=Instance(name=path.stem, path=path, digest="0" * 64),
        setting=Setting(name="fake", solver="fake", params={"behaviour": behaviour} | params),
        solver_version="1.0",
        limits=limits or Limits(time_s=20, memory_mib=None, grace_s=1),
    )


@pytest.fixture
def execute(tmp_path: Path, knapsack: Path) -> Execute:
    """Return a function that lets the fake solver behave and returns what came of it."""

    def run(behaviour: str, **choices: Any) -> Outcome:
        (outcome,) = execute_tasks(
            LocalExecutor(ExecutorConfig(folder=tmp_path / "tasks")),
            [fake(knapsack, behaviour, **choices)],
        )
        return outcome

    return run


def test_a_good_solver_ends_normally_with_its_answer(execute: Execute) -> None:
    """Answer, times and memory are there."""
    outcome = execute("sleep", seconds=0.3)
    execution = outcome.execution
    assert outcome.answer.primal_bound == 42
    assert execution.termination is Termination.NORMAL
    assert execution.exit_code == 0
    assert execution.wall_s >= 0.3
    assert execution.cpu_s is not None
    assert execution.cpu_s < execution.wall_s
    assert len(execution.samples) >= 2
    assert execution.samples[-1].rss_mib > 0


@pytest.mark.parametrize(
    ("behaviour", "termination", "words"),
    [
        ("exit", Termination.ERROR, "exit code 1"),
        ("abort", Termination.SIGNAL, "SIGABRT"),
        ("segfault", Termination.SIGNAL, "SIGSEGV"),
        ("killed", Termination.SIGNAL, "SIGKILL, not by bench"),
        ("raise", Termination.ERROR, "RuntimeError: told to raise"),
        ("refuse", Termination.REFUSED, "told to refuse this file"),
        ("unsupported", Termination.UNSUPPORTED, "told not to support this file"),
        ("memory_error", Termination.MEMORY, "MemoryError"),
    ],
)
def test_a_crash_is_a_result_with_its_evidence(
    execute: Execute, behaviour: str, termination: Termination, words: str
) -> None:
    """How the process ended is told from what was seen, in words."""
    outcome = execute(behaviour)
    assert outcome.execution.termination is termination
    assert words in outcome.execution.evidence
    assert outcome.answer.status is None
    assert outcome.answer.error


@pytest.mark.parametrize("behaviour", ["sleep", "spin", "hang"])
def test_a_solver_past_its_time_limit_is_ended_within_the_grace(
    execute: Execute, behaviour: str
) -> None:
    """Limit plus grace is the longest that anything lasts, however it resists."""
    limits = Limits(time_s=0.5, memory_mib=None, grace_s=1)
    started = time.monotonic()
    outcome = execute(behaviour, limits=limits, seconds=60.0)
    assert time.monotonic() - started < 60
    assert outcome.execution.termination is Termination.TIME
    assert outcome.execution.wall_s >= 0.5


def test_a_cpu_limit_counts_cpu_seconds(execute: Execute) -> None:
    """With the CPU clock it is the CPU time of the process tree that ends it."""
    limits = Limits(time_s=0.3, memory_mib=None, grace_s=0.4, clock=Clock.CPU)
    outcome = execute("spin", limits=limits, seconds=30.0)
    assert outcome.execution.termination is Termination.TIME
    assert "CPU" in outcome.execution.evidence


def test_what_reading_took_does_not_count_against_a_cpu_limit(execute: Execute) -> None:
    """Each may take as long as the limit and the grace."""
    limits = Limits(time_s=1, memory_mib=None, grace_s=1, clock=Clock.CPU)
    outcome = execute("spin", limits=limits, reading=1.2, seconds=1.2)
    assert outcome.execution.termination is Termination.NORMAL
    assert outcome.answer.status == "optimal"


@pytest.mark.parametrize("behaviour", ["hog", "hog_grandchild"])
def test_too_much_memory_ends_the_task_with_evidence(execute: Execute, behaviour: str) -> None:
    """The kernel's limit or the sampled process tree: either says memory."""
    limits = Limits(time_s=20, memory_mib=100, grace_s=1)
    outcome = execute(behaviour, limits=limits, mib=600.0, seconds=5.0)
    assert outcome.execution.termination is Termination.MEMORY
    assert outcome.answer.status is None


def test_a_short_spike_of_memory_is_seen(execute: Execute) -> None:
    """The peak is the kernel's own and misses nothing between two samples."""
    quiet = execute("answer").execution.peak_mib
    spike = execute("spike", mib=200.0, seconds=0.2).execution.peak_mib
    assert quiet is not None
    assert spike is not None
    assert spike - quiet == pytest.approx(200, rel=0.1)


def test_the_peak_is_the_tasks_own_and_not_that_of_the_harness(execute: Execute) -> None:
    """A large parent does not show in the numbers of a small child."""
    ballast = bytearray(os.urandom(1 << 20)) * 300
    peak = execute("answer").execution.peak_mib
    assert len(ballast) > 0
    assert peak is not None
    assert peak < 150


def test_what_a_solver_leaves_behind_is_killed_and_told(execute: Execute) -> None:
    """A grandchild in a session of its own does not survive the task."""
    before = set(psutil.pids())
    outcome = execute("escape", seconds=0.3)
    assert "1 leftover processes killed" in outcome.execution.evidence
    assert outcome.answer.status == "optimal"
    left = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):  # others end meanwhile
            if process.pid not in before and "time.sleep(600" in " ".join(process.cmdline()):
                left.append(process.pid)
    assert left == []


def test_a_flooded_log_keeps_its_ends(execute: Execute) -> None:
    """The middle is cut and it is said how much."""
    outcome = execute("flood", mib=40.0)
    log = Workspace(outcome.folder).log
    text = log.read_bytes()
    assert len(text) < 17 * 2**20
    assert text.startswith(b"first line\n")
    assert text.endswith(b"last line\n")
    assert b"bytes cut here by bench" in text
    assert "cut from the middle of the log" in outcome.execution.evidence


def test_other_tasks_are_unharmed_by_a_crash(tmp_path: Path, knapsack: Path) -> None:
    """Every task has an outcome, in whatever company."""
    behaviours = ["answer", "segfault", "abort", "answer", "exit", "answer"]
    tasks = [fake(knapsack, b, code=i) for i, b in enumerate(behaviours)]
    outcomes = list(
        execute_tasks(
            LocalExecutor(
                ExecutorConfig(folder=tmp_path / "tasks", cpu_slots=(ANYWHERE, ANYWHERE))
            ),
            tasks,
        )
    )
    solved = [o.task.setting.params["code"] for o in outcomes if o.answer.status == "optimal"]
    assert len(outcomes) == len(tasks)
    assert sorted(solved) == [0, 3, 5]


def test_closing_the_iterator_ends_what_is_going_on(tmp_path: Path, knapsack: Path) -> None:
    """Nothing goes on in the background after a cancel."""
    limits = Limits(time_s=60, memory_mib=None, grace_s=1)
    tasks = [fake(knapsack, "answer"), fake(knapsack, "sleep", seconds=60.0, limits=limits)]
    outcomes = execute_tasks(
        LocalExecutor(ExecutorConfig(folder=tmp_path / "tasks", cpu_slots=(ANYWHERE, ANYWHERE))),
        tasks,
    )
    next(outcomes)
    started = time.monotonic()
    outcomes.close()
    assert time.monotonic() - started < 60


def test_temporary_files_of_a_task_are_removed(execute: Execute) -> None:
    """The private folder for temporary files does not stay."""
    outcome = execute("answer")
    assert sorted(path.name for path in outcome.folder.iterdir()) == ["solver.log"]


def test_scip_stops_at_its_own_limit_and_says_so(
    tmp_path: Path, hard: Path, scip_task: Callable[..., Task]
) -> None:
    """A soft limit leaves bounds and a clean answer."""
    task = scip_task(hard, limits=Limits(time_s=1.0))
    (outcome,) = execute_tasks(LocalExecutor(ExecutorConfig(folder=tmp_path / "tasks")), [task])
    assert outcome.answer.status == "timelimit"
    assert outcome.answer.dual_bound is not None
    assert outcome.execution.termination is Termination.TIME
    assert outcome.execution.evidence == "the solver reports timelimit"


def test_a_task_is_pinned_to_its_place(tmp_path: Path, knapsack: Path) -> None:
    """It runs on the cores it was given, and its result says which."""
    core = max(os.sched_getaffinity(0))
    executor = LocalExecutor(
        ExecutorConfig(folder=tmp_path / "tasks", cpu_slots=(frozenset({core}),))
    )
    tasks = [fake(knapsack, "spin", seconds=0.5)]
    with ThreadPoolExecutor() as threads:
        ended = threads.submit(lambda: next(execute_tasks(executor, tasks)))
        seen = set()
        while not ended.done():
            for process in psutil.Process().children(recursive=True):
                with suppress(psutil.Error):
                    seen.add(tuple(process.cpu_affinity()))
            time.sleep(0.02)
    assert (core,) in seen
    assert ended.result().execution.cores == (core,)
    assert ended.result().execution.n_involuntary_switches is not None


def test_a_rival_on_the_same_core_is_called_noise(tmp_path: Path, knapsack: Path) -> None:
    """The reasons say what disturbed the measurement."""
    core = max(os.sched_getaffinity(0))
    rival = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        os.sched_setaffinity(rival.pid, {core})
        executor = LocalExecutor(
            ExecutorConfig(folder=tmp_path / "tasks", cpu_slots=(frozenset({core}),))
        )
        (outcome,) = execute_tasks(executor, [fake(knapsack, "spin", seconds=1.0)])
    finally:
        rival.kill()
        rival.wait()
    assert any("other processes used" in reason for reason in outcome.execution.noise)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a folder on a file system of one MiB, where this user may mount one."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, check=False).returncode:
        pytest.skip("this user cannot mount a small file system")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_is_never_a_solvers_result(
    small_disk: Path, knapsack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its tasks have no outcome, and nothing is raised."""
    monkeypatch.setattr(machine, "PAUSES_S", (0.1,))
    (small_disk / "ballast").write_bytes(bytes(2**20 - 5 * 4096))
    tasks = [fake(knapsack, "answer", code=i, solution="a=1") for i in range(20)]
    reasons: list[str] = []
    config = ExecutorConfig(
        folder=small_disk / "tasks", on_lost=lambda _, reason: reasons.append(reason)
    )
    assert list(execute_tasks(LocalExecutor(config), tasks)) == []
    assert len(reasons) == len(tasks)
    assert all("No space left on device" in reason for reason in reasons)
