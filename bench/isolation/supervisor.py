"""The supervisor: one small process a task that starts, limits, measures and ends the solver's.

It is forked from the fork server, so it is slim and single-threaded, and it stays the parent of
everything the task starts (subreaper): exact CPU times, exact exit signals, nothing left behind.
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import time
from dataclasses import dataclass, field

from bench.isolation import linux
from bench.isolation.delivery import Observation, hand_over
from bench.isolation.log import BoundedLog
from bench.isolation.meter import MIB, Meter
from bench.isolation.order import HardLimits, Order, hard_limits
from bench.isolation.solving import solve_and_leave
from bench.model.execution import Termination
from bench.model.workspace import Workspace

SAMPLING_S = 0.1
LOADED_IN = os.getpid()
"""The process that loaded this module: in a supervisor, the fork server it was forked from."""


@dataclass(slots=True)
class _Stop:
    """Why the solver is being stopped, and when patience ends."""

    reason: Termination
    evidence: str
    kill_at: float


def supervise(order: Order) -> None:
    """Execute one order and hand over the observation (in a process made for this alone)."""
    os.setsid()
    linux.adopt_orphans()
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.signal(signal.SIGTERM, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.set_wakeup_fd(wake)
    parent = os.getppid() if os.getpid() == LOADED_IN else LOADED_IN
    linux.die_with_parent(signal.SIGTERM, parent)
    order.scratch.mkdir(exist_ok=True)
    log = BoundedLog(Workspace(order.folder).log, int(order.log_cap_mib * 2**20))
    started_at, start = time.time(), time.monotonic()
    me = os.getpid()
    pid = os.fork()
    if pid == 0:
        os.close(log.read_end)
        solve_and_leave(order, log.write_end, parent=me)
    log.close_write_end()
    watch = _Watch(order=order, pid=pid, log=log, woken=woken, start=start)
    stop = watch.until_end()
    observation = _conclude(watch, stop, started_at)
    shutil.rmtree(order.scratch, ignore_errors=True)
    hand_over(order.folder, observation)


@dataclass(slots=True, kw_only=True)
class _Watch:
    """Waits for the solver's process while it samples, reads its log and holds its limits.

    ``woken`` becomes readable when this process got a signal; ``start`` is monotonic seconds.
    """

    order: Order
    pid: int
    log: BoundedLog
    woken: int
    start: float
    meter: Meter = field(default_factory=lambda: Meter(os.getpid()))
    limits: HardLimits = field(init=False)
    clock_start: float = field(init=False)
    solving: bool = False

    def __post_init__(self) -> None:
        self.limits = hard_limits(self.order.task.limits)
        self.clock_start = self.start

    def until_end(self) -> _Stop | None:
        """Return once the solver's process has ended; say whether it was made to, and why."""
        exited = os.pidfd_open(self.pid)
        poll = select.poll()
        for fd in (exited, self.log.read_end, self.woken):
            poll.register(fd, select.POLLIN)
        stop: _Stop | None = None
        due = self.start
        while True:
            ready = {fd for fd, _ in poll.poll(max(0.0, 1000 * (due - time.monotonic())))}
            if self.log.read_end in ready and not self.log.pump():
                poll.unregister(self.log.read_end)
            if exited in ready:
                os.close(exited)
                return stop
            told = self.woken in ready and bool(os.read(self.woken, 64))
            moment = time.monotonic()
            if told or moment >= due:
                self.meter.sample(moment - self.start)
                stop = self._hold(stop, moment, told=told)
                due = self._next(stop, moment)

    def _hold(self, stop: _Stop | None, moment: float, *, told: bool) -> _Stop | None:
        """Begin to stop the solver, or kill it where patience has ended."""
        self._notice_solving(moment)
        if stop is None:
            stop = self._reason(moment, told=told)
            if stop is not None and moment < stop.kill_at:
                _send(self.pid, signal.SIGINT)
        if stop is not None and moment >= stop.kill_at:
            kill_descendants()
        return stop

    def _notice_solving(self, moment: float) -> None:
        """Let the time limit count anew once reading is over."""
        if not self.solving and Workspace(self.order.folder).solving.exists():
            self.solving = True
            self.clock_start = moment

    def _reason(self, moment: float, *, told: bool) -> _Stop | None:
        limits, meter = self.limits, self.meter
        ran = moment - self.clock_start
        half = limits.warn_share_s
        phase = "solving" if self.solving else "reading"
        if told:
            return _Stop(Termination.INTERRUPT, "stopped on request", moment)
        if limits.memory_mib is not None and meter.rss_mib > limits.memory_mib:
            evidence = (
                f"resident memory of the process tree {meter.rss_mib:.0f} MiB "
                f"above the hard limit of {limits.memory_mib:.0f} MiB"
            )
            return _Stop(Termination.MEMORY, evidence, moment)
        if limits.wall_s is not None and ran > limits.wall_s - half:
            evidence = f"still {phase} after {ran:.2f} s wall time, the limit plus half the grace"
            return _Stop(Termination.TIME, evidence, moment + half)
        if limits.cpu_s is not None and meter.cpu_s > limits.cpu_s - half:
            evidence = f"still {phase} after {meter.cpu_s:.2f} s CPU time of the process tree"
            return _Stop(Termination.TIME, evidence, moment + half)
        return None

    def _next(self, stop: _Stop | None, moment: float) -> float:
        """Return when to look again: the next sample, or a deadline that comes before it."""
        deadline = stop.kill_at if stop else self._deadline()
        tick = moment + SAMPLING_S
        return min(tick, deadline) if deadline > moment else tick

    def _deadline(self) -> float:
        limits = self.limits
        if limits.wall_s is None:
            return float("inf")
        return self.clock_start + limits.wall_s - limits.warn_share_s


def kill_descendants() -> None:
    """Kill whatever the caller, its children and theirs have started."""
    for descendant in list(linux.descendants(os.getpid())):
        _send(descendant, signal.SIGKILL)


def _send(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


def _conclude(watch: _Watch, stop: _Stop | None, started_at: float) -> Observation:
    """Kill what is left, collect the exit status and the final measures."""
    wall = time.monotonic() - watch.start
    leftovers = [pid for pid in linux.descendants(os.getpid()) if pid != watch.pid]
    if leftovers:
        watch.meter.sample(wall)
        kill_descendants()
    _, status, usage = os.wait4(watch.pid, 0)
    cpu = usage.ru_utime + usage.ru_stime
    cpu += sum(_reap())
    code = os.waitstatus_to_exitcode(status)
    return Observation(
        started_at=started_at,
        wall_s=wall,
        cpu_s=cpu,
        peak_mib=max(watch.meter.peak_mib, usage.ru_maxrss / MIB),
        exit_code=code if code >= 0 else None,
        signal=-code if code < 0 else None,
        stopped=stop.reason if stop else None,
        evidence=stop.evidence if stop else None,
        n_involuntary_switches=usage.ru_nivcsw,
        n_leftovers=len(leftovers),
        n_log_bytes_cut=watch.log.close(),
        samples=watch.meter.samples,
    )


def _reap() -> list[float]:
    """Wait for all remaining children and return their CPU seconds."""
    seconds: list[float] = []
    while True:
        kill_descendants()
        try:
            _, _, usage = os.wait4(-1, 0)
        except ChildProcessError:
            return seconds
        seconds.append(usage.ru_utime + usage.ru_stime)
