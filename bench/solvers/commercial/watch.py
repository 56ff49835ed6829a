"""The watch over one solve in this process: bounds over time, and when it has to stop."""

from __future__ import annotations

import math
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bench.model.limits import Clock, Limits
from bench.model.results.solver_output import TracePoint
from bench.solvers.trace import ThinnedTrace

INFINITE = 1e20
"""Numbers of at least this magnitude mean "no bound", in all of these solvers."""


def finite(value: float | None) -> float | None:
    """Return a bound, None for a number that means none."""
    if value is None or not math.isfinite(value) or abs(value) >= INFINITE:
        return None
    return float(value)


class Interruption:
    """Whether the user has asked to stop, and the action to take at once, from another thread."""

    def __init__(self) -> None:
        """Begin: nobody has asked to stop, and there is nothing to do if somebody does."""
        self.is_asked = False
        self.act: Callable[[], None] = lambda: None


class Watch:
    """Records the bounds from callbacks, and decides when the solve has to stop, and why.

    Times are by the task's clock. The solver itself enforces a limit on wall time; CPU time, which
    it may not count, is checked here.
    """

    def __init__(
        self, limits: Limits, interruption: Interruption, show: Callable[[TracePoint], object]
    ) -> None:
        """Start the clock; ``show`` is called with each point of the trace."""
        self.trace = ThinnedTrace(show=show)
        self.reason: str | None = None
        self.first: TracePoint | None = None
        self.integral = 0.0
        self._limits, self._interruption = limits, interruption
        by_cpu = limits.clock is Clock.CPU
        self._clock = time.process_time if by_cpu else time.perf_counter
        self._start = self._clock()
        self._last = TracePoint(0.0, None, None, 0)

    def note(self, primal: float | None, dual: float | None, n_nodes: float) -> None:
        """Record the present bounds if they have changed."""
        last = self._last
        primal, dual = finite(primal), finite(dual)
        if (primal, dual) != (last.primal_bound, last.dual_bound):
            self._add(primal, dual, n_nodes)

    def end(self, primal: float | None, dual: float | None, n_nodes: float) -> TracePoint:
        """Record and return the final bounds, with the duration of the solve."""
        return self._add(finite(primal), finite(dual), n_nodes)

    def must_stop(self) -> bool:
        """Return whether the solve has to end; ``reason`` is then the reason in SCIP's words."""
        limits = self._limits
        if self.reason is None and self._interruption.is_asked:
            self.reason = "userinterrupt"
        if self.reason is None and limits.clock is Clock.CPU and limits.time_s is not None:
            self.reason = "timelimit" if self._elapsed() >= limits.time_s else None
        return self.reason is not None

    def _elapsed(self) -> float:
        return self._clock() - self._start

    def _add(self, primal: float | None, dual: float | None, n_nodes: float) -> TracePoint:
        last = self._last
        better = primal is not None and primal != last.primal_bound
        point = TracePoint(self._elapsed(), primal, dual, int(max(0, n_nodes)), better)
        self.integral += 100 * last.gap * (point.time_s - last.time_s)
        self.first = self.first or (point if better else None)
        self._last = point
        self.trace.add(point)
        return point


@contextmanager
def interruptible() -> Iterator[Interruption]:
    """Notice SIGINT in any thread, without ending anything by itself.

    A thread waits for the signal, which is blocked in all other threads, including those of the
    solver: some solvers would die of it, and none calls Python's handler during a solve.
    """
    interruption = Interruption()
    if threading.current_thread() is not threading.main_thread():
        yield interruption
        return
    over = threading.Event()

    def wait() -> None:
        while not over.is_set():
            found = signal.sigtimedwait({signal.SIGINT}, 0.1)
            # without a signal, Python may return garbage if another signal came before the timeout
            if found is not None and found.si_signo == signal.SIGINT:
                interruption.is_asked = True
                interruption.act()

    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    try:
        yield interruption
    finally:
        over.set()
        thread.join()
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
