"""What HiGHS tells while it solves, and how it is asked to stop."""

from __future__ import annotations

import math
import time
from typing import Any

from highspy import Highs, cb

from bench.model.answer import TracePoint
from bench.model.limits import Clock
from bench.solvers.highs.guard import Guard
from bench.solvers.trace import Thinned

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

    def __init__(self, highs: Highs, clock: Clock, guard: Guard) -> None:
        """Listen to the solve that begins now; its times are by this clock."""
        self.trace = Thinned()
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
