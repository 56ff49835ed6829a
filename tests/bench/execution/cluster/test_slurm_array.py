"""Tasks as elements of arrays of an imitated Slurm, whose jobs are processes of this machine."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bench.errors import BenchError, UsageError
from bench.execution.cluster import array_folder, claims, slurm, slurm_array
from bench.execution.cluster.array_folder import ArrayFolder
from bench.execution.cluster.orders import TaskOrder, exchange_of
from bench.execution.cluster.slurm_array import SlurmArrayExecutor
from bench.execution.cluster_options import ClusterOptions, Files, OnInterrupt
from bench.execution.protocol import ExecutorConfig
from bench.model.instances.instance import Instance
from bench.model.limits import Limits
from bench.model.setting import ParameterValue, Setting
from bench.model.task import Task
from tests.slurm import end_jobs, imitated_slurm
from tests.waiting import until

MakeTask = Callable[..., Task]


@pytest.fixture(autouse=True)
def queue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_temp: dict[str, str]
) -> Iterator[Path]:
    """Return the folder of an imitated Slurm, which is asked more often than a real one."""
    folder = tmp_path / "queue"
    for name, value in (imitated_slurm(folder) | own_temp).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("BENCH_LEASE_FOLDER", str(tmp_path / "leases"))
    for name in ("POLL_S", "QUEUE_S", "SETTLE_S"):
        monkeypatch.setattr(slurm_array, name, 0.1)
    yield folder
    end_jobs(folder)


@pytest.fixture
def task(knapsack: Path) -> MakeTask:
    """Return a maker of tasks of the fake solver, told apart by their seeds."""

    def make(seed: int, **params: ParameterValue) -> Task:
        return Task(
            instance=Instance(name="knapsack", path=knapsack, digest="0" * 64),
            setting=Setting(name="fake", solver="fake", params=params),
            solver_version="1.0",
            seed=seed,
            limits=Limits(time_s=60, memory_mib=100, grace_s=1),
        )

    return make


class Submitter:
    """A submitter with what it is told of."""

    def __init__(self, folder: Path, **options: object) -> None:
        """Make its executor."""
        self.said: list[str] = []
        self.lost: list[str] = []
        self.stopping = False
        self.config = ExecutorConfig(
            folder=folder / "work" / "tasks",
            cluster=ClusterOptions(**options),  # type: ignore[arg-type]
            on_lost=lambda _, reason: self.lost.append(reason),
            tell=self.said.append,
            should_continue=lambda: not self.stopping,
        )
        self.executor = SlurmArrayExecutor(self.config)
        self.exchange = exchange_of(self.config.folder.parent)


@pytest.fixture
def submitter(tmp_path: Path) -> Callable[..., Submitter]:
    """Return a maker of submitters of one campaign."""

    def make(**options: object) -> Submitter:
        return Submitter(tmp_path, **{"workers": 1, **options})

    return make


def _wait_for_claims(exchange: Path, n: int) -> None:
    until(lambda: len(list(exchange.glob("claims/*"))) >= n)


def _pid(queue: Path, job: int, index: int = 0) -> int:
    return int((queue / f"job-{job}" / f"pid-{index}").read_text())


def test_who_comes_back_collects_what_an_array_has_left(
    submitter: Callable[..., Submitter], task: MakeTask
) -> None:
    """A request to stop detaches; nothing is executed twice."""
    first = submitter(workers=2)
    tasks = [task(seed) for seed in range(4)]
    first.executor.submit(tasks)
    first.stopping = True
    assert list(first.executor.collect()) == []
    first.executor.detach()
    assert first.said == []
    again = submitter(workers=2)
    again.executor.submit(tasks)
    collecting = again.executor.collect()
    seeds = [next(collecting).task.seed]
    again.executor.detach()
    assert again.said[0] == "Slurm job 1: 4 tasks in 2 elements."
    assert again.said[1].startswith("Detached: ")
    assert "scancel 1" in again.said[1]
    assert list(collecting) == []
    last = submitter(workers=2)
    last.executor.submit(tasks)
    seeds = sorted(one.task.seed for one in last.executor.collect())
    assert seeds == [0, 1, 2, 3]
    assert all(claims.count(last.exchange, order) == 1 for order in _orders(last.exchange))


def _orders(exchange: Path) -> Iterator[TaskOrder]:
    for array in array_folder.arrays(exchange):
        yield from array.tasks()


def test_a_task_whose_worker_dies_twice_is_lost_and_its_neighbours_are_not(
    submitter: Callable[..., Submitter], task: MakeTask, queue: Path
) -> None:
    """All of them are in one element, which is killed whenever it executes the first."""
    one = submitter()
    one.executor.submit([task(0, behaviour="sleep", seconds=50.0), task(1)])
    collecting = one.executor.collect()

    def kill() -> None:
        for job in (1, 2):
            until((queue / f"job-{job}" / "pid-0").exists)
            _wait_for_claims(one.exchange, job)
            os.kill(_pid(queue, job), signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    assert [found.task.seed for found in collecting] == [1]
    killer.join()
    assert one.lost == ["worker died twice"]
    assert sorted(path.name.split("-")[-1] for path in one.exchange.glob("claims/*")) == list("112")


def test_what_the_queue_refuses_is_said_in_its_words(
    submitter: Callable[..., Submitter], task: MakeTask, queue: Path
) -> None:
    """And nothing is waited for; the next command submits again."""
    (queue / "sbatch.says").write_text("sbatch: error: invalid partition specified: long\n")
    one = submitter(queue_options={"partition": "long"})
    one.executor.submit([task(0)])
    with pytest.raises(BenchError, match=r"rejects the jobs: invalid partition .*: long; see"):
        list(one.executor.collect())
    (queue / "sbatch.says").unlink()
    again = submitter()
    again.executor.submit([task(0)])
    assert len(list(again.executor.collect())) == 1
    calls = [json.loads(line) for line in (queue / "calls").read_text().splitlines()]
    words = next(call for call in calls if call[0] == "sbatch")
    assert {"--partition=long", "--mem=610M", "--cpus-per-task=1", "--array=0-0%1"} <= {*words}
    assert "--time=00:13:00" in words


def test_a_job_that_cannot_begin_is_given_up_with_its_last_words(
    submitter: Callable[..., Submitter], task: MakeTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the second time."""
    monkeypatch.setattr(array_folder, "_python", lambda: ("/nowhere/python",))
    one = submitter()
    one.executor.submit([task(0)])
    assert list(one.executor.collect()) == []
    assert len(one.lost) == 1
    ended = "its job ended before it began (FAILED on node7, exit code 0:53)"
    assert one.lost[0].startswith(f"{ended}: ")
    assert "/nowhere/python" in one.lost[0]


def test_a_node_without_the_shared_folder_is_named(
    submitter: Callable[..., Submitter], task: MakeTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is not even a log then; files are sent to workers of dask alone."""
    monkeypatch.setattr(ArrayFolder, "log", lambda self, _: self.path / "nowhere" / "log")
    monkeypatch.setattr(array_folder, "_python", lambda: ("/nowhere/python",))
    monkeypatch.setattr(slurm_array, "MOST_STILLBORN", 1)
    one = submitter()
    one.executor.submit([task(0)])
    assert list(one.executor.collect()) == []
    folder = array_folder.arrays(one.exchange)[0].path / "nowhere"
    assert one.lost == [
        (
            "its job ended before it began (FAILED on node7, exit code 0:53) and left no log in "
            f"{folder}; all nodes must share this folder"
        )
    ]
    with pytest.raises(UsageError, match="--files send is for --executor dask"):
        submitter(files=Files.SEND)


@pytest.mark.parametrize("options", [{"scheduler": "tcp://h:1"}, {"queue": "slurm"}])
def test_options_of_dask_are_refused(
    submitter: Callable[..., Submitter], options: dict[str, str]
) -> None:
    """They would say nothing of where the jobs go."""
    with pytest.raises(UsageError, match="--scheduler and --queue are for --executor dask"):
        submitter(**options)


@pytest.mark.soak
def test_a_queue_that_does_not_answer_is_asked_again(
    submitter: Callable[..., Submitter], task: MakeTask, queue: Path
) -> None:
    """Results are collected meanwhile."""
    one = submitter()
    one.executor.submit([task(0, behaviour="sleep", seconds=0.5)])
    (queue / "squeue.says").write_text(
        "slurm_load_jobs error: Unable to contact slurm controller\n"
    )
    assert len(list(one.executor.collect())) == 1
    assert any("Warning: Slurm does not answer: slurm_load_jobs error" in s for s in one.said)
    (queue / "squeue.says").unlink()


TIMED_OUT = "sbatch: error: Batch job submission failed: Socket timed out on send/recv operation"


def test_jobs_whose_number_was_not_answered_are_found_by_their_name(
    submitter: Callable[..., Submitter], task: MakeTask, queue: Path
) -> None:
    """A busy controller may accept jobs without an answer; they are not submitted twice."""
    first = submitter()
    (queue / "sbatch.loses").write_text(TIMED_OUT)
    first.executor.submit([task(0, behaviour="sleep", seconds=1.0)])
    with pytest.raises(BenchError, match=r"not answer: Batch job .* Socket timed out"):
        list(first.executor.collect())
    again = submitter()
    again.executor.submit([task(0, behaviour="sleep", seconds=1.0)])
    assert len(list(again.executor.collect())) == 1
    assert again.said == ["Slurm job 1: 1 task submitted before."]
    assert len(list(queue.glob("job-*"))) == 1


def test_jobs_are_submitted_again_after_a_time_without_an_answer(
    submitter: Callable[..., Submitter], task: MakeTask, queue: Path
) -> None:
    """The results of other jobs are collected meanwhile."""
    one = submitter()
    one.executor.submit([task(0)])
    collecting = one.executor.collect()
    next(collecting)
    (queue / "sbatch.says").write_text(TIMED_OUT)
    one.executor.submit([task(1)])

    def answer() -> None:
        until(lambda: any("bench asks again" in line for line in one.said))
        (queue / "sbatch.says").unlink()

    answering = threading.Thread(target=answer)
    answering.start()
    assert [found.task.seed for found in collecting] == [1]
    answering.join()
    assert len(list(queue.glob("job-*"))) == 2


def test_jobs_that_cannot_be_cancelled_are_named(queue: Path) -> None:
    """They may go on."""
    (queue / "scancel.says").write_text("scancel: error: Socket timed out on send/recv operation")
    with pytest.raises(BenchError, match=r"Socket timed .*; cancel them later with: scancel 7 8"):
        slurm.cancel(["7", "8"])


def test_an_answer_without_a_job_number_is_no_submission(
    submitter: Callable[..., Submitter], task: MakeTask, queue: Path
) -> None:
    """A wrapper of sbatch may print anything; its words are quoted."""
    sbatch = queue / "programs" / "sbatch"
    sbatch.write_text("#!/bin/sh\necho try later\n")
    one = submitter()
    one.executor.submit([task(0)])
    with pytest.raises(BenchError, match="sbatch gives no job number, but says: try later"):
        list(one.executor.collect())


@pytest.mark.soak
def test_an_interrupt_cancels_on_request(
    submitter: Callable[..., Submitter], task: MakeTask
) -> None:
    """Nothing goes on, and what was stopped on purpose counts as no death."""
    one = submitter(on_interrupt=OnInterrupt.CANCEL, workers=2)
    one.executor.submit([task(0), task(1, behaviour="sleep", seconds=50.0)])
    next(one.executor.collect())
    _wait_for_claims(one.exchange, 2)
    one.executor.detach()
    assert one.said[-1] == "Cancelled: Slurm job 1."
    assert slurm.elements("1") == []
    assert len(list(one.exchange.glob("claims/*"))) == 1


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"array": "0-3"}, "'array': bench sets it itself"),
        ({"wait": True}, "'wait': remove it, because sbatch then does not only"),
        ({"mem": ["1G"]}, "'mem': one value is needed"),
        ({"time": "00:01:00"}, "a wall time of 00:01:00 is too short"),
    ],
)
def test_options_that_cannot_be_used_are_refused(
    submitter: Callable[..., Submitter], task: MakeTask, options: dict[str, object], why: str
) -> None:
    """Before anything is submitted."""
    one = submitter(queue_options=options)
    one.executor.submit([task(0)])
    with pytest.raises(UsageError, match=why):
        list(one.executor.collect())


def test_without_slurm_the_executor_says_what_it_needs(
    submitter: Callable[..., Submitter], task: MakeTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one line."""
    monkeypatch.setenv("PATH", "/nowhere")
    one = submitter()
    one.executor.submit([task(0)])
    with pytest.raises(BenchError, match="needs Slurm's commands on the PATH"):
        list(one.executor.collect())
    monkeypatch.undo()
