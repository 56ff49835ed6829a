"""A solver over its versions: means on the same instances, and the steps that stand out.

A *line* is one family of a solver with one choice of parameters; its *points* are the versions in
order, all on the pairs that every version of the line has. A *step* leads from one version to the
next. The intervals of all steps hold together: they are adjusted by Holm's method, so if nothing
has changed, the probability of marking any step is at most ``alpha``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from bench.comparison.costs import Costs, costs, have_logarithms
from bench.comparison.machines.split_pairs import without_split_pairs
from bench.comparison.normalize import newest, normalize
from bench.comparison.options import Options
from bench.comparison.paired import Sample
from bench.comparison.pairs import Pairs, arranged
from bench.comparison.wording.caveats import (
    disturbed_results,
    measure_warning,
    one_seed,
    refuse,
    several_threads,
)
from bench.errors import UsageError
from bench.model.solver_name import family, matches, text, version_order
from bench.statistics.arrays import Floats
from bench.statistics.intervals import Interval, intervals, mean_interval, ratios, unshifted

CHANGED = 1.25
"""An instance counts as slower or faster by this factor, averaged over its seeds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionPoint:
    """A version on the pairs of its line: ``mean`` with its confidence interval."""

    setting: str
    solver: str
    version: str
    solved: int
    limits: int
    wrong: int
    failed: int
    mean: float | None
    interval: Interval | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step to the next version: the ratio of the means with its interval, adjusted by Holm.

    ``is_marked``: the interval excludes 1. Instances are ``slower`` or ``faster`` by a quarter or
    more; ``newly_wrong`` and ``newly_failed`` instances were neither before.
    """

    before: str
    after: str
    ratio: float | None
    interval: Interval | None
    is_marked: bool
    n_instances: int
    slower: tuple[str, ...]
    faster: tuple[str, ...]
    newly_wrong: tuple[str, ...]
    newly_failed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The versions of one family with one choice of parameters, in order."""

    name: str
    n_pairs: int
    n_instances: int
    points: tuple[VersionPoint, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Lines, by name, and how they were counted."""

    measure: str
    unit: str
    shift: float
    clip: float | None
    failures: str
    alpha: float
    lines: tuple[Line, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Version:
    setting: str
    solver: str
    version: str


def history(frame: pd.DataFrame, options: Options, patterns: Sequence[str] = ()) -> History:
    """Return the lines of these results, for solvers that match one of the patterns (or all).

    Raise UsageError if no solver matches, none has two versions, or versions must not be compared
    (other limits or machines, without ``force``).
    """
    results, notes = normalize(frame)
    results, repeated = newest(results)
    lines = _lines(results, patterns)
    several = {name: versions for name, versions in lines.items() if len(versions) > 1}
    if not several:
        raise UsageError(_nothing(results, lines, patterns))
    found = [_line(results, name, versions, options) for name, versions in several.items()]
    lone = [f"{name} has one version only" for name in lines if name not in several]
    adjusted = _adjusted([logs for _, logs, _ in found], options)
    caveats = [each for _, _, told in found for each in told]
    return History(
        measure=options.measure,
        unit=options.of.unit,
        shift=options.shift_used,
        clip=options.clip_used,
        failures=options.failures.value,
        alpha=options.alpha,
        lines=tuple(
            replace(
                line,
                steps=tuple(_with(step, each) for step, each in zip(line.steps, ends, strict=True)),
            )
            for (line, _, _), ends in zip(found, adjusted, strict=True)
        ),
        notes=(*options.left_out, *notes, *repeated, *lone, *caveats),
    )


def _lines(results: pd.DataFrame, patterns: Sequence[str]) -> dict[str, list[_Version]]:
    """Return the versions of each line in order."""
    programs = results[["setting", "solver", "solver_version"]].drop_duplicates().astype(str)
    lines: dict[str, list[_Version]] = {}
    for setting, solver, version in programs.itertuples(index=False):
        if patterns and not any(matches(pattern, solver, version) for pattern in patterns):
            continue
        if solver and version:
            lines.setdefault(_name(setting, solver, version), []).append(
                _Version(setting, solver, version)
            )
    for name, versions in lines.items():
        versions.sort(key=lambda each: (version_order(each.version), each.setting))
        lines[name] = list({each.version: each for each in reversed(versions)}.values())[::-1]
    return dict(sorted(lines.items()))


def _name(setting: str, solver: str, version: str) -> str:
    """Return the family, and the setting without solver and version."""
    kin = family(solver)
    told = {text(solver, version), solver, f"{kin}@{version}", f"{kin}-{version}", version, kin}
    words = "|".join(re.escape(each) for each in sorted(told, key=len, reverse=True))
    rest = re.sub(rf"(?<![\w.])\(?({words})\)?(?![\w.])", " ", setting)
    rest = " ".join(rest.split()).strip("@-_ ")
    return kin if rest in {"", "default"} else f"{kin} {rest}"


def _nothing(results: pd.DataFrame, lines: Mapping[str, object], patterns: Sequence[str]) -> str:
    """Return why there is no history."""
    if lines:
        return f"no solver has two versions; there is only one of {', '.join(lines)}"
    programs = results[["solver", "solver_version"]].drop_duplicates().astype(str)
    there = sorted(text(*each) for each in programs.itertuples(index=False) if all(each))
    told = (
        f"there are: {', '.join(there)}" if there else "the results do not name solver and version"
    )
    return f"no solver matches {', '.join(patterns) or 'anything'}; {told}"


def _line(
    results: pd.DataFrame, name: str, versions: list[_Version], options: Options
) -> tuple[Line, Floats, tuple[str, ...]]:
    """Return a line whose steps have no intervals yet, its logs by instance, and warnings."""
    settings = tuple(each.setting for each in versions)
    pairs = arranged(results[results["setting"].isin(settings)], settings)
    pairs, left_out = (pairs, ()) if options.force else without_split_pairs(pairs)
    caveats = (
        *refuse(pairs, force=options.force),
        *left_out,
        *measure_warning(options.of),
        *several_threads(pairs, options.of),
        *one_seed(pairs),
        *disturbed_results(pairs),
    )
    spent = costs(pairs, options.of, options.failures, options.timeouts)
    have_logarithms(spent, options)
    sample = _sample(pairs, spent, options)
    logs = sample.by_instance(np.log(sample.costs + options.shift_used))
    line = Line(
        name=name,
        n_pairs=len(pairs),
        n_instances=sample.n_instances,
        points=tuple(
            _point(pairs, at, version, logs, options) for at, version in enumerate(versions)
        ),
        steps=tuple(
            _step(pairs, at, versions, logs, sample, spent, options)
            for at in range(1, len(versions))
        ),
    )
    return line, logs, tuple(f"{name}: {each}" for each in caveats)


def _sample(pairs: Pairs, spent: Costs, options: Options) -> Sample:
    """Return the counted, clipped values, with consecutively numbered instances."""
    chosen = spent.counted
    amounts = spent.amounts[chosen]
    clipped = amounts if options.clip_used is None else np.maximum(amounts, options.clip_used)
    _, instance = np.unique(pairs.instance[chosen], return_inverse=True)
    return Sample(clipped, spent.reached[chosen], instance)


def _point(
    pairs: Pairs, at: int, version: _Version, logs: Floats, options: Options
) -> VersionPoint:
    shift = options.shift_used
    own = logs[:, at]
    return VersionPoint(
        setting=version.setting,
        solver=version.solver,
        version=version.version,
        solved=int(pairs.solved[:, at].sum()),
        limits=int(pairs.limits[:, at].sum()),
        wrong=int(pairs.wrong[:, at].sum()),
        failed=int(pairs.failed[:, at].sum()),
        mean=float(unshifted(own.mean(), shift)) if len(own) else None,
        interval=mean_interval(own, shift, options.alpha),
    )


def _step(  # noqa: PLR0913, PLR0917  two columns of all that is known of a line
    pairs: Pairs,
    at: int,
    versions: list[_Version],
    logs: Floats,
    sample: Sample,
    spent: Costs,
    options: Options,
) -> Step:
    both = logs[:, [at - 1, at]]
    ratio = ratios(both.mean(axis=0), options.shift_used)[1] if len(both) else np.nan
    changes = both[:, 1] - both[:, 0]
    names = _instances(pairs, spent)
    limit = np.log(CHANGED)
    order = np.argsort(changes, kind="stable")
    new = {
        kind: tuple(
            sorted({str(pairs.results["instance"].iloc[row]) for row in pairs.rows[of, at]})
        )
        for kind, of in (
            ("wrong", pairs.wrong[:, at] & ~pairs.wrong[:, at - 1]),
            ("failed", pairs.failed[:, at] & ~pairs.failed[:, at - 1]),
        )
    }
    return Step(
        before=versions[at - 1].version,
        after=versions[at].version,
        ratio=float(ratio) if np.isfinite(ratio) else None,
        interval=None,
        is_marked=False,
        n_instances=sample.n_instances,
        slower=tuple(names[one] for one in order[::-1] if changes[one] >= limit),
        faster=tuple(names[one] for one in order if changes[one] <= -limit),
        newly_wrong=new["wrong"],
        newly_failed=new["failed"],
    )


def _instances(pairs: Pairs, spent: Costs) -> list[str]:
    """Return the names of the instances that count, in their order."""
    rows = pairs.rows[spent.counted, 0]
    chosen = pairs.instance[spent.counted]
    first = np.unique(chosen, return_index=True)[1]
    return [str(name) for name in pairs.results["instance"].iloc[rows[first]]]


def _adjusted(lines: Sequence[Floats], options: Options) -> list[list[Interval | None]]:
    """Return the interval of each step of each line, adjusted over all of them by Holm.

    The step whose interval would exclude 1 at the strictest level is marked first, at ``alpha /
    m``; the next is tested at ``alpha / (m - 1)``, and so on, until none excludes 1. The remaining
    steps keep the level of their last test.
    """
    waiting = {
        (line, at): logs[:, [at - 1, at]]
        for line, logs in enumerate(lines)
        for at in range(1, logs.shape[1])
    }
    found: dict[tuple[int, int], Interval | None] = {}
    while waiting:
        held = {
            place: intervals(
                logs,
                options.shift_used,
                alpha=options.alpha / len(waiting),
                n_resamples=options.n_resamples,
                rng_seed=options.rng_seed,
            )[1]
            for place, logs in waiting.items()
        }
        excluding = {place: each for place, each in held.items() if each and excludes_one(each)}
        found |= excluding or held
        waiting = {place: logs for place, logs in waiting.items() if place not in found}
    return [[found[line, at] for at in range(1, logs.shape[1])] for line, logs in enumerate(lines)]


def excludes_one(interval: Interval) -> bool:
    """Return whether 1 is outside an interval."""
    return interval.low > 1 or interval.high < 1


def _with(step: Step, interval: Interval | None) -> Step:
    return replace(
        step, interval=interval, is_marked=interval is not None and excludes_one(interval)
    )
