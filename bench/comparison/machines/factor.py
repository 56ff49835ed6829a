"""Machines as a factor: the ratio to the baseline on each machine, and whether they agree.

All settings of a pair were measured on one machine, or on machines of one class, so each machine
has a ratio of its own.
Machines also have different pairs, so a difference between machines may be due to their instances.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from bench.comparison.comparison import MachineAgreement, MachineFactor, MachineRatio, MachineRow
from bench.comparison.costs import Costs
from bench.comparison.machines.split_pairs import MACHINE, MACHINE_CLASS, are_on_several
from bench.comparison.options import Options
from bench.comparison.pairs import Pairs
from bench.comparison.setting_rows import table
from bench.statistics.arrays import Bools, Floats, Ints, number
from bench.statistics.tests import kruskal

MOST = 12
"""The number of machines that are shown separately: those with the most pairs. The others are
combined.
"""
LEAST_INSTANCES = 5
"""A machine with fewer instances has a ratio, but is in no test."""
SHOWN = 3


def machine_factor(pairs: Pairs, costs: Costs, options: Options) -> MachineFactor | None:
    """Return the ratios on each machine, None if there is one machine or they are unknown.

    They are grouped by class of machine if there are several classes, else by machine.
    """
    by = MACHINE_CLASS if len(pairs.distinct(MACHINE_CLASS)) > 1 else MACHINE
    names = np.array(pairs.words(by), dtype=object)
    members = _members(names)
    if len(members) < 2:
        return None
    light = replace(options, n_resamples=min(options.n_resamples, 2000))
    rows = tuple(_row(name, pairs, costs, light, chosen) for name, chosen in members.items())
    agreement = _agreement(pairs, costs, options, members)
    return MachineFactor(by=by, rows=rows, agreement=agreement, level=options.alpha)


def factor_notes(found: MachineFactor | None, pairs: Pairs) -> tuple[str, ...]:
    """Return a sentence on the machines of the pairs: the ratios, and whether they agree."""
    if found is None:
        return ()
    n_pairs = ", ".join(f"{row.machine} {row.n_pairs}" for row in found.rows[:SHOWN])
    more = f", and {len(found.rows) - SHOWN} more" * (len(found.rows) > SHOWN)
    kind = "machine classes" if found.by == MACHINE_CLASS else "machines"
    head = f"results come from {len(found.rows)} {kind} (pairs: {n_pairs}{more})"
    each = [_of_setting(found, one) for one in found.agreement]
    if are_on_several(pairs).any():
        whole = "a pair counts for the machine of its baseline"
    else:
        whole = "all settings of a pair were measured on one machine"
    return (f"{head}; {whole}", *each)


def _of_setting(found: MachineFactor, one: MachineAgreement) -> str:
    known = [
        (ratio.ratio, row.machine)
        for row in found.rows
        for ratio in row.ratios
        if ratio.setting == one.setting and ratio.ratio is not None
    ]
    if not known:
        return f"{one.setting}: no machine has a ratio"
    (low, lowest), (high, highest) = min(known), max(known)
    ratios = f"{one.setting}: the ratio is {low:.3f} on {lowest} and {high:.3f} on {highest}"
    if one.p is None:
        return f"{ratios}; too few instances on each machine to test whether machines agree"
    if one.p >= found.level:
        return f"{ratios}; no sign that machines disagree (Kruskal-Wallis, p = {one.p:.2g})"
    return (
        f"{ratios}; the machines disagree (Kruskal-Wallis, p = {one.p:.2g}), because of the "
        "machines or of the instances that each had; see --table machines"
    )


def _members(names: npt.NDArray[np.object_]) -> dict[str, Bools]:
    """Return the pairs of each machine, the one with most pairs first."""
    found, counts = np.unique(names[names != ""].astype(str), return_counts=True)
    order = sorted(zip(-counts, found, strict=True))
    shown = [str(name) for _, name in order[:MOST]]
    members: dict[str, Bools] = {name: names == name for name in shown}
    if others := [str(name) for _, name in order[MOST:]]:
        members[f"{len(others)} others"] = np.isin(names.astype(str), others)
    return members


def _row(machine: str, pairs: Pairs, costs: Costs, options: Options, members: Bools) -> MachineRow:
    found = table(pairs, costs, options, machine, members)
    seconds = pairs.numbers("worker_reference_s")[members]
    ratios = tuple(
        MachineRatio(setting=row.setting, ratio=row.against.ratio, interval=row.against.interval)
        for row in found.rows
        if row.against is not None
    )
    return MachineRow(
        machine=machine,
        n_pairs=found.n_blocks,
        n_instances=found.n_instances,
        reference_s=None if np.isnan(seconds).all() else number(np.nanmedian(seconds)),
        ratios=ratios,
    )


def _agreement(
    pairs: Pairs, costs: Costs, options: Options, members: dict[str, Bools]
) -> tuple[MachineAgreement, ...]:
    """Return for each setting whether its log ratios are equal on all machines."""
    amounts = costs.amounts
    if options.clip_used is not None:
        amounts = np.maximum(amounts, options.clip_used)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(amounts + options.shift_used)
        differences = logs - logs[:, :1]
    samples = [
        _by_instance(differences[used], pairs.instance[used])
        for used in (chosen & costs.counted for chosen in members.values())
    ]
    samples = [sample for sample in samples if len(sample) >= LEAST_INSTANCES]
    return tuple(
        MachineAgreement(setting=name, p=kruskal([sample[:, at] for sample in samples]))
        for at, name in enumerate(pairs.settings)
        if at
    )


def _by_instance(values: Floats, instance: Ints) -> Floats:
    """Return the means over the pairs of each instance, because its seeds are not independent."""
    if not len(values):
        return values
    starts = np.flatnonzero(np.diff(instance, prepend=-1))
    sums = np.add.reduceat(values, starts, axis=0)
    return np.asarray(sums / np.diff(starts, append=len(instance))[:, None])
