"""Where and how tasks are executed on this machine."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from bench.app.options import IfCoresTaken
from bench.errors import UsageError
from bench.execution import registry
from bench.execution.host import topology
from bench.execution.host.abilities import abilities
from bench.execution.host.cores import CoreRequest, request
from bench.execution.process.supervision import cgroup
from bench.execution.process.supervision.cgroup import Delegation
from bench.model.record_level import RecordLevel


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionConfig:
    """How tasks are executed: one at a time in each place; no place means in this process.

    ``executor`` is a name of `bench.execution.registry`. ``core_request`` says which cores are to
    be leased before any task starts, None that none are; ``cpu_slots`` are then those it got.

    ``facts`` say what can be enforced and measured here; they are kept with the results.
    """

    cpu_slots: tuple[frozenset[int], ...]
    executor: str = registry.LOCAL
    core_request: CoreRequest | None = None
    if_cores_taken: IfCoresTaken = IfCoresTaken.WAIT
    delegation: Delegation | None = None
    facts: dict[str, str] = field(default_factory=dict)
    retry_failed: bool = False
    redo_disturbed: bool = False
    verify: bool = True
    system_metrics: bool = False
    pass_env: frozenset[str] = frozenset()
    tasks_in_mlflow: bool | None = None
    record: RecordLevel | None = None
    no_mlflow: bool = False

    @property
    def spare_cpus(self) -> frozenset[int]:
        """The CPUs of cores on which no task is executed; none where tasks are not pinned."""
        used = frozenset[int]().union(*self.cpu_slots)
        cores = self.core_request.cores if self.core_request and used else ()
        return frozenset(cpu for core in cores if core.cpus.isdisjoint(used) for cpu in core.cpus)


def core_request(jobs: int | None, *, oversubscribe: bool = False) -> CoreRequest | None:
    """Return what ``jobs`` tasks at a time take, None for tasks in this process (0).

    By default it is all cores but one. Raise UsageError for more jobs than physical cores, unless
    they may be shared.
    """
    return None if jobs == 0 else request(topology.read(), jobs, oversubscribe=oversubscribe)


def cpu_slots(jobs: int | None, *, oversubscribe: bool = False) -> tuple[frozenset[int], ...]:
    """Return the cores of each task at a time, as if all were free; see `core_request`."""
    found = core_request(jobs, oversubscribe=oversubscribe)
    return found.slots() if found else ()


def execution_config(  # noqa: PLR0913 - one for each option
    jobs: int | None,
    *,
    executor: str = registry.LOCAL,
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
    """Return how tasks are executed, with all that this machine offers for it.

    0 jobs and the executor ``in-process`` mean the same. Raise UsageError for an unknown executor,
    and for metrics of the machine without MLflow, which they are logged to meanwhile.
    Where cgroups can be used, bench moves into one of its own: call it before any process starts.
    """
    registry.check(executor)
    if no_mlflow and system_metrics:
        raise UsageError("--system-metrics needs MLflow meanwhile; leave out --no-mlflow, or it")
    in_process = executor == registry.IN_PROCESS
    found = core_request(0 if in_process else jobs, oversubscribe=oversubscribe)
    delegation, _ = cgroup.find()
    refusal = delegation.prepare() if delegation else ""
    able = abilities(refusal=refusal)
    return ExecutionConfig(
        cpu_slots=found.slots() if found else (),
        executor=executor if found else registry.IN_PROCESS,
        core_request=found,
        if_cores_taken=if_cores_taken,
        facts=able.tags(),
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
