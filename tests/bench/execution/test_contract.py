"""What every executor of the registry promises; a new one inherits these tests by its name."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from bench.errors import UsageError
from bench.execution import registry
from bench.execution.cluster.dask import workers
from bench.execution.cluster_options import ClusterOptions, Files
from bench.execution.protocol import ANYWHERE, Executor, ExecutorConfig, execute_tasks
from bench.model.instances.instance import Instance
from bench.model.limits import Limits
from bench.model.results.process_stats import Termination
from bench.model.results.result import Outcome
from bench.model.setting import ParameterValue, Setting
from bench.model.task import Task
from tests.dask_cluster import Cluster
from tests.slurm import end_jobs, imitated_slurm
from tests.waiting import PATIENCE_S

pytestmark = pytest.mark.usefixtures("fork_server")

SENDING = "dask that sends files"
END_ALONE = {registry.IN_PROCESS, registry.LOCAL}
"""Executors whose tasks end with them: they detach by cancelling."""
OF_AN_ENGINE = {
    *("distributed.cli.dask_scheduler", "distributed.cli.dask_worker"),
    *("worker", workers.WORKER),
}
"""Words in the commands of processes that execute nothing themselves."""

MakeTask = Callable[..., Task]


@pytest.fixture(
    params=[
        pytest.param(name, marks=[] if name in END_ALONE else [pytest.mark.soak])
        for name in (*registry.names(), SENDING)
    ]
)
def name(request: pytest.FixtureRequest) -> str:
    """Return the name of an executor."""
    return str(request.param)


@pytest.fixture
def started() -> list[Task]:
    """Return the tasks that the executor says it has started."""
    return []


@pytest.fixture
def cluster(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_temp: dict[str, str]
) -> Iterator[ClusterOptions]:
    """Return how tasks are sent to a cluster, whose jobs and workers are of this machine."""
    if name in END_ALONE:
        yield ClusterOptions()
        return
    for variable, value in (imitated_slurm(tmp_path / "queue") | own_temp).items():
        monkeypatch.setenv(variable, value)
    if name in {registry.DASK, SENDING}:
        made = Cluster(tmp_path)
        made.work("--jobs", "2")
        files = Files.SEND if name == SENDING else None
        yield ClusterOptions(workers=2, scheduler=made.address, files=files)
        made.end()
        return
    yield ClusterOptions(workers=2)
    end_jobs(tmp_path / "queue")


@pytest.fixture
def executor(
    name: str, tmp_path: Path, started: list[Task], cluster: ClusterOptions
) -> Iterator[Executor]:
    """Return a new executor of two tasks at a time; it is cancelled at the end."""
    config = ExecutorConfig(
        folder=tmp_path / "tasks",
        cpu_slots=(ANYWHERE, ANYWHERE),
        on_start=started.append,
        cluster=cluster,
    )
    made = registry.create(registry.DASK if name == SENDING else name, config)
    yield made
    made.cancel()


@pytest.fixture
def task(knapsack: Path) -> MakeTask:
    """Return a maker of tasks of the fake solver, told apart by their seeds."""

    def make(seed: int, **params: ParameterValue) -> Task:
        return Task(
            instance=Instance(name="knapsack", path=knapsack, digest="0" * 64),
            setting=Setting(name="fake", solver="fake", params=params),
            solver_version="1.0",
            seed=seed,
            limits=Limits(time_s=60, memory_mib=None, grace_s=1),
        )

    return make


def seeds(outcomes: Iterator[Outcome] | list[Outcome]) -> list[int]:
    """Return the seeds of the tasks that came back, sorted."""
    return sorted(outcome.task.seed for outcome in outcomes)


def children() -> set[psutil.Process]:
    """Return the processes below this one, without those of a scheduler and its workers."""
    found = set()
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            if not OF_AN_ENGINE & set(process.cmdline()):
                found.add(process)
    return found


def test_every_task_comes_back_once(
    executor: Executor, task: MakeTask, started: list[Task]
) -> None:
    """In any order, with its answer and what was measured, in a folder of its own."""
    tasks = [task(seed) for seed in range(5)]
    executor.submit(tasks)
    outcomes = list(executor.collect())
    assert seeds(outcomes) == [0, 1, 2, 3, 4]
    assert {one.answer.primal_bound for one in outcomes} == {42}
    assert {one.execution.termination for one in outcomes} == {Termination.NORMAL}
    assert len({one.folder for one in outcomes}) == 5
    assert all(one.folder.is_dir() for one in outcomes)
    assert sorted(one.seed for one in started) == [0, 1, 2, 3, 4]


def test_tasks_may_be_submitted_in_parts(executor: Executor, task: MakeTask) -> None:
    """Before, while and after others are collected."""
    executor.submit([task(0)])
    executor.submit([task(1), task(2)])
    collecting = executor.collect()
    first = next(collecting)
    executor.submit([task(3)])
    assert seeds([first, *collecting]) == [0, 1, 2, 3]
    executor.submit([task(4)])
    assert seeds(executor.collect()) == [4]


def test_without_tasks_there_is_nothing_to_collect(executor: Executor) -> None:
    """It does not wait for any."""
    assert list(executor.collect()) == []
    executor.submit([])
    assert list(executor.collect()) == []


def test_a_refused_file_is_an_outcome(executor: Executor, task: MakeTask) -> None:
    """And the others go on."""
    executor.submit([task(0, behaviour="refuse"), task(1)])
    ends = {one.task.seed: one.execution.termination for one in executor.collect()}
    assert ends == {0: Termination.REFUSED, 1: Termination.NORMAL}


def test_a_cancel_ends_everything(executor: Executor, task: MakeTask) -> None:
    """No process is left, nothing more comes back, and cancelling again does nothing."""
    before = children()
    executor.submit([task(0), *(task(seed, behaviour="sleep", seconds=50.0) for seed in (1, 2))])
    collecting = executor.collect()
    next(collecting)
    since = time.monotonic()
    executor.cancel()
    executor.cancel()
    assert time.monotonic() - since < PATIENCE_S
    assert not children() - before
    assert list(collecting) == []
    assert list(executor.collect()) == []


def test_who_detaches_hears_no_more(name: str, executor: Executor, task: MakeTask) -> None:
    """At once; an executor whose tasks cannot go on without it has ended them."""
    before = children()
    executor.submit([task(0), task(1, behaviour="sleep", seconds=50.0)])
    collecting = executor.collect()
    next(collecting)
    since = time.monotonic()
    executor.detach()
    assert time.monotonic() - since < PATIENCE_S
    assert list(collecting) == []
    assert name not in END_ALONE or not children() - before


@pytest.mark.parametrize("end", ["cancel", "detach"])
def test_an_executor_is_used_once(executor: Executor, task: MakeTask, end: str) -> None:
    """After its end it takes no tasks."""
    getattr(executor, end)()
    with pytest.raises(RuntimeError, match="make another one"):
        executor.submit([task(0)])


def test_a_stop_request_between_tasks_ends_the_submission(
    executor: Executor, task: MakeTask
) -> None:
    """What was taken from the iterable by then comes back, and nothing else is executed."""
    taken: list[int] = []
    stopping = False

    def until_stopped() -> Iterator[Task]:
        for seed in range(20):
            if stopping:
                return
            taken.append(seed)
            yield task(seed)

    executor.submit(until_stopped())
    collecting = executor.collect()
    first = next(collecting)
    stopping = True
    assert seeds([first, *collecting]) == taken


def test_local_tasks_are_taken_as_late_as_possible(
    name: str, executor: Executor, task: MakeTask
) -> None:
    """So that a campaign which is asked to stop starts no more of them."""
    if name not in END_ALONE:
        pytest.skip("it may take all at once")
    taken: list[int] = []

    def tasks() -> Iterator[Task]:
        for seed in range(20):
            taken.append(seed)
            yield task(seed)

    executor.submit(tasks())
    next(executor.collect())
    assert len(taken) <= 2


def test_a_closed_iterator_is_detached_from(executor: Executor, task: MakeTask) -> None:
    """As when a command is interrupted."""
    outcomes = execute_tasks(executor, [task(0), task(1, behaviour="sleep", seconds=50.0)])
    next(outcomes)
    outcomes.close()
    with pytest.raises(RuntimeError):
        executor.submit([task(2)])


def test_an_unknown_name_is_refused_with_the_nearest(tmp_path: Path) -> None:
    """Or with all names where none is near."""
    with pytest.raises(UsageError, match="unknown executor 'locl'; did you mean 'local'"):
        registry.check("locl")
    with pytest.raises(UsageError, match=r"known: .*in-process, .*local"):
        registry.create("nothing like it", ExecutorConfig(folder=tmp_path))
