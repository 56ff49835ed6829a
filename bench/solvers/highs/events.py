"""HiGHS's callbacks: the trace of a solve, and the limits that HiGHS does not know."""

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
"""How often CPU time and memory are looked at: asking takes some 20 microseconds."""
MIB = 2**20
STATM = Path("/proc/self/statm")
"""Where Linux tells how many pages of a process are in memory."""


class Guard:
    """Says when a solve has to end, and why, in SCIP's status words.

    Memory is counted from what the process has when the guard is made: as in SCIP, the
    interpreter is not the solver's. A limit of wall time is HiGHS's own matter.
    """

    def __init__(self, limits: Limits) -> None:
        """Begin to count."""
        self.reason: str | None = None
        self._limits = limits
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
        return resident_mib() if self._limits.memory_mib is not None else 0.0


def resident_mib() -> float:
    """Return the resident memory of this process; without psutil where the kernel tells it."""
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
"""They ask whether to go on: of MIP, simplex, interior point and, since HiGHS 1.16, QP."""
HEARD = (
    *_INTERRUPTS,
    _TYPES.kCallbackMipImprovingSolution,
    _TYPES.kCallbackMipLogging,
    _TYPES.kCallbackLogging,
)


class Events:
    """Listens to one solve: trace, gap integral, log lines; and ends it when its guard says so.

    HiGHS calls back on the thread that solves, so that a signal is noticed at the next callback;
    presolve makes none. It costs 1 to 2 microseconds a simplex iteration of a pure LP (up to 5 % of
    a small one), and nothing that can be measured of a MIP; the search is the same as without.
    """

    def __init__(
        self, highs: Highs, clock: Clock, guard: Guard, show: Callable[[TracePoint], object]
    ) -> None:
        """Listen to the solve that begins now; its times are by this clock.

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
        listener: Any = self._hear
        highs.setCallback(listener, None)
        for kind in HEARD:
            highs.startCallback(kind)

    def end(self, primal: float | None, dual: float | None, n_nodes: int) -> TracePoint:
        """Take and return the bounds at the end, with the time the solve took."""
        found = primal is not None and self.first is None
        point = TracePoint(self._clock() - self._start, primal, dual, n_nodes, incumbent=found)
        self.first = point if found else self.first
        self._integrate(point)
        self.trace.add(point)
        return point

    def _hear(self, kind: int, message: str, out: Any, answer: Any, _: object) -> None:
        if kind == _LOGGING:
            self.lines.append(message)
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
    """Return the gap in percent by which SCIP's primal-dual integral counts, in [0, 100].

    100 without both bounds and for bounds of different signs, else their difference relative to
    the larger magnitude (``SCIPstatUpdatePrimalDualIntegrals`` in SCIP's ``stat.c``).
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
