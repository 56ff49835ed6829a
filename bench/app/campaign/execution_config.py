"""Where and how tasks are executed on this machine."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from bench.app.options import ExecutionOptions, IfCoresTaken, if_cores_taken_of, truth
from bench.errors import UsageError
from bench.execution import registry
from bench.execution.cluster_options import ClusterOptions
from bench.execution.host import cgroup, topology
from bench.execution.host.abilities import abilities
from bench.execution.host.cgroup import Delegation
from bench.execution.host.cores import CoreRequest, check_machine, request
from bench.model.record_level import RecordLevel
from bench.planning.declared_executor import DeclaredExecutor


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionConfig:
    """How tasks are executed: one at a time in each slot of CPUs; no slot means in this process.

    ``executor`` is a name of `bench.execution.registry`. ``core_request`` is the request for cores
    that are leased before any task starts, None for none; ``cpu_slots`` are then the leased ones.
    ``facts`` describe what can be enforced and measured here; they are stored with the results.
    ``cluster`` describes how tasks are sent to other machines, if they are.
    """

    cpu_slots: tuple[frozenset[int], ...]
    executor: str = registry.LOCAL
    core_request: CoreRequest | None = None
    if_cores_taken: IfCoresTaken = IfCoresTaken.WAIT
    delegation: Delegation | None = None
    facts: dict[str, str] = field(default_factory=dict)
    cluster: ClusterOptions = field(default_factory=ClusterOptions)
    retry_failed: bool = False
    redo_disturbed: bool = False
    verify: bool = True
    system_metrics: bool = False
    pass_env: frozenset[str] = frozenset()
    tasks_in_mlflow: bool | None = None
    record: RecordLevel | None = None
    no_mlflow: bool = False

    @property
    def jobs(self) -> int:
        """The number of tasks that run at a time, if it is known; 0 means in this process."""
        return (self.cluster.workers or 1) if self.elsewhere else len(self.cpu_slots)

    @property
    def elsewhere(self) -> bool:
        """Whether other machines execute the tasks."""
        return self.executor in registry.ELSEWHERE

    @property
    def spare_cpus(self) -> frozenset[int]:
        """The CPUs of cores on which no task is executed; none if tasks are not pinned."""
        used = frozenset[int]().union(*self.cpu_slots)
        cores = self.core_request.cores if self.core_request and used else ()
        return frozenset(cpu for core in cores if core.cpus.isdisjoint(used) for cpu in core.cpus)


def core_request(
    jobs: int | None, *, threads: int = 1, oversubscribe: bool = False
) -> CoreRequest | None:
    """Return the cores for ``jobs`` tasks at a time, None for tasks in this process (0).

    The default is all cores but one. Raise UsageError if there are too few physical cores for the
    jobs and their threads, unless cores may be shared.
    """
    here = topology.read()
    if jobs != 0:
        return request(here, jobs, threads=threads, oversubscribe=oversubscribe)
    if not oversubscribe:
        check_machine(here, threads)
    return None


def cpu_slots(
    jobs: int | None, *, threads: int = 1, oversubscribe: bool = False
) -> tuple[frozenset[int], ...]:
    """Return the cores for each simultaneous task, as if all were free; see `core_request`."""
    found = core_request(jobs, threads=threads, oversubscribe=oversubscribe)
    return found.slots() if found else ()


def execution_config(  # noqa: PLR0913 - one for each option
    jobs: int | None,
    *,
    threads: int = 1,
    executor: str = registry.LOCAL,
    cluster: ClusterOptions | None = None,
    oversubscribe: bool = False,
    if_cores_taken: IfCoresTaken = IfCoresTaken.WAIT,
    retry_failed: bool = False,
    redo_disturbed: bool = False,
    verify: bool = True,
    system_metrics: bool = False,
    pass_env: Iterable[str] = (),
    tasks_in_mlflow: bool | None = None,
    record: RecordLevel | None = None,
    no_mlflow: bool = False,
) -> ExecutionConfig:
    """Return how tasks are executed, with the features that this machine offers.

    0 jobs and the executor ``in-process`` mean the same. A task takes a core for each of its
    ``threads``; the number of cores here matters only for tasks that are executed here. Raise
    UsageError for an unknown executor, and for system metrics without MLflow, to which they are
    logged. If cgroups can be used, bench moves into one of its own: call this function before any
    process starts.
    """
    registry.check(executor)
    if no_mlflow and system_metrics:
        raise UsageError(
            "--system-metrics needs MLflow during the execution; remove it or --no-mlflow"
        )
    elsewhere = executor in registry.ELSEWHERE
    if elsewhere and jobs is not None:
        raise UsageError(f"--jobs is for this machine; with --executor {executor} use --workers")
    if cluster is not None and not elsewhere and cluster != ClusterOptions():
        raise UsageError(
            "--workers, --scheduler, --queue, --queue-options, --on-interrupt and --files are for "
            "executors of clusters; see --executor"
        )
    no_core = elsewhere or executor == registry.IN_PROCESS
    found = core_request(
        0 if no_core else jobs, threads=threads, oversubscribe=oversubscribe or elsewhere
    )
    delegation, _ = (None, "") if elsewhere else cgroup.find()
    refusal = delegation.prepare() if delegation else ""
    return ExecutionConfig(
        cpu_slots=found.slots() if found else (),
        executor=executor if found or elsewhere else registry.IN_PROCESS,
        core_request=found,
        if_cores_taken=if_cores_taken,
        facts={} if elsewhere else abilities(refusal=refusal).tags(),
        cluster=cluster or ClusterOptions(),
        delegation=None if refusal else delegation,
        retry_failed=retry_failed,
        redo_disturbed=redo_disturbed,
        verify=verify,
        system_metrics=system_metrics,
        pass_env=frozenset(pass_env),
        tasks_in_mlflow=tasks_in_mlflow,
        record=record,
        no_mlflow=no_mlflow,
    )


def execution_config_of(
    options: ExecutionOptions,
    *,
    threads: int,
    jobs: int | None,
    record: RecordLevel | None,
    declared: DeclaredExecutor | None = None,
) -> ExecutionConfig:
    """Return how tasks are executed according to its options.

    ``jobs``, ``record`` and what is ``declared`` may also come from a sweep file; options count
    before it. Raise as `execution_config` does.
    """
    options = _with_declared(options, declared)
    return execution_config(
        jobs,
        threads=threads,
        executor=options.executor or registry.LOCAL,
        cluster=options.cluster(),
        oversubscribe=options.oversubscribe,
        if_cores_taken=if_cores_taken_of(options.if_cores_taken),
        verify=options.verify,
        system_metrics=options.system_metrics,
        pass_env=options.pass_env,
        tasks_in_mlflow=truth("tasks_in_mlflow", options.tasks_in_mlflow),
        record=record,
        no_mlflow=options.no_mlflow,
    )


def _with_declared(
    options: ExecutionOptions, declared: DeclaredExecutor | None
) -> ExecutionOptions:
    """Return the options, completed by the executor that a sweep file declares.

    If the options name another executor than the file, the file's values are not used.
    """
    if declared is None or options.executor not in {None, declared.executor}:
        return options
    left = {name: each for name, each in declared.known().items() if getattr(options, name) is None}
    return replace(options, **left)
