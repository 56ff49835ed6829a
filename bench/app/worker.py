"""Lend this machine to campaigns that are executed by dask workers."""

from __future__ import annotations

from dataclasses import dataclass, field

from bench.execution.cluster.dask import workers
from bench.execution.cluster_options import check_scheduler


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerOptions:
    """The scheduler, the number of tasks at a time, and the network interface."""

    scheduler: str = field(kw_only=False)
    jobs: int = 1
    interface: str | None = None


def work(options: WorkerOptions) -> int:
    """Execute tasks from the scheduler until it ends, and return the exit code.

    Raise UsageError for a text that is no address, BenchError if dask is not installed, or no
    scheduler answers.
    """
    check_scheduler(options.scheduler)
    return workers.serve(options.scheduler, options.jobs, options.interface)
