"""The trace of a solve: bounds over time, thinned as they arrive."""

from __future__ import annotations

from collections.abc import Callable

from bench.model.results.solver_output import TracePoint

MOST_POINTS = 500


class ThinnedTrace:
    """Points in order of time: every incumbent, and an even selection of the others.

    At most ``most`` points are kept (more only if there are more incumbents), for any duration:
    when they are full, every other one of the rest is dropped, and from then on only each second,
    fourth, ... point is added.
    """

    def __init__(
        self, most: int = MOST_POINTS, show: Callable[[TracePoint], object] = lambda _: None
    ) -> None:
        """Start empty; ``show`` is called with each point, kept or not."""
        self._show = show
        self._most = most
        self._points: list[TracePoint] = []
        self._stride = 1
        self._n_seen = 0
        self._last: TracePoint | None = None

    def add(self, point: TracePoint) -> None:
        """Add a point that is not earlier than the previous ones."""
        self._last = point
        self._show(point)
        if not point.incumbent:
            self._n_seen += 1
            if self._points and (self._n_seen - 1) % self._stride:
                return
        self._points.append(point)
        if len(self._points) >= self._most:
            self._thin()

    def points(self) -> tuple[TracePoint, ...]:
        """Return the kept points, including always the first and the last."""
        if self._last is None or self._points[-1] is self._last:
            return tuple(self._points)
        return (*self._points, self._last)

    def _thin(self) -> None:
        first, *rest = self._points
        kept = [first]
        drop = False
        for point in rest:
            if not point.incumbent:
                drop = not drop
            if point.incumbent or not drop:
                kept.append(point)
        if len(kept) < len(self._points):
            self._points = kept
            self._stride *= 2
