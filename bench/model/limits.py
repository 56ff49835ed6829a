"""Limits: when a solve has to end."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from bench.model.numbers import Whole

DEFAULT_TIME_S = 3600.0
DEFAULT_MEMORY_MIB = 4096.0
DEFAULT_GRACE_S = 10.0


class Clock(StrEnum):
    """The clock a time limit is measured by."""

    CPU = "cpu"
    WALL = "wall"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of one task; None means unlimited.

    ``time_s`` and ``memory_mib`` apply inside the solver and, with ``grace_s`` added to the time,
    outside it. ``gap`` is relative, by the solver's own definition. ``threads`` is the number of
    threads that the solver may use, each on a physical core of its own; None is unknown (imported
    results).
    """

    time_s: float | None = DEFAULT_TIME_S
    memory_mib: float | None = DEFAULT_MEMORY_MIB
    nodes: Whole | None = None
    gap: float | None = None
    clock: Clock = Clock.WALL
    threads: Whole | None = 1
    grace_s: float = DEFAULT_GRACE_S

    @property
    def longest_s(self) -> float | None:
        """The wall time after which a solve is ended from outside, None without a time limit.

        This is the time limit plus the grace. If the solver counts CPU seconds, it gets three times
        as long and at least 30 s, because on a shared machine a process may get only a part of a
        core.
        """
        if self.time_s is None:
            return None
        usual_s = self.time_s if self.clock is Clock.WALL else max(30.0, 3 * self.time_s)
        return usual_s + self.grace_s

    def identity(self) -> dict[str, Any]:
        """Return the values that distinguish limits of different tasks.

        The grace is a property of bench, not of the solver; one thread is the default and is left
        out.
        """
        fields = asdict(self)
        del fields["grace_s"]
        if fields["threads"] in {None, 1}:
            del fields["threads"]
        return fields
