"""Agents execute chunks for a worker, and end with it; no dask is needed for them."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from bench import __version__
from bench.execution.cluster import claims
from bench.execution.cluster.dask import agents, sent_files
from bench.execution.cluster.dask.agent import LEFT_IDLE, AgentSetup
from bench.execution.cluster.orders import HostOrders, TaskOrder, from_text
from bench.execution.cluster.spool import SpoolReader, from_line
from bench.journal import provenance
from bench.model.included import Included
from bench.model.instances.instance import Instance
from bench.model.limits import Limits
from bench.model.plain_data import to_plain
from bench.model.setting import ParameterValue, Setting
from bench.model.task import Task
from bench.model.workspace import Workspace
from bench.solvers import include
from tests.waiting import until

MakeOrder = Callable[..., TaskOrder]


@pytest.fixture
def order(knapsack: Path) -> MakeOrder:
    """Return a maker of orders of the fake solver, told apart by their seeds."""

    def make(seed: int, **params: ParameterValue) -> TaskOrder:
        task = Task(
            instance=Instance(name="knapsack", path=knapsack, digest="0" * 64),
            setting=Setting(name="fake", solver="fake", params=params),
            solver_version="1.0",
            seed=seed,
            limits=Limits(time_s=20, memory_mib=100, grace_s=1),
        )
        return TaskOrder(task=task)

    return make


@pytest.fixture
def campaign(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_temp: dict[str, str]
) -> Iterator[Path]:
    """Return the folder of a campaign, whose agents are ended."""
    monkeypatch.setenv("BENCH_LEASE_FOLDER", str(tmp_path / "leases"))
    monkeypatch.setenv("TMPDIR", own_temp["TMPDIR"])
    yield tmp_path
    agents.end_all(str(tmp_path / "cluster"))


def setup(campaign: Path, wall_s: float | None = None, version: str = __version__) -> str:
    """Return what an agent is started with."""
    orders = HostOrders(
        tasks_folder=campaign / "tasks",
        exchange=campaign / "cluster",
        wall_s=wall_s,
        bench_version=version,
    )
    return text(
        AgentSetup(orders=orders, solvers=("fake",), bench_digest=provenance.source_digest())
    )


def text(content: object) -> str:
    """Return a dataclass as it travels."""
    return json.dumps(to_plain(content))


@pytest.mark.slow
def test_an_agent_is_kept_for_the_next_chunk_and_dies_alone(
    campaign: Path, order: MakeOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reports come back in order, and are on the shared folder; a kill ends its chunk alone."""
    monkeypatch.chdir(campaign)  # where the submitter is; paths are relative to it
    given = setup(campaign)
    monkeypatch.chdir("/")
    near = order(0).task
    near = replace(near, instance=replace(near.instance, path=Path("knapsack.mps")))
    lines = agents.execute_chunk(given, [text(TaskOrder(task=near)), text(order(1))])
    reports = [from_line(line) for line in lines]
    assert [one.order for one in reports] == [order(0).name, order(1).name]
    assert all(one.executed and one.executed.answer.primal_bound == 42 for one in reports)
    assert [one.order for one in SpoolReader(campaign / "cluster").new()] == [
        one.order for one in reports
    ]
    (agent,) = _agents()
    victim = order(2, behaviour="sleep", seconds=50.0)
    killer = threading.Thread(target=_kill_once_begun, args=(campaign, victim, agent))
    killer.start()
    with pytest.raises(agents.AgentEndedError, match="has ended"):
        agents.execute_chunk(setup(campaign), [text(victim), text(order(3))])
    killer.join()
    assert agents.executing(str(campaign / "cluster")) == []
    assert claims.count(campaign / "cluster", victim) == 1
    assert claims.count(campaign / "cluster", order(3)) == 0


def _agents() -> list[psutil.Process]:
    children = psutil.Process().children()
    return [one for one in children if agents.AGENT in one.cmdline()]


def _kill_once_begun(campaign: Path, order: TaskOrder, agent: psutil.Process) -> None:
    until(lambda: claims.count(campaign / "cluster", order))
    assert agents.executing(str(campaign / "cluster"))[0][0] == order.name
    os.kill(agent.pid, signal.SIGKILL)


@pytest.mark.slow
def test_what_does_not_fit_into_the_job_is_not_begun(campaign: Path, order: MakeOrder) -> None:
    """And who ends the agents ends what they execute."""
    lines = agents.execute_chunk(setup(campaign, wall_s=1.0), [text(order(0))])
    assert lines == []
    assert claims.begun(campaign / "cluster") == set()
    assert agents.end_all(str(campaign / "cluster")) == 1
    assert _agents() == []


def test_a_worker_says_why_it_must_not_execute(campaign: Path) -> None:
    """Another bench, another solver; and whether it sees the folder."""
    token = campaign / "cluster" / agents.TOKEN
    token.parent.mkdir()
    token.write_text("mine")
    assert agents.refusal(setup(campaign), [("fake", "1.0")]) is None
    assert "has fake 1.0" in (agents.refusal(setup(campaign), [("fake", "2")]) or "")
    old = agents.refusal(setup(campaign, version="0.0.1"), [("fake", "1.0")])
    assert old == f"it has bench {__version__}, not 0.0.1; {agents.SAME_BENCH}"
    other = json.loads(setup(campaign)) | {"bench_digest": "0" * 12}
    assert f"not {'0' * 12}); install the same bench" in (
        agents.refusal(json.dumps(other), []) or ""
    )
    assert agents.sees_folder(setup(campaign), "mine")
    assert not agents.sees_folder(setup(campaign), "another")
    assert not agents.sees_folder(setup(campaign / "elsewhere"), "mine")


def test_files_come_with_the_order_and_go_back_with_the_report(
    campaign: Path, order: MakeOrder, knapsack: Path, tmp_path: Path
) -> None:
    """Nothing of the submitter's folders is needed; the report is kept until it has come."""
    given = json.loads(setup(campaign)) | {"submitter": "login1:"}
    given["orders"] |= {"tasks_folder": "/nowhere/tasks", "exchange": "/nowhere/cluster"}
    given["orders"] |= {"directory": "/nowhere"}
    key = "login1:/nowhere/cluster"
    sent = order(0)
    far = replace(sent.task.instance, path=Path("/nowhere/knapsack.mps"))
    sent = replace(sent, task=replace(sent.task, instance=far))
    try:
        send(key, replace(sent.task, instance=replace(far, path=knapsack)))
        found = agents.execute_sent(json.dumps(given), text(sent), 0.0, [])
        assert found is not None
        assert agents.finished(key) == [found]
        report = found.unpack(tmp_path / "submitter" / "tasks")
        assert report.executed is not None
        assert report.executed.answer.primal_bound == 42
        assert report.executed.folder.parent == tmp_path / "submitter" / "tasks"
        assert Workspace(report.executed.folder).log.is_file()
        assert not list((sent_files.worker_folder(key) / "tasks").iterdir())
        late = json.dumps(given | {"orders": given["orders"] | {"wall_s": 1.0}})
        assert agents.execute_sent(late, text(sent), 1e9, [sent.name]) is None
        assert agents.finished(key) == []
    finally:
        agents.end_all(key)


def send(campaign: str, task: Task) -> None:
    """Send the files of a task to this worker."""
    for file in sent_files.files_of(task):
        offset = 0
        for part, is_last in file.parts():
            assert sent_files.receive(campaign, file.place, part, offset, is_last) is None
            offset += len(part)


@pytest.fixture
def worker_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of this worker for files, in a test."""
    monkeypatch.setattr(sent_files, "_base", lambda _: tmp_path / "worker")
    return tmp_path / "worker"


@pytest.mark.usefixtures("worker_files")
@pytest.mark.parametrize("size", [0, 1, 4, 5, 9])
def test_a_file_is_sent_in_parts(
    order: MakeOrder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """However large it is; a file of the same content has a name of its own there."""
    monkeypatch.setattr(sent_files, "PART_BYTES", 4)
    task = order(0).task
    for name in ("first.mps", "second.mps"):
        path = tmp_path / name
        path.write_bytes(bytes(range(size)))
        named = replace(task, instance=replace(task.instance, path=path))
        send("c", named)
        there = sent_files.local_order("c", TaskOrder(task=named)).task.instance.path
        assert there.name == name
        assert there.read_bytes() == path.read_bytes()
        assert there.is_relative_to(tmp_path / "worker")


@pytest.mark.usefixtures("worker_files")
@pytest.mark.parametrize(
    "text", ["alone.py:f", "pack_of_this.inner.part:f", "pack_of_this.inner:g", "pack_of_this:h"]
)
def test_plug_ins_are_sent_with_the_modules_that_they_import(
    order: MakeOrder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """Also with the packages around them; the digest is the same there."""
    here = tmp_path / "here"
    sources = {
        "beside.py": "ONE = 1\n",
        "alone.py": "from beside import ONE\ndef f(model): return ONE\n",
        "pack_of_this/__init__.py": "from beside import ONE\ndef h(model): return ONE\n",
        "pack_of_this/inner/__init__.py": "from .part import f\ndef g(model): return f(model)\n",
        "pack_of_this/inner/part.py": "import pack_of_this\ndef f(m): return pack_of_this.h(m)\n",
        "unused.py": "",
    }
    for name, source in sources.items():
        (here / name).parent.mkdir(parents=True, exist_ok=True)
        (here / name).write_text(source)
    monkeypatch.chdir(here)
    monkeypatch.setattr("sys.path", list(sys.path))
    plain = order(0).task
    task = replace(plain, setting=replace(plain.setting, include=include.resolve(text)))
    send("c", task)
    shutil.rmtree(here)
    there = sent_files.local_order("c", TaskOrder(task=task)).task
    assert there.key == task.key
    (function,) = there.setting.include
    try:
        assert include.load(function)(None) == 1
    finally:
        for name in [name for name in sys.modules if name.partition(".")[0] in _IMPORTED]:
            del sys.modules[name]
    assert not list((tmp_path / "worker").rglob("unused.py"))


_IMPORTED = {"beside", "pack_of_this", "bench_include_alone"}


def test_a_plug_in_that_is_not_there_any_more_is_named(order: MakeOrder) -> None:
    """Its tasks cannot be sent."""
    function = Included(name="b.py:f", path="/no/b.py", module="", function="f", digest="1" * 64)
    plain = order(0).task
    task = replace(plain, setting=replace(plain.setting, include=(function,)))
    with pytest.raises(
        sent_files.UnreadableFileError, match=r"--include b\.py:f cannot be read: No"
    ):
        list(sent_files.files_of(task))


def test_a_worker_whose_disk_is_full_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, order: MakeOrder
) -> None:
    """Or that cannot write where it has to: for a file, and for the task itself."""
    place = tmp_path / "a file"
    place.touch()
    monkeypatch.setattr(sent_files, "_base", lambda _: place)
    why_not = sent_files.receive("c", "files/0/a.mps", b"", 0, True)
    assert "Not a directory" in (why_not or "")

    def full(_: int) -> Path:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/tmp/bench-worker-1-x")  # noqa: S108

    monkeypatch.setattr(sent_files, "_base", full)
    found = agents.execute_sent(setup(tmp_path), text(order(0)), 0.0, [])
    assert found is not None
    assert "No space left on device" in (from_line(found.line).fault or "")


def test_an_agent_that_cannot_be_started_is_a_fault_of_the_machine(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, order: MakeOrder
) -> None:
    """Others execute the chunk; nobody died."""

    def lacks(*_: object, **__: object) -> None:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr(subprocess, "Popen", lacks)
    (line,) = agents.execute_chunk(setup(tmp_path), [text(order(0)), text(order(1))])
    report = from_line(line)
    assert report.order == order(0).name
    assert "Too many open files" in (report.fault or "")
    assert agents.executing(str(tmp_path / "cluster")) == []


@pytest.mark.parametrize(("code", "is_started_again"), [(LEFT_IDLE, True), (1, False)])
def test_an_agent_that_leaves_as_its_order_comes_costs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, is_started_again: bool
) -> None:
    """It has not begun the order; any other end during a task is a death."""
    (tmp_path / "leaving.py").write_text(
        "import pathlib, sys\n"
        "sys.stdin.readline(), sys.stdin.readline()\n"
        f"began = pathlib.Path({str(tmp_path / 'began')!r})\n"
        f"began.exists() or (began.touch(), sys.exit({code}))\n"
        "print('report')\n"
    )
    monkeypatch.setattr(agents, "AGENT", "leaving")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    agent = agents.Agent(
        AgentSetup(orders=HostOrders(tasks_folder=tmp_path, exchange=tmp_path), solvers=())
    )
    if is_started_again:
        assert agent.execute("{}") == b"report\n"
    else:
        with pytest.raises(agents.AgentEndedError, match="exit code 1"):
            agent.execute("{}")
    agent.end()


@pytest.mark.slow
def test_an_idle_agent_leaves_while_it_waits_for_input(
    campaign: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The thread that reads does not make Python abort, which would look like a death."""
    (campaign / "idle.py").write_text(
        "from bench.execution.cluster.dask import agent\nagent.LONGEST_IDLE_S = 0.1\nagent.main()\n"
    )
    monkeypatch.setattr(agents, "AGENT", "idle")
    monkeypatch.setenv("PYTHONPATH", str(campaign))
    agent = agents.Agent(from_text(setup(campaign), AgentSetup))
    until(lambda: not agent.is_alive())
    assert agent.end() == LEFT_IDLE
    assert capfd.readouterr().err == ""
