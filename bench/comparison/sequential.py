"""Results of a sweep that is compared while it goes on, cut to what the last look may use.

The looks are fixed beforehand (`bench.model.looks`), and the table of results has them. A
comparison of such results uses those of the last look that is complete, and the level of this
look: whoever compares at every look, and stops at any of them, claims a difference where there is
none with the probability of the whole level at most.
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
from bench.statistics.sequential import look_sizes, nominal_levels
from bench.statistics.tests import MIN_PAIRS

if TYPE_CHECKING:
    import pandas as pd

IN_A_TAIL = 40
"""Resamples beyond both ends of an interval, at least: few would leave its ends to chance."""
_PAIR = ["seed", "permutation"]


def at_look(
    frame: pd.DataFrame, options: Options, most: int | None = None
) -> tuple[pd.DataFrame, Options]:
    """Return the results that the last complete look has, and options with its level.

    With ``most`` it is the last look of at most so many instances. Results that no look has are
    left out, which a note says. Where the table knows no looks, or the options have one already,
    all is as it was. UsageError where several sweeps have looks of their own, unless forced.
    """
    if options.look is not None or LOOK not in frame or frame[LOOK].isna().all():
        return frame, options
    by_instance = _first_looks(frame)
    lasts = sorted({int(each) for each in frame[LAST_LOOK].dropna()})
    if len(lasts) > 1 or by_instance is None:
        if not options.force:
            raise UsageError(
                "the results are of several sweeps, each with looks of its own: compare one at a "
                "time, or pass --force, which tests as if nobody had looked before the end"
            )
        return frame, options
    sizes = sorted(set(by_instance.values()))
    complete = min(_complete(frame, by_instance, sizes), most or lasts[0])
    reached = tuple(size for size in sizes if size <= complete)
    so_far = reached or (sizes[0],)
    look = Look(
        sizes=so_far,
        last=lasts[0],
        n_complete=complete,
        level=nominal_levels(so_far, lasts[0], options.alpha)[-1],
        total=options.alpha,
    )
    used = frame
    if reached:
        key = _identity(frame)
        used = frame[key.map(by_instance).fillna(lasts[0] + 1) <= look.size]
    left_out = (*options.left_out, *_note(len(frame) - len(used), look))
    return used, replace(
        options,
        look=look,
        alpha=look.level,
        n_resamples=max(options.n_resamples, math.ceil(IN_A_TAIL / look.level)),
        left_out=left_out,
    )


def with_looks(frame: pd.DataFrame, planned: Sequence[str], alpha: float) -> pd.DataFrame:
    """Return results with looks of a sweep that was declared without, in the order of its plan.

    ``planned`` are the identities of its instances. A table that has looks stays as it is.
    UsageError where the plan is not known, or too small to decide anything.
    """
    if LOOK in frame and frame[LOOK].notna().any():
        return frame
    if not planned:
        raise UsageError(
            "--sequential: takes one sweep of the work folder, whose plan says how many instances "
            "there will be"
        )
    if len(planned) < MIN_PAIRS:
        raise UsageError(
            f"--sequential: takes {MIN_PAIRS} planned instances at least, and there are "
            f"{len(planned)}"
        )
    n_tests = max(1, frame["setting"].nunique() - 1)
    sizes = look_sizes(len(planned), n_tests, alpha)
    looks = Looks(instances=tuple(planned), sizes=sizes, tasks_digest="")
    first = _identity(frame).map(dict(looks.by_instance)).astype("Int64")
    last = first.where(first.isna(), looks.last)
    return frame.assign(**{LOOK: first, LAST_LOOK: last})


def each_look(frame: pd.DataFrame, options: Options) -> tuple[tuple[pd.DataFrame, Options], ...]:
    """Return what `at_look` does for each look so far, the first one first."""
    _, found = at_look(frame, options)
    if found.look is None or not found.look.is_reached:
        return ()
    return tuple(at_look(frame, options, size) for size in found.look.sizes)


def _identity(frame: pd.DataFrame) -> pd.Series:
    names = frame["instance"].astype("string")
    if "instance_sha256" not in frame:
        return names
    digests = frame["instance_sha256"].astype("string")
    return digests.where(digests.notna() & (digests != ""), names)


def _first_looks(frame: pd.DataFrame) -> dict[str, int] | None:
    """Return the first look of each instance that has one; None where results disagree."""
    known = frame[frame[LOOK].notna()]
    pairs = {*zip(_identity(known), known[LOOK].astype(int), strict=True)}
    found = dict(pairs)
    return found if len(found) == len(pairs) else None


def _complete(frame: pd.DataFrame, by_instance: dict[str, int], sizes: list[int]) -> int:
    """Return the size of the last look of which all results are there.

    Before the first look it is how many instances have all their results. An instance has them if
    each setting has as many as the one with most: the plan is not known here.
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
    return (f"{subject} of instances behind the look at {look.size} of {look.last} are left out",)
