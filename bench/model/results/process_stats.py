"""Process stats: what the operating system measured of one task."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bench.model.numbers import KnownMoment, KnownSeconds, Seconds, Whole, number


class Termination(StrEnum):
    """Why a task's process ended; ``REFUSED``: a reader rejected the instance.

    ``UNSUPPORTED``: the solver has read the instance and does not solve its class of problems.
    ``SKIPPED``: the task was left out on purpose and has no process.
    """

    NORMAL = "normal"
    TIME = "time"
    MEMORY = "memory"
    SIGNAL = "signal"
    INTERRUPT = "interrupt"
    ERROR = "error"
    REFUSED = "refused"
    UNSUPPORTED = "unsupported"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Sample:
    """The task's process tree at one moment (seconds since its start).

    ``cpu_percent`` is of one core; ``host_load`` is the machine's load average over a minute.
    """

    time_s: KnownSeconds
    rss_mib: float
    cpu_percent: float
    host_load: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """The worker of a cluster that executed a task; all values are None if there was none.

    ``name`` is its job and host. ``machine_class`` describes machines of the same kind (processor
    and cores). ``reference_s`` are the CPU seconds of the reference solve when the worker started
    (`bench.execution.cluster.reference_solve`), by ``reference_solver``; ``reference_spread`` is
    how much longer the slowest of its repetitions took than the fastest.
    """

    name: str | None = None
    machine_class: str | None = None
    reference_s: float | None = None
    reference_spread: float | None = None
    reference_solver: str | None = None


IMPORTED = "imported from "
"""The beginning of the evidence of an imported result, which bench has not executed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessStats:
    """Measurements from outside the solver; None if something could not be measured.

    ``evidence`` describes how ``termination`` is known. ``peak_mib`` is the kernel's own peak of
    resident memory (VmHWM), never ``ru_maxrss``, which is inherited through fork and exec.
    ``cpu_s`` covers the process and all descendants it waited for. ``started_at`` is seconds since
    the epoch. ``n_involuntary_switches`` counts how often the process was preempted. ``cores`` are
    the cores that the task was pinned to (empty: none). ``noise`` describes the disturbances of the
    measurement (empty: none was noticed). ``machine`` is host and processor if the task was
    executed on another machine than the one of the campaign, else None, and ``worker`` is the
    worker there.
    """

    termination: Termination
    evidence: str
    started_at: KnownMoment
    wall_s: Seconds
    cpu_s: Seconds | None = None
    peak_mib: float | None = None
    exit_code: Whole | None = None
    signal: str | None = None
    n_involuntary_switches: Whole | None = None
    samples: tuple[Sample, ...] = ()
    cores: tuple[Whole, ...] = ()
    noise: tuple[str, ...] = ()
    machine: str | None = None
    worker: Worker = Worker()

    @property
    def known_wall_s(self) -> float:
        """The wall time, 0 if it is unknown."""
        return number(self.wall_s) or 0.0

    @property
    def disturbed(self) -> bool:
        """Whether the measurement is known to be disturbed."""
        return bool(self.noise)

    @property
    def imported(self) -> bool:
        """Whether the result was imported."""
        return self.evidence.startswith(IMPORTED)
