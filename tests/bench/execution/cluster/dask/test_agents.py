"""Agents execute chunks for a worker, and end with it; no dask is needed for them."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from bench import __version__
from bench.execution.cluster import claims
from bench.execution.cluster.dask import agents
from bench.execution.cluster.dask.agent import AgentSetup
from bench.execution.cluster.orders import HostOrders, TaskOrder
from bench.execution.cluster.spool import SpoolReader, from_line
from bench.model.instances.instance import Instance
from bench.model.limits import Limits
from bench.model.plain_data import to_plain
from bench.model.setting import ParameterValue, Setting
from bench.model.task import Task

PATIENCE_S = 40.0
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
    return text(AgentSetup(orders=orders, solvers=("fake",)))


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
    end = time.monotonic() + PATIENCE_S
    while not claims.count(campaign / "cluster", order) and time.monotonic() < end:
        time.sleep(0.05)
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
    """Another bench, another solver, or a folder that it does not see."""
    token = campaign / "cluster" / agents.TOKEN
    token.parent.mkdir()
    token.write_text("mine")
    fake = [("fake", "1.0")]
    assert agents.refusal(setup(campaign), "mine", fake) is None
    assert "does not see" in (agents.refusal(setup(campaign), "another", fake) or "")
    assert "has fake 1.0" in (agents.refusal(setup(campaign), "mine", [("fake", "2")]) or "")
    old = agents.refusal(setup(campaign, version="0.0.1"), "mine", fake)
    assert old == f"it has bench {__version__}, not 0.0.1"
