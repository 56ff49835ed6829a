"""The limits that HiGHS does not know: CPU time, memory, and a user who loses patience."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from bench.model.limits import Clock, Limits

LOOK_S = 0.05
"""How often CPU time and memory are looked at: asking takes some 20 microseconds."""
MIB = 2**20


class Guard:
    """Says when a solve has to end, and why, in SCIP's status words.

    Memory is counted from what the process has when the guard is made: as in SCIP, the
    interpreter is not the solver's. A limit of wall time is HiGHS's own matter.
    """

    def __init__(self, limits: Limits) -> None:
        """Begin to count."""
        self.reason: str | None = None
        self._limits = limits
        self._process = psutil.Process()
        self._first_mib = self._mib()
        self._cpu_start = time.process_time()
        self._look_at = 0.0

    def restart_clock(self) -> None:
        """Let CPU time count from now."""
        self._cpu_start = time.process_time()

    def must_stop(self) -> bool:
        """Return whether the solve has to end; ``reason`` then says why."""
        if self.reason is None:
            moment = time.monotonic()
            if moment >= self._look_at:
                self._look_at = moment + LOOK_S
                self.reason = self._limit_reached()
        return self.reason is not None

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """Let SIGINT end the solve instead of raising KeyboardInterrupt."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.signal(signal.SIGINT, self._interrupt)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def _interrupt(self, *_: object) -> None:
        self.reason = self.reason or "userinterrupt"

    def _limit_reached(self) -> str | None:
        limits = self._limits
        cpu_s = time.process_time() - self._cpu_start
        if limits.clock is Clock.CPU and limits.time_s is not None and cpu_s >= limits.time_s:
            return "timelimit"
        if limits.memory_mib is not None and self._mib() - self._first_mib > limits.memory_mib:
            return "memlimit"
        return None

    def _mib(self) -> float:
        return float(self._process.memory_info().rss) / MIB
