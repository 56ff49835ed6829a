"""A comparison: what results of several settings on common pairs say; only data, JSON-able.

A *pair* is an instance with a seed and a permutation. ``dataclasses.asdict`` makes it a tree of
plain values; what is not known or does not exist is None, never NaN.
"""

from __future__ import annotations

from dataclasses import dataclass

from bench.comparison.look import Look
from bench.statistics.censored import CensoredRatio
from bench.statistics.intervals import Interval, Variability
from bench.statistics.tests import Omnibus


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """On how many of the instances that count a difference could have been seen.

    ``n_informative`` of them tell two settings apart, or that they are alike. The others tell
    nothing: on ``n_both_at_limit`` both ended at a limit (or failed, and cost what the policy
    says), on ``n_both_clipped`` both are below the clip. ``n_at_limit`` have a result at a limit
    (the ``limit`` in words), ``n_baseline_cut`` one of the baseline alone, which makes the ratio
    too large, ``n_setting_cut`` one of the setting alone, which makes it too small.
    """

    n_instances: int
    n_informative: int
    n_both_at_limit: int
    n_both_clipped: int
    n_at_limit: int
    limit: str
    n_baseline_cut: int
    n_setting_cut: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CpuDifference:
    """A setting against the baseline by CPU time, tested like the measure itself."""

    ratio: float | None
    interval: Interval | None
    p_holm: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Disturbance:
    """How many of the results in the means something else on the machine has disturbed.

    ``n_baseline`` and ``n_setting`` of ``n_results`` each. ``by_wall`` says that the measure is
    wall time. Where the shares differ too much, ``cpu`` is the comparison by CPU time (None where
    CPU times do not compare), and ``slowdown`` the mean of ln(wall / CPU) of disturbed results.
    """

    n_results: int
    n_baseline: int
    n_setting: int
    by_wall: bool
    cpu: CpuDifference | None = None
    slowdown: float | None = None

    @property
    def excess(self) -> float:
        """The disturbed share of the setting less that of the baseline."""
        return (self.n_setting - self.n_baseline) / self.n_results


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineDifference:
    """A setting against the baseline.

    ``ratio`` is that of the shifted geometric means, below 1 where the setting is better; its
    ``interval`` is by instance, with all its seeds. ``wins``, ``losses`` and ``ties`` count
    all pairs of the subset, failures included. ``n_pairs`` are the instances that differ by 1 %
    or more, on which the Wilcoxon test is made; ``p_wilcoxon`` is None where they are too few, and
    ``p_holm`` is adjusted over all settings compared with the baseline. ``solved_more`` and
    ``solved_less`` count instances solved on more or fewer seeds than by the baseline, of all
    pairs of the subset, and ``p_mcnemar`` is the exact test of them.
    ``score`` is the geometric mean of how many times as fast it is, each within 0.1 and 10.
    ``deviation`` is the standard deviation over instances of the mean log ratio of shifted
    values, ``deviation_seeds`` that within instances (None with one seed). ``evidence`` is None
    where nothing counts. ``tobit`` is the ratio of shifted values (not of means) that allows for
    what a limit has cut, None where nothing is cut or too little is known. ``disturbance`` is
    None where nothing is known to have been disturbed.
    """

    ratio: float | None
    interval: Interval | None
    wins: int
    losses: int
    ties: int
    n_pairs: int
    p_wilcoxon: float | None
    p_holm: float | None
    solved_more: int
    solved_less: int
    p_mcnemar: float | None
    score: float | None
    deviation: float | None = None
    deviation_seeds: float | None = None
    evidence: Evidence | None = None
    tobit: CensoredRatio | None = None
    disturbance: Disturbance | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingRow:
    """One setting on one subset.

    ``solved``, ``limits``, ``wrong`` and ``failed`` add up to the pairs of the subset, of which
    ``disturbed`` were disturbed by something else on the machine. ``sgm``,
    ``mean``, ``geometric_mean``, ``median`` and ``total`` are of the chosen measure over the
    pairs that count; all but the ``total`` are of values of at least the clip. ``time_sgm1_s``
    (shift 1 s, clip 0.5 s) and ``nodes_sgm100`` always stand beside it.
    ``par2_s`` and ``par10_s`` are over all pairs, whatever is not solved at 2 or 10 times the
    limit. The integrals are of gaps in [0, 1] over seconds (a hundredth of SCIP's primal-dual
    integral), and means over the pairs on which all settings have one. ``rank`` is the average
    rank over instances.
    ``wins_any`` counts pairs within the ratio tolerance of the best setting. ``against`` is None
    for the baseline itself.
    """

    setting: str
    solved: int
    limits: int
    wrong: int
    failed: int
    disturbed: int
    sgm: float | None
    mean: float | None
    geometric_mean: float | None
    median: float | None
    total: float | None
    time_sgm1_s: float | None
    nodes_sgm100: float | None
    par2_s: float | None
    par10_s: float | None
    primal_integral: float | None
    dual_integral: float | None
    primal_dual_integral: float | None
    rank: float | None
    wins_any: int
    variability: Variability | None
    against: BaselineDifference | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualBest:
    """The best setting of each pair, put together; the bound on what choosing can gain."""

    solved: int
    sgm: float | None
    nodes_sgm100: float | None
    par10_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SingleBest:
    """The best setting of all, by each cost (they need not agree)."""

    by_sgm: str | None
    by_par10: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubsetTable:
    """All settings on one subset of the common pairs.

    ``n_blocks`` are in the subset, ``n_counted`` of them in the means (the others are excluded
    for all settings), and these belong to ``n_instances``.
    """

    subset: str
    n_blocks: int
    n_counted: int
    n_instances: int
    rows: tuple[SettingRow, ...]
    virtual_best: VirtualBest
    single_best: SingleBest
    omnibus: Omnibus | None

    def row(self, setting: str) -> SettingRow:
        """Return the row of a setting; KeyError if it has none."""
        for row in self.rows:
            if row.setting == setting:
                return row
        raise KeyError(setting)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoiseFloor:
    """The smallest relative difference that can be told from none: 0.02 is 2 %.

    ``source`` is ``repetitions`` (the same tasks executed twice) or ``seeds``; ``n`` counts the
    pairs it is known from.
    """

    value: float
    source: str
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What the numbers stand on; to be shown with them."""

    measure: str
    unit: str
    shift: float
    clip: float | None
    failures: str
    ratio_tolerance: float
    difference_tolerance: float
    level: float
    n_resamples: int
    rng_seed: int
    n_results: int
    n_blocks: int
    n_instances: int
    seeds: tuple[int, ...]
    permutations: tuple[int, ...]
    time_limits_s: tuple[float, ...]
    memory_limits_mib: tuple[float, ...]
    clocks: tuple[str, ...]
    solvers: tuple[str, ...]
    machines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Settings compared on the pairs that all of them have.

    ``settings`` starts with the baseline; ``failures`` counts the wrong and failed results of
    each of them on all common pairs. ``tables`` has one table a subset. ``notes`` say what was
    excluded and why, ``warnings`` what a reader must know before believing the numbers. ``look``
    is the one at which a sweep is compared that was declared with looks, else None.
    """

    baseline: str
    settings: tuple[str, ...]
    failures: tuple[int, ...]
    tables: tuple[SubsetTable, ...]
    basis: Basis
    noise: NoiseFloor | None
    notes: tuple[str, ...]
    warnings: tuple[str, ...]
    look: Look | None = None

    def table(self, subset: str = "all") -> SubsetTable:
        """Return the table of a subset; KeyError if it was not asked for."""
        for table in self.tables:
            if table.subset == subset:
                return table
        raise KeyError(subset)

    def failures_of(self, setting: str) -> int:
        """Return how many results of a setting are wrong or failed, on all common pairs."""
        return self.failures[self.settings.index(setting)]
