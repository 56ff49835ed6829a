"""Measures: what is compared, in which unit, and how its mean is taken."""

from __future__ import annotations

from dataclasses import dataclass

from bench.errors import UsageError
from bench.statistics.means import NODE_SHIFT, TIME_CLIP_S, TIME_SHIFT_S


@dataclass(frozen=True, slots=True)
class Measure:
    """A column of the table of results that can be compared; less is better.

    ``shift`` and ``clip`` are those of its shifted geometric mean unless something else is said.
    ``clock`` is the clock whose time limit bounds it (empty: that of the task).
    """

    name: str
    column: str
    unit: str
    shift: float
    clip: float | None = None
    clock: str = ""

    @property
    def is_time(self) -> bool:
        """Whether it is measured in seconds, so that a time limit bounds it."""
        return self.unit == "s"


def _time(name: str, column: str, clock: str = "") -> Measure:
    return Measure(name, column, "s", TIME_SHIFT_S, TIME_CLIP_S, clock)


SOLVE = _time("solve", "solve_time_s")
NODES = Measure("nodes", "n_nodes", "nodes", NODE_SHIFT)
MEASURES = {
    measure.name: measure
    for measure in (
        SOLVE,
        _time("wall", "solve_wall_s", "wall"),
        _time("cpu", "solve_cpu_s", "cpu"),
        NODES,
        Measure("lp_iterations", "n_lp_iterations", "LP iterations", 1000.0),
        Measure("deterministic", "deterministic_time", "ticks", TIME_SHIFT_S),
    )
}
"""All measures by name; ``solve`` is the solver's own time by the clock of the task."""


def measure_named(name: str) -> Measure:
    """Return the measure of this name; UsageError, with the names there are, if none has it."""
    if name not in MEASURES:
        raise UsageError(f"there is no measure {name!r}; there are: {', '.join(MEASURES)}")
    return MEASURES[name]
