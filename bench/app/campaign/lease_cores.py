"""Lease the cores of a campaign from all other processes on the machine, and wait for them."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from bench.app.campaign.execution_config import ExecutionConfig
from bench.app.options import IfCoresTaken
from bench.errors import BenchError
from bench.execution.host.cores import CoreRequest
from bench.execution.host.leases import (
    CoreLeases,
    LeaseAttempt,
    lease_folder,
    number_of,
    this_process,
)
from bench.execution.host.topology import Core
from bench.report.listener import Listener
from bench.report.terminal.cores import cores_text, held_text

POLL_S = 1.0


@contextmanager
def leased_cores(
    config: ExecutionConfig, purpose: str, listener: Listener
) -> Iterator[ExecutionConfig | None]:
    """Yield the configuration with leased cores, which no other campaign uses meanwhile.

    None if the user stopped during the wait. BenchError if the cores are taken and waiting is not
    allowed.
    """
    request = config.core_request
    if request is None:
        yield config
        return
    leases = CoreLeases(lease_folder(), this_process(purpose))
    try:
        cores = _lease(leases, request, config.if_cores_taken, listener)
        yield replace(config, cpu_slots=request.slots(cores)) if cores else None
    finally:
        leases.release()


def _lease(
    leases: CoreLeases, request: CoreRequest, if_taken: IfCoresTaken, listener: Listener
) -> Sequence[Core]:
    """Return the cores to use; none if the user stopped."""
    waited = False
    while True:
        attempt = leases.lease(request.cores, request.n_most + request.n_spare)
        cores = _enough(attempt, request, if_taken)
        if cores:
            leases.release([core for core in attempt.cores if core not in cores])
            _announce(attempt, cores, listener, waited=waited)
            return cores
        leases.release()
        if if_taken is IfCoresTaken.FAIL:
            raise BenchError(
                f"too few cores are free: {_why(attempt, request)}; see --if-cores-taken"
            )
        if not waited:
            listener.message(f"Waiting for free cores: {_why(attempt, request)}; {_hint(attempt)}.")
            waited = True
        if not _pause(listener):
            return ()


def _enough(attempt: LeaseAttempt, request: CoreRequest, if_taken: IfCoresTaken) -> Sequence[Core]:
    """Return the cores to use; none if there are too few."""
    if if_taken is IfCoresTaken.SHARE:
        held = {each.number for each in attempt.held}
        taken = [core for core in request.cores if core.cpus and number_of(core) in held]
        return [*attempt.cores, *taken][: request.n_most]
    n = len(attempt.cores) - request.n_spare
    return attempt.cores[: n - n % request.threads] if n >= request.n_least else ()


def _announce(
    attempt: LeaseAttempt, cores: Sequence[Core], listener: Listener, *, waited: bool
) -> None:
    if attempt.problem:
        listener.message(
            f"Warning: cores cannot be leased ({attempt.problem}); other sweeps and runs on this "
            "machine may use the same ones"
        )
    shared = {each.number for each in attempt.held} & {
        number_of(core) for core in cores if core.cpus
    }
    used = cores_text([number_of(core) for core in cores if core.cpus])
    if shared:
        listener.message(f"Warning: {held_text(attempt.held)}; tasks share these cores")
    elif attempt.held:
        listener.message(f"{held_text(attempt.held)}; tasks are executed on {used}.")
    elif waited:
        listener.message(f"Cores are free now: tasks are executed on {used}.")


def _why(attempt: LeaseAttempt, request: CoreRequest) -> str:
    spare = ", and one is reserved for the system" if request.n_spare else ""
    needed = "" if request.n_least == 1 else f"{request.n_least} are needed, "
    return f"{needed}{held_text(attempt.held)}{spare}"


def _hint(attempt: LeaseAttempt) -> str:
    n_free = len(attempt.cores)
    fewer = f"use -j {n_free} for the free ones only, or " if n_free else ""
    return f"{fewer}use --if-cores-taken share to start at once"


def _pause(listener: Listener) -> bool:
    """Wait for a moment, of random length; return whether to continue."""
    end = time.monotonic() + POLL_S * random.uniform(0.5, 1.5)  # noqa: S311 - no secret
    while time.monotonic() < end:
        if not listener.should_continue():
            return False
        time.sleep(min(0.1, POLL_S))
    return listener.should_continue()
