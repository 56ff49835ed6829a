"""Restrict the results of a running sweep to those that its last complete look may use.

The looks are fixed in advance (`bench.model.looks`) and are in the table of results. A comparison
uses the results of the last complete look at the level of this look: comparing at every look, and
stopping at any of them, then claims a false difference with at most the probability of the whole
level.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from bench.comparison.look import Look
from bench.comparison.options import Options
from bench.errors import UsageError
from bench.model.looks import LAST_LOOK, LOOK, Looks
from bench.statistics.means import SHORT_TIME_CLIP_S, SHORT_TIME_SHIFT_S, shifted_geometric_mean
from bench.statistics.sequential import look_sizes, nominal_levels
from bench.statistics.tests import MIN_PAIRS

if TYPE_CHECKING:
    import pandas as pd

IN_A_TAIL = 40
"""The least number of resamples beyond each end of an interval, because fewer make its ends random.
"""
_PAIR = ["seed", "permutation"]


def at_look(
    frame: pd.DataFrame, options: Options, most: int | None = None
) -> tuple[pd.DataFrame, Options]:
    """Return the results of the last complete look, and options with its level.

    If solves are short and neither shift nor clip is given, the options get smaller ones.

    ``most`` restricts the looks to at most so many instances. Results that no look has are left
    out, with a note. If the table has no looks, or the options have one already, nothing changes.
    Raise UsageError if several sweeps have looks of their own, unless forced.
    """
    if options.look is not None or LOOK not in frame or frame[LOOK].isna().all():
        return frame, options
    by_instance = _first_looks(frame)
    lasts = sorted({int(each) for each in frame[LAST_LOOK].dropna()})
    if len(lasts) > 1 or by_instance is None:
        if not options.force:
            raise UsageError(
                "the results belong to several sweeps with separate looks: compare one at a "
                "time, or pass --force, which tests as if there had been no earlier look"
            )
        return frame, options
    sizes = sorted(set(by_instance.values()))
    complete = min(_complete(frame, by_instance, sizes), most or lasts[0])
    reached = tuple(size for size in sizes if size <= complete)
    so_far = reached or (sizes[0],)
    key = _identity(frame)
    first_look = frame[key.map(by_instance) == sizes[0]]
    short_s = _short_times(first_look, options) if reached else None
    look = Look(
        sizes=so_far,
        last=lasts[0],
        n_complete=complete,
        level=nominal_levels(so_far, lasts[0], options.alpha)[-1],
        total=options.alpha,
        short_s=short_s,
    )
    used = frame
    if reached:
        used = frame[key.map(by_instance).fillna(lasts[0] + 1) <= look.size]
    left_out = (*options.left_out, *_note(len(frame) - len(used), look))
    is_short = short_s is not None
    return used, replace(
        options,
        shift=SHORT_TIME_SHIFT_S if is_short else options.shift,
        clip=SHORT_TIME_CLIP_S if is_short else options.clip,
        look=look,
        alpha=look.level,
        n_resamples=max(options.n_resamples, math.ceil(IN_A_TAIL / look.level)),
        left_out=left_out,
    )


def with_looks(frame: pd.DataFrame, planned: Sequence[str], alpha: float) -> pd.DataFrame:
    """Return results with looks for a sweep that was declared without, in the order of its plan.

    ``planned`` are the identities of its instances. A table that has looks is unchanged. Raise
    UsageError if the plan is unknown, or too small for any decision.
    """
    if LOOK in frame and frame[LOOK].notna().any():
        return frame
    if not planned:
        raise UsageError(
            "--sequential needs exactly one sweep of the work folder, because its plan says how "
            "many instances there will be"
        )
    if len(planned) < MIN_PAIRS:
        raise UsageError(
            f"--sequential needs at least {MIN_PAIRS} planned instances, and there are "
            f"{len(planned)}"
        )
    n_tests = max(1, frame["setting"].nunique() - 1)
    sizes = look_sizes(len(planned), n_tests, alpha)
    looks = Looks(instances=tuple(planned), sizes=sizes, tasks_digest="")
    first = _identity(frame).map(dict(looks.by_instance)).astype("Int64")
    last = first.where(first.isna(), looks.last)
    return frame.assign(**{LOOK: first, LAST_LOOK: last})


def each_look(frame: pd.DataFrame, options: Options) -> tuple[tuple[pd.DataFrame, Options], ...]:
    """Return the result of `at_look` for each look so far, the first one first."""
    _, found = at_look(frame, options)
    if found.look is None or not found.look.is_reached:
        return ()
    return tuple(at_look(frame, options, size) for size in found.look.sizes)


def _short_times(first_look: pd.DataFrame, options: Options) -> float | None:
    """Return the mean time at the first look if it is below the usual shift, None otherwise.

    The usual clip and shift would then hide any difference, however many looks there are. The mean
    is that of all settings together, which does not change if settings are exchanged; therefore the
    choice does not depend on who is faster. It remains the same at all later looks.
    """
    is_usual = options.shift is None and options.clip is None
    if not (is_usual and options.of.is_time and options.of.column in first_look):
        return None
    import pandas as pd  # noqa: PLC0415 - takes 0.5 s

    times = pd.to_numeric(first_look[options.of.column], errors="coerce").dropna()
    mean_s = shifted_geometric_mean(times, options.of.shift)
    return mean_s if mean_s is not None and mean_s < options.of.shift else None


def _identity(frame: pd.DataFrame) -> pd.Series:
    names = frame["instance"].astype("string")
    if "instance_sha256" not in frame:
        return names
    digests = frame["instance_sha256"].astype("string")
    return digests.where(digests.notna() & (digests != ""), names)


def _first_looks(frame: pd.DataFrame) -> dict[str, int] | None:
    """Return the first look of each instance that has one; None if results disagree."""
    known = frame[frame[LOOK].notna()]
    pairs = {*zip(_identity(known), known[LOOK].astype(int), strict=True)}
    found = dict(pairs)
    return found if len(found) == len(pairs) else None


def _complete(frame: pd.DataFrame, by_instance: dict[str, int], sizes: list[int]) -> int:
    """Return the size of the last look that has all its results.

    Before the first look, return the number of instances with all their results: those for which
    each setting has as many results as the setting with most, because the plan is not known here.
    """
    key = _identity(frame)
    columns = [name for name in _PAIR if name in frame]
    pairs = frame.assign(_identity=key)[["_identity", "setting", *columns]].drop_duplicates()
    counts = pairs[pairs["_identity"].isin(list(by_instance))].groupby("_identity").size()
    whole = set(counts[counts == counts.max()].index)
    found = 0
    for size in sizes:
        members = {one for one, first in by_instance.items() if first <= size}
        if len(members) < size or not members <= whole:
            break
        found = size
    return found or len(whole & {one for one, first in by_instance.items() if first == sizes[0]})


def _note(n_left_out: int, look: Look) -> tuple[str, ...]:
    if not n_left_out:
        return ()
    subject = "1 result" if n_left_out == 1 else f"{n_left_out} results"
    return (f"{subject} of instances after the look at {look.size} of {look.last} are left out",)
