"""Where and how tasks are executed on this machine."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from bench.execution import registry
from bench.execution.host import topology
from bench.execution.host.abilities import abilities
from bench.execution.host.cores import allocate, default_jobs
from bench.execution.process import cgroup
from bench.execution.process.cgroup import Delegation


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionConfig:
    """How tasks are executed: one at a time in each place; no place means in this process.

    ``executor`` is a name of `bench.execution.registry`.

    ``facts`` say what can be enforced and measured here; they stand with the results; ``notice``
    says in one line what cannot.
    """

    cpu_slots: tuple[frozenset[int], ...]
    executor: str = registry.LOCAL
    delegation: Delegation | None = None
    facts: dict[str, str] = field(default_factory=dict)
    notice: str | None = None
    retry_failed: bool = False
    verify: bool = True
    system_metrics: bool = False
    pass_env: frozenset[str] = frozenset()
    tasks_in_mlflow: bool | None = None


def cpu_slots(jobs: int | None, *, oversubscribe: bool = False) -> tuple[frozenset[int], ...]:
    """Return the cores of each task at a time: ``jobs`` of them, all cores but one by default.

    Raise UsageError for more jobs than physical cores, unless they may be shared.
    """
    here = topology.read()
    n = default_jobs(here) if jobs is None else jobs
    return allocate(here, n, oversubscribe=oversubscribe) if n else ()


def execution_config(  # noqa: PLR0913 - one for each option
    jobs: int | None,
    *,
    executor: str = registry.LOCAL,
    oversubscribe: bool = False,
    retry_failed: bool = False,
    verify: bool = True,
    system_metrics: bool = False,
    pass_env: Iterable[str] = (),
    tasks_in_mlflow: bool | None = None,
) -> ExecutionConfig:
    """Return how tasks are executed, with all that this machine offers for it.

    0 jobs and the executor ``in-process`` mean the same. Raise UsageError for an unknown executor.
    Where cgroups can be used, bench moves into one of its own: call it before any process starts.
    """
    registry.check(executor)
    found = cpu_slots(0 if executor == registry.IN_PROCESS else jobs, oversubscribe=oversubscribe)
    delegation, _ = cgroup.find()
    refusal = delegation.prepare() if delegation else ""
    able = abilities(refusal=refusal)
    return ExecutionConfig(
        cpu_slots=found,
        executor=executor if found else registry.IN_PROCESS,
        facts=able.tags(),
        notice=able.notice(),
        delegation=None if refusal else delegation,
        retry_failed=retry_failed,
        verify=verify,
        system_metrics=system_metrics,
        pass_env=frozenset(pass_env),
        tasks_in_mlflow=tasks_in_mlflow,
    )
