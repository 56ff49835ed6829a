"""HiGHS's callbacks: the trace of a solve, and the limits that HiGHS does not support."""

from __future__ import annotations

import math
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from highspy import Highs, cb

from bench.model.limits import Clock, Limits
from bench.model.results.solver_output import TracePoint
from bench.solvers.trace import ThinnedTrace

LOOK_S = 0.05
"""The interval of checks of CPU time and memory, which take about 20 microseconds."""
MIB = 2**20
STATM = Path("/proc/self/statm")
"""The Linux file with the number of a process's pages in memory."""


class Guard:
    """Decides when a solve has to end, and why, in SCIP's status words.

    Memory is counted from the memory of the process when the guard is created: as in SCIP, the
    interpreter does not count. HiGHS itself enforces a limit on wall time.
    """

    def __init__(self, limits: Limits) -> None:
        """Start counting."""
        self.reason: str | None = None
        self._limits = limits
        self._first_mib = self._mib()
        self._cpu_start = time.process_time()
        self._look_at = 0.0

    def restart_clock(self) -> None:
        """Restart the count of CPU time."""
        self._cpu_start = time.process_time()

    def must_stop(self) -> bool:
        """Return whether the solve has to end; ``reason`` is then the reason."""
        if self.reason is None:
            moment = time.monotonic()
            if moment >= self._look_at:
                self._look_at = moment + LOOK_S
                self.reason = self._limit_reached()
        return self.reason is not None

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """Make SIGINT end the solve instead of raising KeyboardInterrupt."""
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
        return resident_mib() if self._limits.memory_mib is not None else 0.0


def resident_mib() -> float:
    """Return the resident memory of this process, without psutil if the kernel reports it."""
    try:
        pages = STATM.read_text().split()[1]
    except OSError:
        import psutil  # noqa: PLC0415  not in environments of HiGHS alone

        return float(psutil.Process().memory_info().rss) / MIB
    return int(pages) * os.sysconf("SC_PAGE_SIZE") / MIB


_TYPES = cb.HighsCallbackType
_LOGGING = int(_TYPES.kCallbackLogging)
_INCUMBENT = int(_TYPES.kCallbackMipImprovingSolution)
_BOUNDS = (_INCUMBENT, int(_TYPES.kCallbackMipLogging), int(_TYPES.kCallbackMipInterrupt))
_INTERRUPTS = [kind for name, kind in _TYPES.__members__.items() if name.endswith("Interrupt")]
"""The callbacks that ask whether to continue: MIP, simplex, interior point and, since HiGHS 1.16,
QP.
"""
HEARD = (
    *_INTERRUPTS,
    _TYPES.kCallbackMipImprovingSolution,
    _TYPES.kCallbackMipLogging,
    _TYPES.kCallbackLogging,
)
PRINTS_ITSELF = (1, 13)
"""The first version that prints its log although a callback receives it."""


class Events:
    """Observes one solve: trace, gap integral, log lines; ends it on request of its guard.

    HiGHS calls back on the solving thread, so a signal is noticed at the next callback; presolve
    makes none. This costs 1 to 2 microseconds per simplex iteration of a pure LP (up to 5 % of a
    small one), and nothing measurable for a MIP; the search is not changed.
    """

    def __init__(
        self, highs: Highs, clock: Clock, guard: Guard, show: Callable[[TracePoint], object]
    ) -> None:
        """Observe the solve that begins now; its times are by this clock.

        ``show`` is called with each point of the trace.
        """
        self.trace = ThinnedTrace(show=show)
        self.lines: list[str] = []
        self.n_incumbents = 0
        self.first: TracePoint | None = None
        self.integral = 0.0
        self.by_wall = clock is Clock.WALL
        self._guard = guard
        self._clock = time.perf_counter if self.by_wall else time.process_time
        self._start = self._clock()
        self._last = TracePoint(0.0, None, None, 0)
        self._prints = (highs.versionMajor(), highs.versionMinor()) < PRINTS_ITSELF
        listener: Any = self._hear
        highs.setCallback(listener, None)
        for kind in HEARD:
            highs.startCallback(kind)

    def end(self, primal: float | None, dual: float | None, n_nodes: int) -> TracePoint:
        """Record and return the final bounds, with the duration of the solve."""
        found = primal is not None and self.first is None
        point = TracePoint(self._clock() - self._start, primal, dual, n_nodes, incumbent=found)
        self.first = point if found else self.first
        self._integrate(point)
        self.trace.add(point)
        return point

    def _hear(self, kind: int, message: str, out: Any, answer: Any, _: object) -> None:
        if kind == _LOGGING:
            self.lines.append(message)
            if self._prints:
                os.write(1, message.encode())
            return
        if kind in _BOUNDS:
            self._note(out, incumbent=kind == _INCUMBENT)
        if kind != _INCUMBENT and self._guard.must_stop():
            answer.user_interrupt = True

    def _note(self, out: Any, *, incumbent: bool) -> None:
        point = TracePoint(
            time_s=self._clock() - self._start,
            primal_bound=finite(out.mip_primal_bound),
            dual_bound=finite(out.mip_dual_bound),
            n_nodes=max(0, out.mip_node_count),
            incumbent=incumbent,
        )
        last = self._last
        if incumbent:
            self.n_incumbents += 1
            self.first = self.first or point
        elif (point.primal_bound, point.dual_bound) == (last.primal_bound, last.dual_bound):
            return
        self._integrate(point)
        self.trace.add(point)

    def _integrate(self, point: TracePoint) -> None:
        gap = gap_percent(self._last.primal_bound, self._last.dual_bound)
        self.integral += gap * (point.time_s - self._last.time_s)
        self._last = point


def gap_percent(primal: float | None, dual: float | None) -> float:
    """Return the gap in percent for SCIP's primal-dual integral, in [0, 100].

    100 without both bounds and for bounds of different signs, else their difference relative to the
    larger magnitude (``SCIPstatUpdatePrimalDualIntegrals`` in SCIP's ``stat.c``).
    """
    if primal is None or dual is None:
        return 100.0
    if primal == dual:
        return 0.0
    if primal * dual <= 0:
        return 100.0
    return min(100.0, 100.0 * abs(primal - dual) / max(abs(primal), abs(dual)))


def finite(value: float) -> float | None:
    """Return a finite number, or None for HiGHS's infinities and NaN."""
    return value if math.isfinite(value) else None
