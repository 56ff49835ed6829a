"""Caveats: differences that must not be ignored, such as limits, machines, clocks and versions."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bench.comparison.comparison import SubsetTable
from bench.comparison.look import Look
from bench.comparison.machines.split_pairs import are_split
from bench.comparison.options import CPU, DETERMINISTIC, Measure, Options
from bench.comparison.pairs import DEFAULT, Pairs
from bench.errors import UsageError
from bench.statistics.arrays import Floats

LIMITS = ("time_limit_s", "memory_limit_mib", "node_limit", "gap_limit", "n_threads")
ONE_SEED = "one seed only: seed noise is unknown and could explain the difference"
NOT_ALL_WORK = (
    "deterministic time does not count all work, and how much it leaves out depends on the setting "
    "(it can fall where CPU time rises): check with --measure cpu before you believe a difference"
)
EXAGGERATED = (
    "a sweep that stops early, because it is decided, exaggerates on average: its ratio is farther "
    "from 1 than the true one; the interval remains valid"
)
ALL_THREADS = (
    "CPU time adds up all threads: a solve with several threads can end earlier and count more; "
    "--measure wall compares the time to the answer"
)
MIN_INSTANCES = 20
"""From this number of instances on, intervals are reliable even if a mean is below its shift."""
SHOWN = 5
"""The number of settings that are named."""
REMEDY = "compare results of equal conditions, or pass --force"


def differences(pairs: Pairs) -> tuple[str, ...]:
    """Return as text how the settings differ, apart from their parameters.

    Limits, clocks and machines are compared pair by pair; solver and version belong to a setting,
    like its parameters. If a limit is missing in all results of a setting, it matches any limit.
    """
    return (
        *_limits(pairs),
        *_names(pairs, "clock"),
        *_split_pairs(pairs),
    )


def refuse(pairs: Pairs, *, force: bool) -> tuple[str, ...]:
    """Return warnings about such differences; UsageError if there are any, unless forced."""
    found = differences(pairs)
    if found and not force:
        raise UsageError(f"{'; '.join(found)}: {REMEDY}")
    return tuple(f"compared by force: {each}" for each in found)


def several_versions(pairs: Pairs) -> tuple[str, ...]:
    """Return a warning for each solver that has several versions under one name."""
    by_solver: dict[str, list[str]] = {}
    for solver, version in sorted(pairs.programs()):
        by_solver.setdefault(solver, []).append(version)
    return tuple(
        f"the settings differ in the version of {solver}: {', '.join(versions)}; a "
        "difference may come from the versions, from the parameters, or from both"
        for solver, versions in by_solver.items()
        if len(versions) > 1
    )


def one_seed(pairs: Pairs) -> tuple[str, ...]:
    """Return a warning if no instance was solved with a second seed or permutation."""
    if len(pairs) > int(pairs.instance[-1]) + 1:
        return ()
    return (ONE_SEED,)


def chosen_baseline(pairs: Pairs, named: str | None) -> tuple[str, ...]:
    """Return a note with the baseline and the reason, if the user has not chosen one."""
    baseline = pairs.settings[0]
    if named is not None or baseline == DEFAULT:
        return ()
    why = f"no baseline is named and no setting is called {DEFAULT!r}"
    return (f"{why}: the baseline is {baseline!r}, the first by name",)


def early_look(look: Look | None) -> tuple[str, ...]:
    """Return a warning about the ratio of a sweep that may have stopped because of it."""
    if look is None or not look.is_reached or look.size == look.last:
        return ()
    return (EXAGGERATED,)


def short_times(options: Options) -> tuple[str, ...]:
    """Return a note about the shift and clip of a sequential comparison of short solves."""
    look, usual = options.look, options.of
    if look is None or look.short_s is None:
        return ()
    note = (
        f"solves take {look.short_s:.2g} s on average at the first look: the shift is "
        f"{options.shift_used:g} s, and times below {options.clip_used:g} s count as "
        f"{options.clip_used:g} s, because the usual {usual.shift:g} s and {usual.clip or 0:g} s "
        "would hide differences (--shift and --clip override them)"
    )
    return (note,)


def measure_warning(measure: Measure) -> tuple[str, ...]:
    """Return a warning about a measure that does not count all work of a solver."""
    return (NOT_ALL_WORK,) if measure is DETERMINISTIC else ()


def several_threads(pairs: Pairs, measure: Measure) -> tuple[str, ...]:
    """Return a warning about CPU time of solves with several threads."""
    counts_cpu = measure is CPU or (measure.is_time and pairs.is_in("clock", ("cpu",)).any())
    several = bool((pairs.numbers("n_threads") > 1).any())
    return (ALL_THREADS,) if counts_cpu and several and measure.clock != "wall" else ()


def disturbed_results(pairs: Pairs) -> tuple[str, ...]:
    """Return a warning about results that were disturbed by other processes on the machine."""
    counts = (pairs.numbers("disturbed") > 0).sum(axis=0)
    if not counts.any():
        return ()
    n, n_settings = pairs.rows.shape
    each = [f"{name} {count} of {n}" for name, count in zip(pairs.settings, counts, strict=True)]
    shown = ", ".join(each[:SHOWN]) + ", ..." * (n_settings > SHOWN)
    of_each = f" ({shown})" if n_settings > 1 else ""
    n_all = n * n_settings
    found = f"{counts.sum()} of {n_all} results were disturbed by an external slowdown{of_each}"
    return (f"{found}; bench sweep --redo-disturbed executes such tasks again",)


def few_instances(table: SubsetTable, shift: float) -> tuple[str, ...]:
    """Return a warning if intervals are known to be too narrow.

    If the mean of few instances is below the shift, the log of the mean is far from normal: in
    simulations, 95 % intervals contained the true ratio in 85 to 91 % of them.
    """
    small = [row.setting for row in table.rows if row.sgm is not None and row.sgm < shift]
    if not small or not 1 < table.n_instances < MIN_INSTANCES:
        return ()
    settings = ", ".join(small[:3]) + ", ..." * (len(small) > 3)
    found = f"few instances ({table.n_instances}) and a mean below the shift of {shift:g}"
    return (f"{found} ({settings}): intervals may be too narrow",)


def _limits(pairs: Pairs) -> Iterator[str]:
    for column in LIMITS:
        values = pairs.numbers(column)
        known = ~np.isnan(values).all(axis=0)
        if known.sum() > 1 and _unequal(values[:, known]):
            yield _list_settings(pairs, column, [_limit(each) for each in values.T])


def _unequal(values: Floats) -> bool:
    unlimited = np.where(np.isnan(values), np.inf, values)
    return bool((unlimited != unlimited[:, :1]).any())


def _limit(values: Floats) -> str:
    numbers = np.unique(values)
    return "/".join("none" if np.isnan(each) else f"{each:g}" for each in numbers[:3])


def _names(pairs: Pairs, column: str) -> Iterator[str]:
    words = pairs.results[column].cat
    names, values = words.categories, words.codes.to_numpy()[pairs.rows]
    empty = [at for at, name in enumerate(names) if name == ""]
    known = ~np.isin(values, empty).all(axis=0)
    if known.sum() > 1 and (values[:, known] != values[:, known][:, :1]).any():
        yield _list_settings(
            pairs,
            column,
            ["/".join(sorted(str(names[at]) for at in np.unique(each))[:3]) for each in values.T],
        )


def _split_pairs(pairs: Pairs) -> Iterator[str]:
    """Yield a text if settings of a pair were measured on machines of different classes."""
    n_split = int(are_split(pairs).sum())
    for text in _names(pairs, "machine") if n_split else ():
        yield f"{n_split} of {len(pairs)} pairs were measured on different machines; {text}"


def _list_settings(all_pairs: Pairs, column: str, values: list[str]) -> str:
    pairs = ", ".join(
        f"{name} {each}" for name, each in zip(all_pairs.settings, values, strict=True)
    )
    return f"the settings differ in {column}: {pairs}"
