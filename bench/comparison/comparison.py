"""A comparison of several settings on common pairs, as plain data that JSON can represent.

A *pair* is an instance with a seed and a permutation. ``dataclasses.asdict`` turns it into plain
values; unknown and missing values are None, never NaN.
"""

from __future__ import annotations

from dataclasses import dataclass

from bench.comparison.look import Look
from bench.statistics.censored import CensoredRatio
from bench.statistics.intervals import Interval, Variability
from bench.statistics.tests import Omnibus


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """How many of the instances that count give information about a difference.

    ``n_informative`` of them show a difference of two settings, or that they are equal. The others
    give none: on ``n_both_at_limit`` both ended at a limit (or failed, and cost what the policy
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
    """A setting against the baseline by CPU time, with the same tests as the measure itself."""

    ratio: float | None
    interval: Interval | None
    p_holm: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Disturbance:
    """How many of the results in the means were disturbed by other processes on the machine.

    The numbers are ``n_baseline`` and ``n_setting`` of ``n_results`` each. ``by_wall``: the measure
    is wall time. If the shares differ too much, ``cpu`` is the comparison by CPU time (None if CPU
    times cannot be compared), and ``slowdown`` the mean of ln(wall / CPU) of disturbed results.
    """

    n_results: int
    n_baseline: int
    n_setting: int
    by_wall: bool
    cpu: CpuDifference | None = None
    slowdown: float | None = None

    @property
    def excess(self) -> float:
        """The disturbed share of the setting minus that of the baseline."""
        return (self.n_setting - self.n_baseline) / self.n_results


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineDifference:
    """A setting against the baseline.

    ``ratio`` is that of the shifted geometric means, below 1 if the setting is better; its
    ``interval`` is by instance, with all its seeds. ``wins``, ``losses`` and ``ties`` count all
    pairs of the subset, failures included. ``n_pairs`` are the instances that differ by 1 % or
    more, on which the Wilcoxon test is made; ``p_wilcoxon`` is None if they are too few, and
    ``p_holm`` is adjusted over all settings compared with the baseline. ``solved_more`` and
    ``solved_less`` count instances solved on more or fewer seeds than by the baseline, of all pairs
    of the subset, and ``p_mcnemar`` is the exact test of them. ``score`` is the geometric mean of
    how many times as fast it is, each within 0.1 and 10. ``deviation`` is the standard deviation
    over instances of the mean log ratio of shifted values, ``deviation_seeds`` that within
    instances (None with one seed). ``evidence`` is None if no result counts. ``tobit`` is the ratio
    of shifted values (not of means) that takes results at a limit into account, None if there are
    none or too little is known. ``disturbance`` is None if no result is known to be disturbed.
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
    ``disturbed`` were disturbed by other processes. ``sgm``, ``mean``, ``geometric_mean``,
    ``median`` and ``total`` summarize the chosen measure over the pairs that count; all except
    ``total`` use clipped values. ``time_sgm1_s`` (shift 1 s, clip 0.5 s) and ``nodes_sgm100`` are
    always included. ``par2_s`` and ``par10_s`` are means over all pairs, where unsolved pairs count
    with 2 or 10 times the limit. The integrals are of gaps in [0, 1] over seconds (a hundredth of
    SCIP's primal-dual integral), and means over the pairs on which all settings have one. ``rank``
    is the average rank over instances. ``wins_any`` counts pairs within the ratio tolerance of the
    best setting. ``against`` is None for the baseline itself.
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
    """The best setting on each pair combined: the bound on the gain from choosing by instance."""

    solved: int
    sgm: float | None
    nodes_sgm100: float | None
    par10_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SingleBest:
    """The best setting overall, for each kind of cost (they may differ)."""

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
    """The smallest relative difference that exceeds noise: 0.02 is 2 %.

    ``source`` is ``repetitions`` (the same tasks executed twice) or ``seeds``; ``n`` is the number
    of pairs that it is computed from.
    """

    value: float
    source: str
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """The basis of the numbers, to be shown with them."""

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
class MachineRatio:
    """The ratio of a setting to the baseline on the pairs of one machine, with its interval."""

    setting: str
    ratio: float | None
    interval: Interval | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineRow:
    """A machine, or a class of machines, with the pairs that were measured on it.

    ``reference_s`` is the median time of the reference solve there, None if unknown.
    """

    machine: str
    n_pairs: int
    n_instances: int
    reference_s: float | None
    ratios: tuple[MachineRatio, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineAgreement:
    """The p-value of the test that a setting's log ratios are equal on all machines."""

    setting: str
    p: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineFactor:
    """The dependence on machines, if pairs were measured on several.

    ``by`` is the column that distinguishes them, ``machine`` or ``machine_class``.
    """

    by: str
    rows: tuple[MachineRow, ...]
    agreement: tuple[MachineAgreement, ...]
    level: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Settings compared on the pairs that all of them have.

    ``settings`` starts with the baseline; ``failures`` counts the wrong and failed results of each
    of them on all common pairs. ``tables`` has one table per subset. ``notes`` are exclusions with
    their reasons, ``warnings`` are caveats about the numbers. ``look`` is the present look of a
    sweep with looks, else None. ``machines`` is None if all pairs were measured on one machine, or
    if this is unknown.
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
    machines: MachineFactor | None = None

    def table(self, subset: str = "all") -> SubsetTable:
        """Return the table of a subset; KeyError if it was not requested."""
        for table in self.tables:
            if table.subset == subset:
                return table
        raise KeyError(subset)

    def failures_of(self, setting: str) -> int:
        """Return how many results of a setting are wrong or failed, on all common pairs."""
        return self.failures[self.settings.index(setting)]
