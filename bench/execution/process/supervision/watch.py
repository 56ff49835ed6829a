"""Watch one solver's process: sampling, its log, and the limits enforced from outside."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from dataclasses import dataclass, field

from bench.execution.host import linux
from bench.execution.host.cgroup import TaskGroup
from bench.execution.host.meter import Meter
from bench.execution.process.supervision.log import BoundedLog
from bench.execution.request import ExecutionRequest, HardLimits, hard_limits
from bench.model.results.process_stats import Termination
from bench.model.workspace import Workspace
from bench.solvers import registry

SAMPLING_S = 0.1


@dataclass(slots=True)
class Stop:
    """Why the solver is being stopped, and when it is killed (monotonic seconds)."""

    reason: Termination
    evidence: str
    kill_at: float


@dataclass(slots=True, kw_only=True)
class Watch:
    """Waits for the solver's process, samples it, reads its log and enforces its limits.

    ``woken`` becomes readable when this process gets a signal; ``start`` is monotonic seconds;
    ``group`` is the task's cgroup if there is one.
    """

    request: ExecutionRequest
    pid: int
    log: BoundedLog
    woken: int
    start: float
    group: TaskGroup | None = None
    meter: Meter = field(default_factory=lambda: Meter(os.getpid()))
    limits: HardLimits = field(init=False)
    clock_start: float = field(init=False)
    cpu_before: float = 0.0
    solving: bool = False
    stop_signal: signal.Signals = field(init=False)

    def __post_init__(self) -> None:
        """Start the clock of the limits at the start of the process."""
        self.limits = hard_limits(self.request.task.limits)
        self.clock_start = self.start
        self.stop_signal = registry.declaration(self.request.solver).stop_signal

    def until_end(self) -> Stop | None:
        """Return after the solver's process has ended, with the reason if it was stopped."""
        exited = os.pidfd_open(self.pid)
        poll = select.poll()
        for fd in (exited, self.log.read_end, self.woken):
            poll.register(fd, select.POLLIN)
        stop: Stop | None = None
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

    def _hold(self, stop: Stop | None, moment: float, *, told: bool) -> Stop | None:
        """Begin to stop the solver, or kill it if its grace is over."""
        self._notice_solving(moment)
        if stop is None:
            stop = self._reason(moment, told=told)
            if stop is not None and moment < stop.kill_at:
                self._ask_to_stop()
        if stop is not None and moment >= stop.kill_at:
            kill_descendants()
        return stop

    def _ask_to_stop(self) -> None:
        """Send the signal; for an executable to its whole group, as it may be run by a script."""
        _send(self.pid if self.request.executable is None else -self.pid, self.stop_signal)

    def _notice_solving(self, moment: float) -> None:
        """Restart the clock of the time limits once reading is finished."""
        if not self.solving and Workspace(self.request.folder).solving.exists():
            self.solving = True
            self.clock_start = moment
            self.cpu_before = self.meter.cpu_s

    def _reason(self, moment: float, *, told: bool) -> Stop | None:
        limits, meter = self.limits, self.meter
        ran, computed = moment - self.clock_start, meter.cpu_s - self.cpu_before
        half = limits.warn_share_s
        phase = "solving" if self.solving else "reading"
        if told:
            return Stop(Termination.INTERRUPT, "stopped on request", moment)
        if limits.memory_mib is not None and meter.rss_mib > limits.memory_mib:
            evidence = (
                f"resident memory of the process tree {meter.rss_mib:.0f} MiB "
                f"above the hard limit of {limits.memory_mib:.0f} MiB"
            )
            return Stop(Termination.MEMORY, evidence, moment)
        if limits.wall_s is not None and ran > limits.wall_s - half:
            evidence = f"still {phase} after {ran:.2f} s wall time, the limit plus half the grace"
            return Stop(Termination.TIME, evidence, moment + half)
        if limits.cpu_s is not None and computed > limits.cpu_s - half:
            evidence = f"still {phase} after {computed:.2f} s CPU time of the process tree"
            return Stop(Termination.TIME, evidence, moment + half)
        return None

    def _next(self, stop: Stop | None, moment: float) -> float:
        """Return the time of the next check: the next sample or an earlier deadline."""
        deadline = stop.kill_at if stop else self._deadline()
        tick = moment + SAMPLING_S
        return min(tick, deadline) if deadline > moment else tick

    def _deadline(self) -> float:
        limits = self.limits
        if limits.wall_s is None:
            return float("inf")
        return self.clock_start + limits.wall_s - limits.warn_share_s


def kill_descendants() -> None:
    """Kill all descendants of the caller."""
    for descendant in list(linux.descendants(os.getpid())):
        _send(descendant, signal.SIGKILL)


def _send(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)
