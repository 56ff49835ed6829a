"""Where and how tasks are executed on this machine."""

from __future__ import annotations

from dataclasses import dataclass, field

from bench.execution.host import topology
from bench.execution.host.abilities import abilities
from bench.execution.host.cores import allocate, default_jobs
from bench.execution.process import cgroup
from bench.execution.process.cgroup import Delegation


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How tasks are executed: one at a time in each place; no place means in this process.

    ``facts`` say what can be enforced and measured here; they stand with the results; ``notice``
    says in one line what cannot.
    """

    places: tuple[frozenset[int], ...]
    delegation: Delegation | None = None
    facts: dict[str, str] = field(default_factory=dict)
    notice: str | None = None
    retry_failed: bool = False
    verify: bool = True
    system_metrics: bool = False


def places(jobs: int | None, *, oversubscribe: bool = False) -> tuple[frozenset[int], ...]:
    """Return the cores of each task at a time: ``jobs`` of them, all cores but one by default.

    Raise UsageError for more jobs than physical cores, unless they may be shared.
    """
    here = topology.read()
    n = default_jobs(here) if jobs is None else jobs
    return allocate(here, n, oversubscribe=oversubscribe) if n else ()


def manner(
    jobs: int | None,
    *,
    oversubscribe: bool = False,
    retry_failed: bool = False,
    verify: bool = True,
    system_metrics: bool = False,
) -> Manner:
    """Return how tasks are executed, with all that this machine offers for it.

    Where cgroups can be used, bench moves into one of its own: call it before any process starts.
    """
    found = places(jobs, oversubscribe=oversubscribe)
    delegation, _ = cgroup.find()
    refusal = delegation.prepare() if delegation else ""
    able = abilities(refusal=refusal)
    return Manner(
        places=found,
        facts=able.tags(),
        notice=able.notice(),
        delegation=None if refusal else delegation,
        retry_failed=retry_failed,
        verify=verify,
        system_metrics=system_metrics,
    )
