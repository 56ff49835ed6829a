"""Executors by name: built-in ones, and those that other packages register as entry points."""

from __future__ import annotations

from typing import cast

from bench.execution.protocol import Executor, ExecutorConfig
from bench.plugins import Registry

IN_PROCESS = "in-process"
LOCAL = "local"
DASK = "dask"
SLURM_ARRAY = "slurm-array"
BUILT_IN = {
    IN_PROCESS: "bench.execution.in_process:InProcessExecutor",
    LOCAL: "bench.execution.local:LocalExecutor",
    DASK: "bench.execution.cluster.dask.executor:DaskExecutor",
    SLURM_ARRAY: "bench.execution.cluster.slurm_array:SlurmArrayExecutor",
}
ELSEWHERE = frozenset({DASK, SLURM_ARRAY})
"""Executors whose tasks run on other machines and use no cores of this one."""
_EXECUTORS = Registry("executor", "bench.executors", BUILT_IN)


def names() -> list[str]:
    """Return the names of all executors, sorted."""
    return sorted(_EXECUTORS.names())


def check(name: str) -> None:
    """Raise UsageError for an unknown name."""
    _EXECUTORS.target(name)


def create(name: str, config: ExecutorConfig) -> Executor:
    """Return a new executor, for one campaign.

    Raise UsageError for an unknown name, BenchError if a library that it needs is missing.
    """
    return cast("Executor", _EXECUTORS.load(name)(config))
