"""An execution: what the operating system measured of one task."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bench.model.numbers import KnownMoment, KnownSeconds, Seconds, Whole, number


class Termination(StrEnum):
    """Why a task's process ended; ``REFUSED`` is a reader that refuses the instance.

    ``UNSUPPORTED`` is a solver that has read it and does not solve its class of problems.
    ``SKIPPED`` is a task that was left out on purpose and has no process.
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


IMPORTED = "imported from "
"""How the evidence of a result begins that bench has not executed itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessStats:
    """What was measured from outside the solver. What could not be measured is None.

    ``evidence`` says in words how ``termination`` is known. ``peak_mib`` is the kernel's own peak
    of resident memory (VmHWM), never ``ru_maxrss``, which is inherited through fork and exec.
    ``cpu_s`` covers the process and all descendants it waited for. ``started_at`` is seconds since
    the epoch. ``n_involuntary_switches`` counts how often the process was put off its core.
    ``cores`` are those the task was pinned to (empty: none). ``noise`` says in words what
    disturbed the measurement (empty: nothing that was seen). ``machine`` is host and processor
    where it was executed on another machine than the campaign was started on, else None.
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

    @property
    def known_wall_s(self) -> float:
        """The wall time, 0 where it is not known."""
        return number(self.wall_s) or 0.0

    @property
    def disturbed(self) -> bool:
        """Whether something is known to have disturbed the measurement."""
        return bool(self.noise)

    @property
    def imported(self) -> bool:
        """Whether others have executed it."""
        return self.evidence.startswith(IMPORTED)
