"""Where and how tasks are executed, as far as this machine decides it."""

from __future__ import annotations

import pytest

from bench.app.campaign.execution_config import execution_config
from bench.errors import UsageError
from bench.execution import registry


def test_threads_are_held_against_the_cores_of_the_machine_that_executes() -> None:
    """Of this one for its own tasks, isolated or not; a cluster has others."""
    for jobs, executor in ((None, registry.LOCAL), (0, registry.LOCAL), (1, registry.IN_PROCESS)):
        with pytest.raises(UsageError, match="--threads 999: only"):
            execution_config(jobs, threads=999, executor=executor)
    for executor in registry.ELSEWHERE:
        assert execution_config(None, threads=999, executor=executor).cpu_slots == ()
