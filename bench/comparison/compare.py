"""Comparing: results in, a comparison out."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from bench.comparison.comparison import Basis, Comparison, NoiseFloor, SubsetTable
from bench.comparison.costs import Costs, costs, have_logarithms, subset
from bench.comparison.disturbance import with_disturbances
from bench.comparison.machines.factor import factor_notes, machine_factor
from bench.comparison.machines.split_pairs import machine_notes, without_split_pairs
from bench.comparison.machines.workers import rows_of_table, worker_lines, workers
from bench.comparison.noise_floor import describe_noise, floor
from bench.comparison.normalize import newest, normalize, selected
from bench.comparison.options import CPU, Options
from bench.comparison.pairs import Pairs, align_pairs
from bench.comparison.sequential import at_look
from bench.comparison.setting_rows import table
from bench.comparison.wording.caveats import (
    chosen_baseline,
    disturbed_results,
    early_look,
    few_instances,
    measure_warning,
    one_seed,
    refuse,
    several_threads,
    several_versions,
    short_times,
)
from bench.model import solver_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Aligned results with their costs, ready for means, tests and figures.

    ``options`` are those of the comparison, with the level, shift and clip of its look.
    """

    options: Options
    pairs: Pairs
    costs: Costs
    noise: NoiseFloor | None
    notes: tuple[str, ...]
    warnings: tuple[str, ...]


def compare(frame: pd.DataFrame, options: Options | None = None) -> Comparison:
    """Return the comparison of the settings in a table of results.

    ``frame`` has one row per result and the columns of `bench.journal.table`; ``instance``,
    ``setting`` and ``verdict`` are required, others may be absent or empty. The order of rows does
    not matter (except that it distinguishes new from old if ``started_at`` is unknown). Raise
    UsageError if there is nothing to compare, or if the results must not be compared.
    """
    frame, options = at_look(frame, options or Options())
    ready = prepare(frame, options)
    pairs = ready.pairs
    tables = tuple(
        table(pairs, ready.costs, options, name, subset(pairs, name)) for name in options.subsets
    )
    tables = (_with_disturbances(tables[0], ready, options), *tables[1:])
    machines = machine_factor(pairs, ready.costs, options)
    return Comparison(
        baseline=pairs.settings[0],
        settings=pairs.settings,
        failures=tuple(int(n) for n in (pairs.wrong | pairs.failed).sum(axis=0)),
        tables=tables,
        basis=_basis(pairs, options, len(frame)),
        noise=ready.noise,
        notes=(*ready.notes, *factor_notes(machines, pairs)),
        warnings=(*ready.warnings, *few_instances(tables[0], options.shift_used)),
        look=options.look,
        machines=machines,
    )


def prepare(frame: pd.DataFrame, options: Options) -> Prepared:
    """Return the input of a comparison; arguments and errors as in `compare`."""
    frame, options = at_look(frame, options)
    everything, notes = normalize(frame)
    everything = selected(everything, options.only)
    results, repeated = newest(everything)
    pairs = align_pairs(results, options.baseline)
    pairs, left_out = (pairs, ()) if options.force else without_split_pairs(pairs)
    forced = refuse(pairs, force=options.force)
    spent = costs(pairs, options.of, options.failures, options.timeouts)
    have_logarithms(spent, options)
    noise = floor(everything, options)
    return Prepared(
        options=options,
        pairs=pairs,
        costs=spent,
        noise=noise,
        notes=(
            *chosen_baseline(pairs, options.baseline),
            *options.left_out,
            *short_times(options),
            *notes,
            *repeated,
            *pairs.notes,
            *machine_notes(pairs),
            *spent.notes,
            *describe_noise(noise),
            *worker_lines(workers(rows_of_table(pairs.results.iloc[pairs.rows.ravel()]))),
        ),
        warnings=(
            *forced,
            *left_out,
            *early_look(options.look),
            *several_versions(pairs),
            *measure_warning(options.of),
            *several_threads(pairs, options.of),
            *one_seed(pairs),
            *disturbed_results(pairs),
        ),
    )


def _with_disturbances(found: SubsetTable, ready: Prepared, options: Options) -> SubsetTable:
    """Return the first table, which determines the conclusions, with its disturbances."""
    pairs, members = ready.pairs, subset(ready.pairs, found.subset)

    def by_cpu() -> SubsetTable:
        spent = costs(pairs, CPU, options.failures)
        return table(pairs, spent, replace(options, measure=CPU.name), found.subset, members)

    counted = members & ready.costs.counted
    return with_disturbances(found, pairs, counted, options, by_cpu)


def _basis(pairs: Pairs, options: Options, n_results: int) -> Basis:
    return Basis(
        measure=options.measure,
        unit=options.of.unit,
        shift=options.shift_used,
        clip=options.clip_used,
        failures=options.failures.value,
        ratio_tolerance=options.ratio_tolerance,
        difference_tolerance=options.difference_tolerance,
        level=1 - options.alpha,
        n_resamples=options.n_resamples,
        rng_seed=options.rng_seed,
        n_results=n_results,
        n_blocks=len(pairs),
        n_instances=int(pairs.instance[-1]) + 1,
        seeds=tuple(map(int, _values(pairs, "seed"))),
        permutations=tuple(map(int, _values(pairs, "permutation"))),
        time_limits_s=_values(pairs, "time_limit_s"),
        memory_limits_mib=_values(pairs, "memory_limit_mib"),
        clocks=pairs.distinct("clock"),
        solvers=tuple(sorted(solver_name.text(*each) for each in pairs.programs() if any(each))),
        machines=pairs.distinct("machine"),
    )


def _values(pairs: Pairs, column: str) -> tuple[float, ...]:
    values = pairs.numbers(column)
    return tuple(map(float, np.unique(values[~np.isnan(values)])))
