"""The instances of a tuning: which are trained on, and which nothing looks at before its test."""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bench.app.campaign.plan import Plan, defect
from bench.app.tuning.options import TuneOptions
from bench.errors import UsageError
from bench.instances.labels import listed
from bench.model.instances.instance import Instance
from bench.tuning.record import SPLIT, Split, read_progress, read_split, write_split
from bench.tuning.split import LEAST_TEST, split


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceSets:
    """The split of a tuning, its instances as they are now, and notes on those left out."""

    split: Split
    train: list[Instance]
    test: list[Instance]
    notes: list[str]


def instance_sets(
    folder: Path,
    plan: Plan,
    tests: list[Instance],
    options: TuneOptions,
    begun_with: Mapping[str, str],
) -> InstanceSets:
    """Return both sets of a tuning: the stored ones, or those of a split that is made now.

    ``plan`` has the given instances, ``tests`` are those of ``--test``. Nothing is written. Raise
    UsageError if a set is empty, an instance changed, or the tuning was begun with other options.
    """
    usable = [task.instance for task in plan.tasks if defect(task) is None]
    usable_tests = [one for one in tests if one.defect is None]
    earlier = None if options.fresh else read_split(folder)
    found = earlier or _new_split(usable, usable_tests, options, begun_with)
    by_digest = {one.digest: one for one in [*usable, *usable_tests]}
    train = _members(found.train, by_digest, found, options.name)
    test = _members(found.test, by_digest, found, options.name)
    _check_begun_with(found.begun_with, begun_with, options.name)
    defects = dict.fromkeys([*plan.defects, *(one.defect for one in tests if one.defect)])
    notes = [
        *(f"not used: {each}" for each in defects),
        *(
            f"{one.label}: not tested on, because it is among the instances to tune on"
            for one in usable_tests
            if one.digest in found.train
        ),
        *_unused(found, by_digest),
    ]
    return InstanceSets(split=found, train=train, test=test, notes=notes)


def _new_split(
    usable: list[Instance],
    tests: list[Instance],
    options: TuneOptions,
    begun_with: Mapping[str, str],
) -> Split:
    if options.test is not None:
        train = list({one.digest: one for one in usable}.values())
        seen = {one.digest for one in train}
        test = list({one.digest: one for one in tests if one.digest not in seen}.values())
        if not test:
            why = "are among those to tune on" if tests else "have errors"
            raise UsageError(
                f"--test {options.test}: the test set is empty: all of its instances {why}"
            )
    else:
        train, test = split(usable, options.seed)
    return Split(
        train=tuple(one.digest for one in train),
        test=tuple(one.digest for one in test),
        names={one.digest: one.label for one in [*train, *test]},
        begun_with=begun_with,
    )


def keep_split(folder: Path, found: Split, name: str) -> None:
    """Write the split of a tuning that begins; UsageError if another command has begun it."""
    stored = read_split(folder)
    if stored is None:
        write_split(folder, found)
    elif stored != found:
        raise UsageError(f"{name} was begun by another command just now; choose another --name")


def _check_begun_with(earlier: Mapping[str, str], now: Mapping[str, str], name: str) -> None:
    """Raise UsageError if options differ that a tuning cannot be continued with."""
    others = [key for key in now if key in earlier and earlier[key] != now[key]]
    if others:
        began = ", ".join(f"{key} {earlier[key]}" for key in others)
        raise UsageError(
            f"{name} was begun with {began}; continue it with the same, or begin another tuning "
            "with another --name"
        )


def _members(
    digests: tuple[str, ...], by_digest: Mapping[str, Instance], found: Split, name: str
) -> list[Instance]:
    """Return the instances of one set; UsageError if one is gone or changed."""
    missing = [found.names.get(each, each[:12]) for each in digests if each not in by_digest]
    if missing:
        raise UsageError(
            f"{name}: {missing[0]} is gone or changed since the tuning began"
            + (f", and {len(missing) - 1} more are" if len(missing) > 1 else "")
            + "; put it back, or choose another --name"
        )
    return [by_digest[each] for each in digests]


def _unused(found: Split, by_digest: Mapping[str, Instance]) -> list[str]:
    """Return a note for each instance that is in neither set, because it was added later."""
    known = {*found.train, *found.test}
    return [
        f"{one.label}: not used, because the tuning was begun without it"
        for digest, one in by_digest.items()
        if digest not in known
    ]


def few_tests_warning(found: Split) -> str:
    """Return a warning if the test set is too small to show anything, else nothing."""
    n = len(found.test)
    if n >= LEAST_TEST:
        return ""
    are = "test instance is" if n == 1 else "test instances are"
    return (
        f"Warning: {n} {are} too few to show that a setting is better; the test needs {LEAST_TEST}"
    )


def used_before_warning(found: Split, folder: Path) -> str:
    """Return a warning if other tunings in the work folder had the same test instances.

    Each test keeps its error rate; the chance of a false "better" in any of several grows.
    """
    others = sorted(path.parent for path in folder.parent.glob(f"*/{SPLIT}"))
    again = {other.name: _tested_on(other) & set(found.test) for other in others if other != folder}
    names = [name for name, used in again.items() if used]
    if not names:
        return ""
    n_used = len(frozenset().union(*again.values()))
    return (
        f"Warning: {n_used} of {len(found.test)} test instances were used by the test of "
        f"{listed(names)}; with each further test on them, a setting is more likely to be called "
        "better by chance; name unseen instances with --test and another --name"
    )


def _tested_on(folder: Path) -> frozenset[str]:
    """Return the digests of the instances that the test of a tuning has used."""
    with suppress(UsageError):
        progress, found = read_progress(folder), read_split(folder)
        if progress is not None and progress.tested is not None and found is not None:
            return frozenset(found.test)
    return frozenset()


def long_solves_warning(time_limit_s: float, race_budget_s: float) -> str:
    """Return a warning if a single solve may take the whole budget of the race, else nothing."""
    if time_limit_s <= race_budget_s:
        return ""
    limit = f"up to {time_limit_s:g} s" if math.isfinite(time_limit_s) else "any time"
    return (
        f"Warning: a single solve may take {limit}, and the race has {race_budget_s:g} CPU "
        "seconds; with a lower --time-limit, a hard instance does not use them up"
    )


def split_text(found: Split, folder: Path) -> str:
    """Return a text with the number of instances for each purpose."""
    n = len(found.train)
    return (
        f"{n} instance{'s' * (n != 1)} to tune on; {len(found.test)} test "
        f"instance{'s' * (len(found.test) != 1)} not used before the winner is chosen "
        f"({folder.name}/{SPLIT})"
    )
