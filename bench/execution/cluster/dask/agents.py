"""The agents of a worker: what a dask worker executes is here, and nothing else of ours.

Each thread of a worker has an agent at a time. They are kept for the next chunk of tasks, and end
when the campaign does, or with the worker.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import psutil

import bench
from bench.execution.cluster.dask.agent import LEFT, AgentSetup
from bench.execution.cluster.host import version_refusal
from bench.execution.cluster.orders import TaskOrder, from_text
from bench.model.plain_data import to_plain

AGENT = "bench.execution.cluster.dask.agent"
LONGEST_END_S = 20.0
LONGEST_LEAVE_S = 10.0
TOKEN = "token"  # noqa: S105 - no secret
"""A file by which a worker knows the shared folder of a campaign."""
_LOCK = threading.Lock()
_IDLE: defaultdict[str, list[Agent]] = defaultdict(list)
_BUSY: defaultdict[str, list[Agent]] = defaultdict(list)
_CHUNKS: defaultdict[str, list[tuple[str, ...]]] = defaultdict(list)
"""The names of the orders that are being executed, a chunk for each thread."""


class AgentEndedError(Exception):
    """The agent has ended in the middle of a task."""


class Agent:
    """A process that executes one task at a time."""

    def __init__(self, setup: AgentSetup) -> None:
        """Start it; it loads solvers while the first order is on its way."""
        root = str(Path(bench.__file__).parents[1])
        path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH", ""))))
        directory = setup.orders.directory
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", AGENT],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=directory if directory.is_dir() else None,
            env=os.environ | {"PYTHONPATH": path},
        )
        assert self._process.stdin is not None and self._process.stdout is not None  # noqa: PT018, S101
        self._orders, self._reports = self._process.stdin, self._process.stdout
        self._send(json.dumps(to_plain(setup)))

    def execute(self, order: str) -> bytes:
        """Return the line of a report, or `LEFT`; AgentEndedError where it has ended."""
        self._send(order)
        line = self._reports.readline()
        if not line.endswith(b"\n"):
            raise AgentEndedError(f"the process of ours has ended (exit code {self.end()})")
        return line

    def is_alive(self) -> bool:
        """Whether it takes orders."""
        return self._process.poll() is None

    def end(self) -> int | None:
        """End it, with what it executes, and return its exit code."""
        with suppress(OSError):
            self._orders.close()
        try:
            self._process.wait(LONGEST_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
        code = self._process.wait()
        with suppress(OSError, ValueError):  # a thread may be reading it
            self._reports.close()
        return code

    def _send(self, line: str) -> None:
        try:
            self._orders.write(f"{line}\n".encode())
            self._orders.flush()
        except OSError as error:
            raise AgentEndedError(
                f"the process of ours has ended (exit code {self.end()})"
            ) from error


def execute_chunk(setup_text: str, orders: Sequence[str]) -> list[bytes]:
    """Execute orders one after the other, and return the lines of their reports.

    There are fewer of them than orders where the rest does not fit into the time of the job.
    AgentEndedError where the process that executes them was killed.
    """
    setup = from_text(setup_text, AgentSetup)
    campaign = str(setup.orders.exchange)
    names = tuple(from_text(order, TaskOrder).name for order in orders)
    agent = _take(campaign, setup)
    reports: list[bytes] = []
    _CHUNKS[campaign].append(names)
    try:
        for order in orders:
            line = agent.execute(order)
            if line == LEFT:
                break
            reports.append(line)
    finally:
        _CHUNKS[campaign].remove(names)
        _give_back(campaign, agent)
    return reports


def executing(campaign: str) -> list[tuple[str, ...]]:
    """Return the names of the orders of a campaign that this worker executes, chunk by chunk."""
    return list(_CHUNKS[campaign])


def refusal(setup_text: str, token: str, versions: Sequence[tuple[str, str]]) -> str | None:
    """Return why this worker must execute nothing of a campaign, None if it may."""
    setup = from_text(setup_text, AgentSetup)
    if bench.__version__ != setup.orders.bench_version:
        return f"it has bench {bench.__version__}, not {setup.orders.bench_version}"
    for solver, version in versions:
        if reason := version_refusal("it", solver, version):
            return reason
    try:
        found = (setup.orders.exchange / TOKEN).read_text()
    except OSError:
        found = ""
    return None if found == token else f"it does not see {setup.orders.exchange}"


def end_all(campaign: str, *, leaves: bool = False) -> int:
    """End all agents of a campaign on this worker; return how many there were.

    A worker that ``leaves``, as its job is about to end, ends at the latest after a while: one of
    dask hangs where it is told to by the scheduler and by the queue at the same time.
    """
    if leaves:
        timer = threading.Timer(LONGEST_LEAVE_S, os._exit, (0,))
        timer.daemon = True
        timer.start()
    with _LOCK:
        agents = _IDLE.pop(campaign, []) + _BUSY.pop(campaign, [])
    for agent in agents:
        agent.end()
    return len(agents)


def _take(campaign: str, setup: AgentSetup) -> Agent:
    """Return an agent of the campaign; those of others, which do nothing, give their cores back."""
    for other in [name for name in list(_IDLE) if name != campaign]:
        for agent in _IDLE.pop(other, []):
            agent.end()
    with _LOCK:
        idle = _IDLE[campaign]
        while idle:
            agent = idle.pop()
            if agent.is_alive():
                _BUSY[campaign].append(agent)
                return agent
    agent = Agent(replace(setup, ends_at=_end_of_job(setup.orders.wall_s)))
    with _LOCK:
        _BUSY[campaign].append(agent)
    return agent


def _give_back(campaign: str, agent: Agent) -> None:
    with _LOCK:
        if agent in _BUSY[campaign]:
            _BUSY[campaign].remove(agent)
            if agent.is_alive():
                _IDLE[campaign].append(agent)


def _end_of_job(wall_s: float | None) -> float | None:
    """Return when the job of this worker ends, in seconds since the epoch."""
    return None if wall_s is None else psutil.Process().create_time() + wall_s
