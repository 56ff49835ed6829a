"""The options of a comparison, and the measures that it supports."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bench.comparison.look import Look
from bench.errors import UsageError
from bench.model.results.solver_output import GAP_PERCENTS, time_to_gap_column
from bench.statistics.means import NODE_SHIFT, TIME_CLIP_S, TIME_SHIFT_S


@dataclass(frozen=True, slots=True)
class Measure:
    """A column of the table of results that can be compared; less is better.

    ``shift`` and ``clip`` are the defaults of its shifted geometric mean. ``clock`` is the clock
    whose time limit bounds it (empty: that of the task). ``of_bounds``: it is the time until the
    bounds reached a quality, regardless of the end of the solve. ``at_any_end``: a time limit does
    not truncate it.
    """

    name: str
    column: str
    unit: str
    shift: float
    clip: float | None = None
    clock: str = ""
    of_bounds: bool = False
    at_any_end: bool = False

    @property
    def is_time(self) -> bool:
        """Whether it is measured in seconds, so that a time limit bounds it."""
        return self.unit == "s"


def _time(name: str, column: str, clock: str = "") -> Measure:
    return Measure(name, column, "s", TIME_SHIFT_S, TIME_CLIP_S, clock)


def _of_bounds(name: str, column: str) -> Measure:
    return Measure(name, column, "s", TIME_SHIFT_S, TIME_CLIP_S, of_bounds=True)


SOLVE = _time("solve", "solve_time_s")
CPU = _time("cpu", "solve_cpu_s", "cpu")
NODES = Measure("nodes", "n_nodes", "nodes", NODE_SHIFT)
DETERMINISTIC = Measure("deterministic", "deterministic_time", "ticks", TIME_SHIFT_S)
MEASURES = {
    measure.name: measure
    for measure in (
        SOLVE,
        _time("wall", "solve_wall_s", "wall"),
        CPU,
        NODES,
        Measure("lp_iterations", "n_lp_iterations", "LP iterations", 1000.0),
        DETERMINISTIC,
        Measure("primal_dual_integral", "primal_dual_integral", "% s", 100.0, at_any_end=True),
        _of_bounds("first_solution", "first_incumbent_time_s"),
        *(
            _of_bounds(f"gap_{percent}_percent", time_to_gap_column(percent))
            for percent in GAP_PERCENTS
        ),
    )
}
"""All measures by name; ``solve`` is the solver's own time by the clock of the task."""


MEASURE_TEXTS = {
    "solve": "solving time",
    "wall": "wall time of the solve",
    "cpu": "CPU time of the solve",
    "nodes": "number of nodes",
    "lp_iterations": "number of LP iterations",
    "deterministic": "deterministic time",
    "primal_dual_integral": "primal-dual integral",
    "first_solution": "time to the first solution",
    **{f"gap_{percent}_percent": f"time to a gap of {percent} %" for percent in GAP_PERCENTS},
}
"""What each measure is, for a reader."""


def measure_text(name: str, unit: str) -> str:
    """Return a measure in words, with its unit where the words do not have it."""
    text = MEASURE_TEXTS.get(name, name)
    return text if text.endswith(unit) else f"{text} in {unit}"


def measure_label(measure: Measure) -> str:
    """Return the label of an axis or column: a time with its unit, else the unit alone."""
    if measure.is_time or measure.unit == "ticks":
        return f"{MEASURE_TEXTS[measure.name]} ({measure.unit})"
    return measure.unit


def measure_named(name: str) -> Measure:
    """Return the measure of this name; UsageError, with the known names, if there is none."""
    if name not in MEASURES:
        raise UsageError(f"unknown measure {name!r}; known: {', '.join(MEASURES)}")
    return MEASURES[name]


SUBSETS = (
    *("all", "clean", "affected"),
    *("[0,T]", "[1,T]", "[10,T]", "[100,T]"),
    *("all-optimal", "different-limits"),
)
"""The subsets of pairs; `bench.comparison.costs` defines them."""


class Failures(StrEnum):
    """The cost of a wrong or failed result in a mean.

    ``EXCLUDE``: its pair is excluded from all means, for all settings. ``CAP``: the time limit.
    ``PAR10``: ten times the time limit. ``KEEP``: the recorded value, as in the footers of SCIP's
    ``check.awk``.
    """

    EXCLUDE = "exclude"
    CAP = "cap"
    PAR10 = "par10"
    KEEP = "keep"


FAILURES_TEXT = {
    Failures.EXCLUDE: "excluded",
    Failures.CAP: "count as the time limit",
    Failures.PAR10: "count as ten times the time limit",
    Failures.KEEP: "count as recorded",
}
"""What a mean makes of wrong and failed results, for a reader."""


class Timeouts(StrEnum):
    """The value of a result that ended at the time limit.

    ``LIMIT``: the limit. ``MEASURED``: its time, at most the limit, as in the tables of PAVER; a
    solver may stop just below the limit. Results that ran out of memory always count with the
    limit.
    """

    LIMIT = "limit"
    MEASURED = "measured"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How results are compared.

    ``baseline`` is a setting's name (None: ``default`` if there is one, or else the first by name).
    ``only`` names the compared settings (none: all). ``shift`` and ``clip`` default to those of the
    measure; if a shift is given, there is no clip unless one is given too, so that 10 is
    Mittelmann's mean. A setting wins a pair if it takes less than 1 / ``ratio_tolerance`` of the
    baseline's cost and at least ``difference_tolerance`` less, as in SCIP's ``cmpres.awk``.
    Intervals have level ``1 - alpha`` and come from ``n_resamples`` resamples drawn with
    ``rng_seed``. ``force`` allows different limits, machines or clocks, and adds a note.
    ``left_out`` are lines about results that do not count and are not in the table; they come first
    among the notes. If the comparison is sequential, ``look`` is its look and ``alpha`` the level
    of that look; if ``look`` is None, the results show whether their sweep has looks
    (`bench.comparison.sequential`).
    """

    baseline: str | None = None
    only: tuple[str, ...] = ()
    measure: str = "solve"
    shift: float | None = None
    clip: float | None = None
    failures: Failures = Failures.EXCLUDE
    timeouts: Timeouts = Timeouts.LIMIT
    ratio_tolerance: float = 1.1
    difference_tolerance: float = 0.2
    subsets: tuple[str, ...] = SUBSETS
    alpha: float = 0.05
    n_resamples: int = 2000
    rng_seed: int = 1
    force: bool = False
    left_out: tuple[str, ...] = ()
    look: Look | None = None

    def __post_init__(self) -> None:
        """Check the values; UsageError names what is wrong."""
        measure_named(self.measure)
        unknown = [name for name in self.subsets if name not in SUBSETS]
        if unknown:
            raise UsageError(f"unknown subset {unknown[0]!r}; known: {', '.join(SUBSETS)}")
        if not 0 < self.alpha < 1:
            raise UsageError(f"alpha is between 0 and 1, not {self.alpha}")
        if self.n_resamples < 100:
            raise UsageError(f"an interval needs at least 100 resamples, not {self.n_resamples}")
        for name, value in (("shift", self.shift), ("clip", self.clip)):
            if value is not None and value < 0:
                raise UsageError(f"{name} must not be negative, but is {value}")

    @property
    def of(self) -> Measure:
        """The measure by its name."""
        return measure_named(self.measure)

    @property
    def shift_used(self) -> float:
        """The effective shift of the mean."""
        return self.of.shift if self.shift is None else self.shift

    @property
    def clip_used(self) -> float | None:
        """The effective lower bound of each value; None for no bound."""
        if self.clip is not None:
            return self.clip
        return self.of.clip if self.shift is None else None
