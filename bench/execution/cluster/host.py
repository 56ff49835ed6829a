"""A host: a small process that executes tasks on a machine of a cluster, one after the other.

It has a leased core and a main thread of its own, which lasts as long as its fork server; it never
loads MLflow. Therefore a task has the same processes, limits and measures as on the submitter's
machine.
"""

from __future__ import annotations

import gc
import os
import platform
from collections.abc import Iterable
from dataclasses import replace

import bench
from bench.errors import BenchError
from bench.execution.cluster import claims, reference_solve, spool
from bench.execution.cluster.claims import Claim
from bench.execution.cluster.host_cores import HostCores, lease_cores, n_cores
from bench.execution.cluster.orders import HostOrders, TaskOrder
from bench.execution.cluster.spool import HostReport
from bench.execution.host import machine
from bench.execution.local import LocalExecutor
from bench.execution.process.fork_servers import fork_server
from bench.execution.process.machine import text
from bench.execution.protocol import ExecutorConfig, execute_tasks
from bench.execution.request import hard_limits
from bench.journal import provenance
from bench.model.results.process_stats import Worker
from bench.model.results.result import Outcome
from bench.model.task import Task
from bench.solvers import registry

OVERHEAD_MIB = 300.0
"""The memory of a host's processes other than the solver."""


class Host:
    """Executes orders of one campaign on this machine."""

    def __init__(self, orders: HostOrders, solvers: Iterable[str], who: str) -> None:
        """Load these solvers and lease cores; ``who`` describes its job, for users.

        Call it only from the main thread, because the fork server ends with the thread that started
        it.
        """
        self.orders = orders
        self.name = platform.node()
        self._who = f"{who} on {self.name}"
        self._machine = provenance.machine()
        self._refusals: dict[tuple[str, str], str | None] = {}
        self._cores: tuple[int, HostCores] | None = None
        self._worker: Worker | None = None
        modules = [module for module in map(_module, sorted(set(solvers))) if module]
        fork_server.prepare([fork_server.PRELOAD_READERS, *modules])
        gc.freeze()

    def execute(self, order: TaskOrder) -> HostReport:
        """Execute an order, and return its outcome.

        An order whose worker died just after the execution is not executed again; an order during
        which too many workers died is given up.
        """
        refusal = self._refusal(order.task)
        if refusal is not None:
            return self._lost(order, refusal)
        if claims.count(self.orders.exchange, order):
            earlier = spool.find(self.orders.exchange, order)
            if earlier is not None:
                return earlier
        try:
            mine = claims.claim(self.orders.exchange, order, self._who)
        except OSError as error:
            return self._faulted(order, f"no claim can be written: {text(error)}")
        if mine is None:
            return self._lost(order, claims.DIED)
        return self._executed(order, mine)

    def _executed(self, order: TaskOrder, mine: Claim) -> HostReport:
        cores = self._cores_for(order.task.limits.threads or 1)
        if self._worker is None:
            self._worker = self._measured(cores)
        reasons: list[str] = []
        executor = LocalExecutor(
            ExecutorConfig(
                folder=self.orders.tasks_folder,
                cpu_slots=(cores.cpus,),
                n_attempts={order.task.key: order.attempt - 1},
                n_executions={order.task.key: mine.number - 1},
                on_lost=lambda _, reason: reasons.append(reason),
                verify=self.orders.verify,
                pass_env=self.orders.pass_env,
            )
        )
        for outcome in execute_tasks(executor, [order.task]):
            return HostReport.of(order, self.name, self._marked(outcome, cores))
        claims.unclaim(mine)
        return self._faulted(order, reasons[0] if reasons else "it has left no outcome")

    def _cores_for(self, threads: int) -> HostCores:
        """Return the cores of a task with this many threads; they are kept for the next task."""
        if self._cores is None or self._cores[0] != threads:
            if self._cores is not None:
                self._cores[1].leases.release()
            self._cores = threads, lease_cores(self._who, threads)
        return self._cores[1]

    def _measured(self, cores: HostCores) -> Worker:
        """Return this worker with its speed and its noise, by the reference solve."""
        found = reference_solve.solve(cores.cpus)
        return Worker(
            name=self._who,
            machine_class=provenance.machine_class(),
            reference_s=found.cpu_s if found else None,
            reference_spread=found.spread if found else None,
            reference_solver=found.solver if found else None,
        )

    def _marked(self, outcome: Outcome, cores: HostCores) -> Outcome:
        """Return the outcome with its worker, and the problems there."""
        noise = outcome.execution.noise + ((cores.amiss,) if cores.amiss else ())
        execution = replace(
            outcome.execution,
            machine=self._machine,
            worker=self._worker or Worker(),
            noise=noise,
        )
        return replace(outcome, execution=execution)

    def _faulted(self, order: TaskOrder, reason: str) -> HostReport:
        return HostReport(order=order.name, host=self.name, fault=f"{self.name}: {reason}")

    def _lost(self, order: TaskOrder, reason: str) -> HostReport:
        return HostReport(order=order.name, host=self.name, lost=reason)

    def _refusal(self, task: Task) -> str | None:
        """Return the reason why this host must not execute a task, None if it may."""
        if bench.__version__ != self.orders.bench_version:
            return (
                f"{self.name} has bench {bench.__version__}, but the campaign was started with "
                f"{self.orders.bench_version}"
            )
        if not task.instance.path.is_file():
            return (
                f"{self.name} cannot see {task.instance.path}; use a folder that all machines share"
            )
        threads = task.limits.threads or 1
        if threads > n_cores():
            return f"its job has {n_cores()} cores of {self.name}, too few for {threads} threads"
        return self._version_refusal(task) or self._memory_refusal(task)

    def _version_refusal(self, task: Task) -> str | None:
        wanted = (task.setting.solver, task.solver_version)
        if wanted not in self._refusals:
            self._refusals[wanted] = version_refusal(self.name, *wanted)
        return self._refusals[wanted]

    def _memory_refusal(self, task: Task) -> str | None:
        limit, allowed = hard_limits(task.limits).memory_mib, memory_of_job_mib()
        if limit is None or allowed is None or limit + OVERHEAD_MIB <= allowed:
            return None
        return (
            f"its job has {allowed:.0f} MiB, but a memory limit of "
            f"{task.limits.memory_mib:.0f} MiB needs {limit + OVERHEAD_MIB:.0f}"
        )


def job_name() -> str:
    """Return the job and the scheduler of this process, for users, as its queue shows it."""
    array, index = (os.environ.get(f"SLURM_ARRAY_{each}_ID") for each in ("JOB", "TASK"))
    if array and index:
        return f"Slurm job {array}_{index}"
    for variable, scheduler in (
        ("SLURM_JOB_ID", "Slurm"),
        ("PBS_JOBID", "PBS"),
        ("LSB_JOBID", "LSF"),
        ("JOB_ID", "Grid Engine"),
    ):
        if number := os.environ.get(variable):
            return f"{scheduler} job {number}"
    return f"process {os.getpid()}"


def memory_of_job_mib() -> float | None:
    """Return the memory of the job, from Slurm's variables or a cgroup; None if unknown."""
    per_node, per_cpu = (_number(f"SLURM_MEM_PER_{unit}") for unit in ("NODE", "CPU"))
    n_cpus = _number("SLURM_CPUS_ON_NODE") or 1.0
    allowed = per_node or (per_cpu * n_cpus if per_cpu else None)
    known = [each for each in (allowed, machine.allowed_mib()) if each]
    return min(known, default=None)


def _number(variable: str) -> float | None:
    value = os.environ.get(variable, "")
    return float(value) if value.isdecimal() and int(value) else None


def _module(solver: str) -> str | None:
    """Return the module to load for a solver, None if it is not installed here."""
    try:
        return registry.load(solver).preload
    except BenchError:
        return None


def version_refusal(host: str, solver: str, wanted: str) -> str | None:
    """Return how a solver on this host differs from the planned one, None if it does not."""
    try:
        found = registry.load(solver).version()
    except BenchError as error:
        return f"{host}: {error}"
    if found == wanted:
        return None
    return f"{host} has {solver} {found}, but the campaign was planned with {wanted}"
