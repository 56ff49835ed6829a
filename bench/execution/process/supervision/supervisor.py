"""The supervisor: one small process per task that starts, limits, measures and ends the solver's.

It is forked from the fork server, so it is small and single-threaded. It remains the parent of all
processes of the task (subreaper): exact CPU times, exact exit signals, no process left behind.
"""

from __future__ import annotations

import errno
import os
import select
import shutil
import signal
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from multiprocessing.connection import Connection

from bench.execution.host import linux, noise
from bench.execution.host.cgroup import TaskGroup
from bench.execution.host.meter import MIB
from bench.execution.process import machine
from bench.execution.process.messages import SupervisorReport, make_way, write_json
from bench.execution.process.supervision.log import BoundedLog
from bench.execution.process.supervision.solver_process import solve_and_leave
from bench.execution.process.supervision.verifier_process import run_verifier
from bench.execution.process.supervision.watch import Stop, Watch, kill_descendants
from bench.execution.request import ExecutionRequest, hard_limits
from bench.model.results.process_stats import Termination
from bench.model.workspace import Workspace

LOADED_IN = os.getpid()
"""The process that loaded this module: in a supervisor, its fork server."""


def forked_from() -> int:
    """Return the process id of the fork server of this process."""
    return os.getppid() if os.getpid() == LOADED_IN else LOADED_IN


def supervise(request: ExecutionRequest, alive: Connection) -> None:
    """Execute one order and write the report (in a process only for this).

    It ends with exit code 0 if the report was written, else with the number of the system error,
    because this works even if no file can be written. ``alive`` is closed once this process and all
    that it forked have ended.
    """
    _ending(_supervise, request, alive)


def check_alone(request: ExecutionRequest, alive: Connection) -> None:
    """Check the solution of an order that a supervisor in another interpreter has executed.

    It ends as `supervise` does.
    """
    _ending(_check_alone, request, alive)


def _ending(
    serve: Callable[[ExecutionRequest], None], request: ExecutionRequest, alive: Connection
) -> None:
    try:
        serve(request)
    except (OSError, MemoryError) as error:
        kill_descendants()
        lacking = error.errno if isinstance(error, OSError) else errno.ENOMEM
        sys.exit(lacking or 1)
    finally:
        alive.close()


def _check_alone(request: ExecutionRequest) -> None:
    woken = _begin(request)
    run_verifier(request, woken)
    shutil.rmtree(request.scratch, ignore_errors=True)


def _begin(request: ExecutionRequest) -> int:
    """Set up this process for the order; return a descriptor that is readable after a signal."""
    os.setsid()
    linux.adopt_orphans()
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.signal(signal.SIGTERM, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.set_wakeup_fd(wake)
    linux.die_with_parent(signal.SIGTERM, forked_from())
    request.scratch.mkdir(exist_ok=True)
    return woken


def _supervise(request: ExecutionRequest) -> None:
    woken = _begin(request)
    log = BoundedLog(Workspace(request.folder).log, int(request.log_cap_mib * 2**20))
    started_at, start = time.time(), time.monotonic()
    before = noise.read_counters(request.cores)
    me = os.getpid()
    pid = os.fork()
    if pid == 0:
        os.close(log.read_end)
        solve_and_leave(request, log.write_end, parent=me)
    log.close_write_end()
    with _group(request) as made:
        group = made if made is not None and made.add(pid) else None
        watch = Watch(request=request, pid=pid, log=log, woken=woken, start=start, group=group)
        stop = watch.until_end()
        supervisor_report = _conclude(watch, stop, started_at, before)
    ended = start + supervisor_report.wall_s
    if request.executable is not None:
        from bench.execution.process.supervision.executable_answer import (  # noqa: PLC0415 - rare
            read_answer,
        )

        code = read_answer(request, request.executable, supervisor_report, log, ended)
        supervisor_report = replace(supervisor_report, answer_code=code)
    make_way(request.folder, SupervisorReport)
    write_json(request.folder, supervisor_report)
    if request.verify and supervisor_report.stopped is not Termination.INTERRUPT:
        run_verifier(request, woken)
        if select.select([woken], [], [], 0)[0]:
            raise InterruptedError(errno.EINTR, "asked to stop")
    shutil.rmtree(request.scratch, ignore_errors=True)


def _group(request: ExecutionRequest) -> AbstractContextManager[TaskGroup | None]:
    """Return the task's cgroup if it can have one."""
    if request.delegation is None:
        return nullcontext()
    memory = hard_limits(request.task.limits).memory_mib
    return request.delegation.task_group(request.folder.name, memory)


def _conclude(
    watch: Watch, stop: Stop | None, started_at: float, before: noise.HostCounters
) -> SupervisorReport:
    """Kill the remaining processes, collect the exit status and the final measurements."""
    wall = time.monotonic() - watch.start
    leftovers = [pid for pid in linux.descendants(os.getpid()) if pid != watch.pid]
    if leftovers:
        watch.meter.sample(wall)
        kill_descendants()
    _, status, usage = os.wait4(watch.pid, 0)
    cpu = usage.ru_utime + usage.ru_stime
    cpu += sum(_reap())
    own_cpu = cpu if watch.request.cores else None
    disturbed = noise.noise(
        before, noise.read_counters(watch.request.cores), own_cpu, usage.ru_nivcsw
    )
    if stop is None and watch.group is not None and watch.group.n_killed_for_memory:
        stop = Stop(Termination.MEMORY, "the kernel's memory limit of the task's cgroup", 0.0)
    code = os.waitstatus_to_exitcode(status)
    return SupervisorReport(
        started_at=started_at,
        wall_s=wall,
        cpu_s=cpu,
        peak_mib=max(watch.meter.peak_mib, usage.ru_maxrss / MIB),
        exit_code=code if code >= 0 else None,
        signal=-code if code < 0 else None,
        stopped=stop.reason if stop else None,
        evidence=stop.evidence if stop else None,
        lacking=_lacking(watch.request) if code and stop is None else None,
        n_involuntary_switches=usage.ru_nivcsw,
        n_leftovers=len(leftovers),
        n_log_bytes_cut=watch.log.close(),
        samples=watch.meter.samples,
        noise=disturbed.reasons,
    )


def _lacking(request: ExecutionRequest) -> str | None:
    """Return what the machine lacks after the solver's process failed by itself."""
    return machine.fault_now(request.folder, request.task.instance.path)


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
