"""The agents of a dask worker: the only code of bench that a worker executes.

Each thread of a worker has one agent at a time. Agents are kept for the next chunk of tasks, and
end with the campaign or with the worker.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

import bench
from bench.execution.cluster.dask import sent_files
from bench.execution.cluster.dask.agent import LEFT_IDLE, AgentSetup
from bench.execution.cluster.dask.sent_files import ReturnedReport
from bench.execution.cluster.host import version_refusal
from bench.execution.cluster.orders import TaskOrder, from_text
from bench.execution.cluster.spool import HostReport, from_line, to_line
from bench.execution.cluster.wall_time import has_time, orders_that_fit
from bench.execution.process.machine import text as machine_text
from bench.journal import provenance
from bench.model.plain_data import to_plain

AGENT = "bench.execution.cluster.dask.agent"
LONGEST_END_S = 20.0
LONGEST_LEAVE_S = 10.0
TOKEN = "token"  # noqa: S105 - no secret
"""A file by which a worker recognises the shared folder of a campaign."""
SAME_BENCH = "install the same bench there, and start the worker again"
_LOCK = threading.Lock()
_IDLE: defaultdict[str, list[Agent]] = defaultdict(list)
_BUSY: defaultdict[str, list[Agent]] = defaultdict(list)
_CHUNKS: defaultdict[str, list[tuple[str, ...]]] = defaultdict(list)
"""The names of the orders that are being executed, a chunk for each thread."""
_FINISHED: defaultdict[str, dict[str, ReturnedReport]] = defaultdict(dict)
"""Reports with their files, by order, that a submitter may not have received."""


class AgentEndedError(Exception):
    """The agent has ended during a task."""


class Agent:
    """A process that executes one task at a time."""

    def __init__(self, setup: AgentSetup) -> None:
        """Start the agent; it loads solvers while the first order is sent."""
        self._setup = setup
        self._start()

    def execute(self, order: str) -> bytes:
        """Return the line of a report; AgentEndedError if the agent has ended during the task.

        An agent that left because it was idle, just before the order came, is started again.
        """
        while True:
            line = self._ask(order)
            if line.endswith(b"\n"):
                return line
            code = self.end()
            if code != LEFT_IDLE:
                raise AgentEndedError(f"its bench process has ended (exit code {code})")
            self._start()

    def is_alive(self) -> bool:
        """Whether it accepts orders."""
        return self._process.poll() is None

    def end(self) -> int | None:
        """End the agent with its current task, and return its exit code."""
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

    def _start(self) -> None:
        root = str(Path(bench.__file__).parents[1])
        path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH", ""))))
        directory = self._setup.orders.directory
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", AGENT],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=directory if directory.is_dir() else None,
            env=os.environ | {"PYTHONPATH": path},
        )
        assert self._process.stdin is not None and self._process.stdout is not None  # noqa: PT018, S101
        self._orders, self._reports = self._process.stdin, self._process.stdout
        with suppress(OSError):  # it has ended, as its first answer shows
            self._send(json.dumps(to_plain(self._setup)))

    def _ask(self, order: str) -> bytes:
        """Return its answer to an order, empty if it has ended."""
        try:
            self._send(order)
        except OSError:
            return b""
        return self._reports.readline()

    def _send(self, line: str) -> None:
        self._orders.write(f"{line}\n".encode())
        self._orders.flush()


def execute_chunk(setup_text: str, orders: Sequence[str]) -> list[bytes]:
    """Execute orders one after the other, and return the lines of their reports.

    There are fewer reports than orders if the rest does not fit into the time of the job. Raise
    AgentEndedError if the process that executes them was killed.
    """
    setup = from_text(setup_text, AgentSetup)
    campaign = setup.campaign
    chunk = [from_text(order, TaskOrder) for order in orders]
    wall_s, began = setup.orders.wall_s, psutil.Process().create_time()
    reports: list[bytes] = []
    fitting = orders_that_fit(chunk, wall_s, began)
    try:
        with _agent(campaign, setup, tuple(order.name for order in chunk)) as agent:
            for order in fitting:
                reports.append(agent.execute(json.dumps(to_plain(order))))
                if from_line(reports[-1]).fault is not None:
                    break
    except OSError as error:
        reports.append(_fault(chunk[len(reports)], error))
    return reports


def execute_sent(
    setup_text: str, order_text: str, needed_s: float | None, received: Sequence[str]
) -> ReturnedReport | None:
    """Execute an order with files on this worker only; return its report with its files.

    None if it does not fit into the time of the job, which must have ``needed_s`` left. The report
    is kept until a later order has its name in ``received``. Raise AgentEndedError like
    `execute_chunk`.
    """
    given = from_text(setup_text, AgentSetup)
    campaign = given.campaign
    for name in received:
        _FINISHED[campaign].pop(name, None)
    if not has_time(needed_s, given.orders.wall_s, psutil.Process().create_time()):
        return None
    order = from_text(order_text, TaskOrder)
    try:
        here = sent_files.local_order(campaign, order)
        with _agent(campaign, sent_files.local_setup(campaign, given), (order.name,)) as agent:
            found = sent_files.pack(agent.execute(json.dumps(to_plain(here))))
            if from_line(found.line).fault is None:
                _FINISHED[campaign][order.name] = found
    except OSError as error:
        return ReturnedReport(_fault(order, error), {})
    return found


def finished(campaign: str) -> list[ReturnedReport]:
    """Return the reports that no submitter is known to have received."""
    return list(_FINISHED.get(campaign, {}).values())


def executing(campaign: str) -> list[tuple[str, ...]]:
    """Return the names of the campaign's orders that this worker is executing, chunk by chunk."""
    return list(_CHUNKS[campaign])


def refusal(setup_text: str, versions: Sequence[tuple[str, str]]) -> str | None:
    """Return why this worker must execute nothing of a campaign, None if it may."""
    setup = from_text(setup_text, AgentSetup)
    if bench.__version__ != setup.orders.bench_version:
        found, wanted = bench.__version__, setup.orders.bench_version
        return f"it has bench {found}, not {wanted}; {SAME_BENCH}"
    if setup.bench_digest != (digest := provenance.source_digest()):
        return (
            f"its source files of bench {bench.__version__} are others (digest {digest}, not "
            f"{setup.bench_digest}); {SAME_BENCH}"
        )
    for solver, version in versions:
        if reason := version_refusal("it", solver, version):
            return reason
    return None


def machine() -> tuple[str, str]:
    """Return host and processor of this worker, and the class of its machine."""
    return provenance.machine(), provenance.machine_class()


def sees_folder(setup_text: str, token: str) -> bool:
    """Return whether this worker shares the folder of a campaign with its submitter."""
    setup = from_text(setup_text, AgentSetup)
    try:
        return (setup.orders.exchange / TOKEN).read_text() == token
    except OSError:
        return False


def end_all(campaign: str, leaves: bool = False) -> int:
    """End all agents of a campaign on this worker; return how many there were.

    If the job is about to end (``leaves``), the worker itself ends after a while at the
    latest: a dask worker hangs if the scheduler and the queue tell it to end at the same time.
    """
    if leaves:
        timer = threading.Timer(LONGEST_LEAVE_S, os._exit, (0,))
        timer.daemon = True
        timer.start()
    with _LOCK:
        agents = _IDLE.pop(campaign, []) + _BUSY.pop(campaign, [])
    for agent in agents:
        agent.end()
    if _FINISHED.pop(campaign, None) is not None:
        sent_files.remove(campaign)
    return len(agents)


@contextmanager
def _agent(campaign: str, setup: AgentSetup, orders: tuple[str, ...]) -> Iterator[Agent]:
    """Lend an agent, and show that these orders are being executed; OSError if it cannot start."""
    agent = _take(campaign, setup)
    _CHUNKS[campaign].append(orders)
    try:
        yield agent
    finally:
        _CHUNKS[campaign].remove(orders)
        _give_back(campaign, agent)


def _fault(order: TaskOrder, error: OSError) -> bytes:
    """Return the report that this machine lacks something for an order."""
    host = platform.node()
    fault = f"{host}: {machine_text(error)}"
    return to_line(HostReport(order=order.name, host=host, fault=fault))


def _take(campaign: str, setup: AgentSetup) -> Agent:
    """Return an agent of the campaign; idle agents of other campaigns release their cores."""
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
    agent = Agent(setup)
    with _LOCK:
        _BUSY[campaign].append(agent)
    return agent


def _give_back(campaign: str, agent: Agent) -> None:
    with _LOCK:
        if agent in _BUSY[campaign]:
            _BUSY[campaign].remove(agent)
            if agent.is_alive():
                _IDLE[campaign].append(agent)
