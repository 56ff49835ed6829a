"""Lending this machine to campaigns that are executed by workers of dask."""

from __future__ import annotations

from dataclasses import dataclass, field

from bench.execution.cluster.dask import workers


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerOptions:
    """Which scheduler, how many tasks at a time, and by which network interface."""

    scheduler: str = field(kw_only=False)
    jobs: int = 1
    interface: str | None = None


def work(options: WorkerOptions) -> int:
    """Execute what the scheduler sends until it ends, and return the exit code.

    BenchError where dask is not installed, or no scheduler answers.
    """
    return workers.serve(options.scheduler, options.jobs, options.interface)
