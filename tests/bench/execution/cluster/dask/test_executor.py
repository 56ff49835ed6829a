"""What the executor of dask does with its workers, by a scheduler that is imitated in process."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.app.worker import WorkerOptions, work
from bench.errors import BenchError, UsageError
from bench.execution.cluster import claims
from bench.execution.cluster.dask import executor as dask_executor
from bench.execution.cluster.dask import pending_chunks, repetitions
from bench.execution.cluster.dask.connection import Connection
from bench.execution.cluster.dask.executor import DaskExecutor
from bench.execution.cluster.dask.sent_files import ReturnedReport
from bench.execution.cluster.orders import TaskOrder, from_text
from bench.execution.cluster.spool import Executed, HostReport, SpoolWriter, to_line
from bench.execution.cluster_options import ClusterOptions, Files
from bench.execution.protocol import ExecutorConfig
from bench.execution.running_tasks import running_task
from bench.model.instances.instance import Instance
from bench.model.planned_task import planned_task
from bench.model.results.process_stats import ProcessStats, Termination, Worker
from bench.model.results.solver_output import SolverOutput
from bench.model.setting import Setting
from bench.model.task import Task
from bench.report.running_text import running_text


class ImitatedFuture:
    """A chunk that a worker executes until it dies."""

    def __init__(self, key: str) -> None:
        """Begin it."""
        self.key, self.status = key, "pending"
        self._answer: Any = None
        self._call: Callable[[ImitatedFuture], object] = lambda _: None

    def add_done_callback(self, call: Callable[[ImitatedFuture], object]) -> None:
        """Call this at its end."""
        self._call = call

    def end(self, answer: Any) -> None:
        """End it with what it returns."""
        self.status, self._answer = "finished", answer
        self._call(self)

    def result(self, timeout: float) -> Any:
        """Return what it has returned."""
        assert timeout > 0
        return self._answer

    def cancel(self) -> None:
        """Nothing goes on."""


class ImitatedClient:
    """Workers by address, the machine of each; what was sent to each."""

    status = "running"

    def __init__(self, **workers: str) -> None:
        """Have these workers, all of which see the folder."""
        self.workers = dict(workers)
        self.classes: dict[str, str] = {}
        self.blind: set[str] = set()
        self.full: dict[str, str] = {}
        self.gone: set[str] = set()
        self.hung: set[str] = set()
        self.unable: dict[str, str] = {}
        self.received: list[tuple[str, str]] = []
        self.refusals: dict[str, str] = {}
        self.sent: list[tuple[str, list[str]]] = []
        self.futures: list[ImitatedFuture] = []

    def scheduler_info(self, n_workers: int) -> dict[str, Any]:
        """Return what the scheduler knows of its workers."""
        assert n_workers == -1
        alive = {name: {"nthreads": 1, "host": host} for name, host in self.workers.items()}
        return {"workers": alive}

    def sync(
        self, run: Callable[..., Any], *arguments: Any, workers: list[str], callback_timeout: float
    ) -> Any:
        """Wait for an answer, so long."""
        assert callback_timeout > 0
        return run(*arguments, workers=workers)

    def _run(self, function: Callable[..., Any], *arguments: Any, workers: list[str]) -> Any:
        """Answer in the place of a worker."""
        if workers[0] in self.gone:
            raise OSError("Timed out trying to connect")
        if self.hung & {*workers}:
            raise TimeoutError
        if function.__name__ in self.unable.get(workers[0], ()):
            raise OSError("Connection reset")
        if function.__name__ == "receive":
            self.received.append((workers[0], Path(arguments[1]).name))
        answers: Any = {
            "refusal": self.refusals.get,
            "machine": lambda one: (self.workers[one], self.classes.get(one, "")),
            "sees_folder": lambda one: one not in self.blind,
            "executing": lambda _: [],
            "finished": lambda _: [],
            "receive": self.full.get,
            "end_all": lambda _: 0,
        }
        return {one: answers[function.__name__](one) for one in workers}

    def submit(self, *given: Any, workers: list[str], **more: Any) -> ImitatedFuture:
        """Note what was sent to whom: a chunk, or a single order."""
        orders = given[2] if isinstance(given[2], list) else [given[2]]
        names = [from_text(order, TaskOrder).task for order in orders]
        self.sent.append((workers[0], [f"{one.instance.name} {one.setting.name}" for one in names]))
        self.futures.append(ImitatedFuture(more["key"]))
        return self.futures[-1]

    def close(self, **_: Any) -> None:
        """Leave."""


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("POLL_S", "LOOK_S", "PATIENCE_S"):
        monkeypatch.setattr(dask_executor, name, 0.0)
    monkeypatch.setattr(repetitions, "SETTLE_S", 0.0)


Made = tuple[DaskExecutor, list[str]]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """Return an executor with what it tells, four settings on two instances submitted."""
    said: list[str] = []
    config = ExecutorConfig(
        folder=tmp_path / "tasks",
        cluster=ClusterOptions(scheduler="tcp://h:1", workers=2),
        tell=said.append,
    )
    executor = DaskExecutor(config)
    executor.submit(
        Task(
            instance=Instance(name=name, path=tmp_path / name, digest="0" * 64),
            setting=Setting(name=f"s{at}", solver="fake"),
            solver_version="1.0",
        )
        for at in range(4)
        for name in "ab"
    )
    return executor, said


def step(executor: DaskExecutor, client: ImitatedClient) -> None:
    """Let the executor look and send once."""
    executor._connection = Connection(client, executor._options)
    executor._setup = json.dumps(None)
    executor._plan(executor._new_orders())
    list(executor._waiting.outcomes())
    list(executor._advance())


def test_all_settings_of_a_pair_go_to_one_worker(made: Made) -> None:
    """In one chunk."""
    executor, _ = made
    client = ImitatedClient(w1="node1", w2="node2")
    step(executor, client)
    assert client.sent == [
        ("w1", ["a s0", "a s1", "a s2", "a s3"]),
        ("w2", ["b s0", "b s1", "b s2", "b s3"]),
    ]


def executed(executor: DaskExecutor, instance: str, setting: str, machine: str) -> HostReport:
    """Return the report of a machine of class ``old`` on an order that is waited for."""
    (order,) = (
        one
        for one in executor._waiting
        if (one.task.instance.name, one.task.setting.name) == (instance, setting)
    )
    stats = ProcessStats(
        termination=Termination.NORMAL,
        evidence="",
        started_at=1.0,
        wall_s=1.0,
        machine=machine,
        worker=Worker(name="w", machine_class="old"),
    )
    made = Executed(
        answer=SolverOutput(status="optimal"),
        execution=stats,
        folder=executor._config.folder / "one",
    )
    return HostReport(order=order.name, host=machine, executed=made)


@pytest.mark.parametrize(
    ("others", "expected"),
    [({"w4": "node1"}, "w4"), ({"w5": "twin"}, "w5"), ({"w4": "node1", "w5": "twin"}, "w4")],
)
def test_what_a_dead_worker_left_of_a_pair_stays_with_its_machine_or_class(
    made: Made, others: dict[str, str], expected: str
) -> None:
    """Pairs that are not begun go to whoever is free first."""
    executor, said = made
    client = ImitatedClient(w1="node1")
    client.classes = {"w1": "old", "w5": "old", "w4": "old", "w3": "new"}
    step(executor, client)
    SpoolWriter(executor._exchange, "w1").add(executed(executor, "a", "s0", "node1"))
    step(executor, client)
    client.workers = {"w3": "node3", **others}
    for _ in range(3):
        step(executor, client)
    assert dict(client.sent[1:])[expected] == ["a s1", "a s2", "a s3"]
    assert dict(client.sent[1:])["w3"] == ["b s0", "b s1", "b s2", "b s3"]
    assert said == []


def test_a_pair_is_split_only_after_some_time_without_a_machine_like_the_first(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The user is told."""
    executor, said = made
    client = ImitatedClient(w1="node1")
    client.classes = {"w1": "old", "w3": "new"}
    step(executor, client)
    SpoolWriter(executor._exchange, "w1").add(executed(executor, "a", "s0", "node1"))
    client.workers = {"w3": "node3"}
    for _ in range(3):
        step(executor, client)
    assert [tasks[0] for _, tasks in client.sent] == ["a s0", "b s0"]
    monkeypatch.setattr(pending_chunks, "PATIENCE_S", 0.0)
    client.futures[1].end([])
    client.workers = {"w6": "node6"}
    client.classes["w6"] = "new"
    for _ in range(3):
        step(executor, client)
    client.futures[-1].end([to_line(report) for report in _all_of(executor, "b")])
    step(executor, client)
    assert client.sent[-1] == ("w6", ["a s1", "a s2", "a s3"])
    (warning,) = said
    assert warning.startswith("Warning: no worker runs on a machine like old, which began some")


def _all_of(executor: DaskExecutor, instance: str) -> list[HostReport]:
    names = [one.name for one in executor._waiting if one.task.instance.name == instance]
    return [HostReport(order=name, host="node6", lost="of no matter") for name in names]


def test_a_worker_that_must_not_be_used_is_named(made: Made) -> None:
    """And gets nothing."""
    executor, said = made
    client = ImitatedClient(w1="node1", w2="node2")
    client.refusals = {"w1": "it has bench 0.1"}
    step(executor, client)
    assert said == ["Warning: worker w1 is not used: it has bench 0.1"]
    assert {worker for worker, _ in client.sent} == {"w2"}


def test_a_worker_that_hangs_holds_nobody_up(made: Made) -> None:
    """It is named and not used; whoever cancels hears of one that hangs later."""
    executor, said = made
    client = ImitatedClient(w1="node1", w2="node2")
    client.hung = {"w1"}
    step(executor, client)
    assert said == ["Warning: worker w1 is not used: it does not answer"]
    assert {worker for worker, _ in client.sent} == {"w2"}
    client.hung = {"w2"}
    executor.cancel()
    assert said[1:] == [
        "Warning: a worker does not answer; a task on it may go on, and is in no result"
    ]


def test_a_worker_that_ends_as_it_joins_holds_nobody_up(made: Made) -> None:
    """It gets nothing, and is asked anew if it returns."""
    executor, _ = made
    client = ImitatedClient(w1="node1", w2="node2")
    client.unable = {"w1": "executing"}
    step(executor, client)
    assert {worker for worker, _ in client.sent} == {"w2"}
    client.unable = {}
    step(executor, client)
    assert {worker for worker, _ in client.sent} == {"w1", "w2"}


def test_no_worker_within_a_time_is_told(made: Made) -> None:
    """With what to do."""
    executor, said = made
    step(executor, ImitatedClient())
    assert said == ["No worker has joined tcp://h:1 yet; start one with: bench worker tcp://h:1"]


@pytest.mark.parametrize(
    "address",
    [
        *("", "login1", "tcp://login1", "http://login1:80", "tcp://login1:99999", "tcp://a b:1"),
        *("scheduler.json", "tcp://::1:8786", "tcp://login1:port"),
    ],
)
def test_an_address_that_is_none_is_refused_at_once(tmp_path: Path, address: str) -> None:
    """By a sweep, and by a worker; dask would take a minute for a traceback."""
    with pytest.raises(UsageError, match="is no address of a dask scheduler"):
        DaskExecutor(config_of(tmp_path, scheduler=address))
    with pytest.raises(UsageError, match="is no address of a dask scheduler"):
        work(WorkerOptions(address))


@pytest.mark.parametrize(
    "address", ["h:1", "tls://h.org:1", "tcp://[::1]:8786", "tcp://10.0.0.1:1"]
)
def test_an_address_has_a_host_and_a_port(tmp_path: Path, address: str) -> None:
    """The protocol may be left out."""
    DaskExecutor(config_of(tmp_path, scheduler=address))


def config_of(folder: Path, **options: Any) -> ExecutorConfig:
    """Return a config with these options of a cluster."""
    return ExecutorConfig(folder=folder / "tasks", cluster=ClusterOptions(**options))


def test_options_of_a_queue_are_refused_without_one(tmp_path: Path) -> None:
    """The workers of a scheduler have been started already."""
    options = {"scheduler": "tcp://h:1", "queue_options": {"memory": "2 GB"}}
    with pytest.raises(UsageError, match="--queue-options are for --queue"):
        DaskExecutor(config_of(tmp_path, **options))


def test_so_many_tasks_are_executed_at_a_time_as_are_wanted(made: Made) -> None:
    """However many workers there are."""
    executor, _ = made
    client = ImitatedClient(w1="node1", w2="node2", w3="node3")
    for _ in range(2):
        step(executor, client)
        assert len(client.sent) == 2


def blind(made: Made) -> tuple[DaskExecutor, list[str], ImitatedClient]:
    """Return an executor with a worker that does not see its folder."""
    executor, said = made
    client = ImitatedClient(w1="node1")
    client.blind = {"w1"}
    for name in "ab":
        (executor._config.folder.parent / name).write_text("a problem")
    return executor, said, client


def returned(executor: DaskExecutor, setting: str) -> ReturnedReport:
    """Return the report of the order on instance a that is waited for."""
    (order,) = (
        one
        for one in executor._waiting
        if (one.task.instance.name, one.task.setting.name) == ("a", setting)
    )
    report = HostReport(order=order.name, host="node1", lost="of no matter")
    return ReturnedReport(to_line(report), {})


def shown(executor: DaskExecutor) -> list[str]:
    """Return what bench status shows of the tasks of workers that do not see the folder."""
    tasks = [one.task for one in executor._waiting]
    running = [running_task(planned_task(one), executor._config.folder_of(one)) for one in tasks]
    return [running_text(one).partition("  ")[2] for one in running if one.worker]


def test_a_worker_without_the_folder_gets_files_and_one_order_at_a_time(made: Made) -> None:
    """Each file once; the settings of a pair follow each other."""
    executor, said, client = blind(made)
    step(executor, client)
    assert client.received == [("w1", "a")]
    assert client.sent == [("w1", ["a s0"])]
    assert "files are sent to them" in said[0]
    client.futures[0].end(returned(executor, "s0"))
    step(executor, client)
    assert client.received == [("w1", "a")]
    assert client.sent[1:] == [("w1", ["a s1"])]
    assert len(list((executor._exchange / "claims").iterdir())) == 2
    assert shown(executor) == ["sent 0 s ago to w1, which reports no progress"]


@pytest.mark.parametrize(("claimant", "n"), [("worker w1", 1), ("worker w0", 2)])
def test_what_an_earlier_submitter_claimed_and_nobody_began_counts_as_no_death(
    made: Made, claimant: str, n: int
) -> None:
    """It was killed before its order reached the worker, which is still there."""
    executor, _, client = blind(made)
    executor._plan(executor._new_orders())
    first = next(one for one in executor._waiting if one.task.setting.name == "s0")
    claims.claim(executor._exchange, first, claimant)
    step(executor, client)
    assert client.sent == [("w1", ["a s0"])]
    assert claims.count(executor._exchange, first) == n


def test_a_worker_that_has_no_time_leaves_the_rest_of_a_pair(made: Made) -> None:
    """Nothing of it is taken for begun."""
    executor, _, client = blind(made)
    step(executor, client)
    client.futures[0].end(None)
    step(executor, client)
    assert list((executor._exchange / "claims").iterdir()) == []
    assert shown(executor) == []
    assert len(next(iter(executor._pending))) == 4


def test_a_file_that_cannot_be_read_costs_its_tasks_alone(made: Made) -> None:
    """They are lost, and said."""
    executor, _, client = blind(made)
    (executor._config.folder.parent / "a").unlink()
    step(executor, client)
    step(executor, client)
    assert client.sent == [("w1", ["b s0"])]


def test_a_shared_folder_may_be_demanded(tmp_path: Path, made: Made) -> None:
    """A worker that does not see it is then named, and not used."""
    _, _, client = blind(made)
    said: list[str] = []
    options = ClusterOptions(scheduler="tcp://h:1", files=Files.SHARED)
    executor = DaskExecutor(
        ExecutorConfig(folder=tmp_path / "t", cluster=options, tell=said.append)
    )
    executor.submit([next(iter(made[0]._new_orders())).task])
    step(executor, client)
    assert said == [
        f"Warning: worker w1 is not used: it does not see {executor._exchange}; see --files",
        (
            "No worker of tcp://h:1 can be used (see the warnings); start another one with: "
            "bench worker tcp://h:1"
        ),
    ]
    assert client.sent == []


def fault(executor: DaskExecutor, instance: str) -> bytes:
    """Return the report of a worker whose disk is full, on the first order of an instance."""
    order = next(one for one in executor._waiting if one.task.instance.name == instance)
    return to_line(HostReport(order=order.name, host="node1", fault="node1: its disk is full"))


def test_a_worker_whose_machine_fails_twice_is_not_used_any_more(made: Made) -> None:
    """It is named, and others execute what it could not; nothing is lost."""
    executor, said = made
    client = ImitatedClient(w1="node1")
    step(executor, client)
    client.futures[0].end([fault(executor, "a")])
    step(executor, client)
    assert [worker for worker, _ in client.sent] == ["w1", "w1"]
    assert said == []
    client.futures[1].end([fault(executor, "b")])
    step(executor, client)
    assert said[0] == "Warning: worker w1 is not used any more: node1: its disk is full"
    client.workers["w2"] = "node2"
    step(executor, client)
    assert client.sent[2][0] == "w2"
    assert len(executor._waiting) == 8


def test_what_fails_on_a_machine_is_executed_by_another_worker(made: Made) -> None:
    """Not by the same one again, which is free first."""
    executor, _ = made
    client = ImitatedClient(w1="node1", w2="node2")
    step(executor, client)
    client.futures[0].end([fault(executor, "a")])
    step(executor, client)
    assert len(client.sent) == 2
    client.futures[1].end([to_line(report) for report in _all_of(executor, "b")])
    step(executor, client)
    assert client.sent[2:] == [("w2", ["a s0", "a s1", "a s2", "a s3"])]


def test_an_order_that_fails_on_every_machine_is_lost_alone(made: Made) -> None:
    """After the second execution, with the reason."""
    executor, _ = made
    for worker, host in (("w1", "node1"), ("w2", "node2")):
        client = ImitatedClient(**{worker: host})
        step(executor, client)
        (at,) = [n for n, (_, tasks) in enumerate(client.sent) if tasks[0] == "a s0"][:1] or (0,)
        client.futures[at].end([fault(executor, "a")])
        list(executor._advance())
    assert len(executor._waiting) == 7


def test_a_full_disk_is_known_where_files_are_sent(made: Made) -> None:
    """The claim of the submitter is taken back: nobody died."""
    executor, _, client = blind(made)
    step(executor, client)
    report = ReturnedReport(fault(executor, "a"), {})
    client.futures[0].end(report)
    step(executor, client)
    assert client.sent[1] == ("w1", ["b s0"])
    assert len(list((executor._exchange / "claims").iterdir())) == 1


@pytest.mark.parametrize("trouble", ["full", "gone"])
def test_a_worker_that_cannot_get_a_file_leaves_its_tasks_to_others(
    made: Made, trouble: str
) -> None:
    """Because its disk is full, or because it has just ended; nothing is lost."""
    executor, said, client = blind(made)
    if trouble == "full":
        client.full = {"w1": "No space left on device"}
    step(executor, client)
    if trouble == "gone":
        client.futures[0].end(returned(executor, "s0"))
        client.received.clear()
        executor._sender.discard("w1")
        executor._sender.add("w1")
        client.gone = {"w1"}
        step(executor, client)
    assert len(executor._waiting) == 8 - (trouble == "gone")
    client.workers, client.blind = {"w2": "node2"}, {"w2"}
    client.full, client.gone = {}, {"w1"}
    step(executor, client)
    assert [worker for worker, _ in client.received][-1] == "w2"
    assert client.sent[-1][0] == "w2"
    assert len(executor._waiting) == 8 - (trouble == "gone")
    if trouble == "full":
        assert "Warning: worker w1 is not used any more: no room for" in said[1]
        assert "No space left on device" in said[1]


def test_a_scheduler_that_dies_leaves_nothing_to_continue(made: Made) -> None:
    """The error says what to do; nobody is told that tasks go on or were cancelled."""
    executor, said = made
    client = ImitatedClient(w1="node1")
    step(executor, client)
    client.status = "closed"
    with pytest.raises(BenchError, match=r"the scheduler of dask at tcp://h:1 has ended; the"):
        step(executor, client)
    executor.detach()
    assert said == []


def test_who_has_all_results_leaves_nothing_behind(made: Made) -> None:
    """The last report is on the shared folder before its worker says that it has finished."""
    executor, said = made
    step(executor, ImitatedClient(w1="node1", w2="node2"))
    spool = SpoolWriter(executor._exchange, "w1")
    for order in list(executor._waiting):
        task = order.task
        spool.add(executed(executor, task.instance.name, task.setting.name, "node1"))
    assert len(list(executor._waiting.outcomes())) == 8
    executor.detach()
    assert said == []


def test_who_cancels_on_an_outcome_hears_no_more(made: Made) -> None:
    """Nothing is sent to a scheduler that was left, as one that was lost would be told of."""
    executor, _, client = blind(made)
    step(executor, client)
    report = executed(executor, "a", "s0", "node1")
    client.futures[0].end(ReturnedReport(to_line(report), {}))
    arriving = executor._advance()
    assert next(arriving).task.setting.name == "s0"
    executor.cancel()
    client.status = "closed"
    assert list(arriving) == []
