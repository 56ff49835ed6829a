"""The noise floor: the difference of a setting from itself on this machine."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from bench.comparison.comparison import NoiseFloor
from bench.comparison.normalize import combinations, newest, normalize
from bench.comparison.options import Options
from bench.comparison.pairs import SOLVED
from bench.comparison.wording.evidence_text import percent

MIN_REPEATED = 5
"""With fewer repeated tasks there is no noise floor."""
NORMAL_95 = 1.959963984540054


def noise_floor(frame: pd.DataFrame, options: Options | None = None) -> NoiseFloor | None:
    """Return the noise floor of a table of results, or None if no task was executed twice.

    See `floor`; UsageError as in `bench.comparison.normalize.normalize`.
    """
    return floor(normalize(frame)[0], options or Options())


def floor(results: pd.DataFrame, options: Options) -> NoiseFloor | None:
    """Return the noise floor of normalized results, including repetitions.

    ``repetitions``: tasks executed twice (same setting, instance, seed, permutation, solved both
    times) are an A/A test; the floor is the outer end of the 95 % interval of their mean log ratio
    of shifted values, ``|mean| + 1.96 sd / sqrt(n)``, which includes drift of the machine between
    the executions. ``seeds``: otherwise, the effect of other seeds on the mean log, ``1.96 sd
    sqrt(2 / n)`` with the pooled deviation within instances. Both are converted to a change of the
    shifted geometric mean.
    """
    values = results[options.of.column]
    solved = results[results["verdict"].isin(SOLVED) & values.notna()]
    clipped = np.maximum(solved[options.of.column], options.clip_used or 0.0)
    solved = solved.assign(log=np.log(clipped + options.shift_used))
    solved = solved[np.isfinite(solved["log"])]
    if len(solved) < MIN_REPEATED:
        return None
    solved = solved.iloc[np.argsort(combinations(solved), kind="stable")]
    return _repetitions(solved, options.shift_used) or _seeds(solved, options.shift_used)


def describe_noise(noise: NoiseFloor | None) -> tuple[str, ...]:
    """Return a noise floor as text for a note."""
    if noise is None:
        return ()
    reach = f"up to {percent(noise.value)}"
    if noise.source == "repetitions":
        return (f"noise floor: the same {noise.n} tasks executed again differ by {reach}",)
    return (f"changing only the seeds would move the mean of a setting by {reach}",)


def _repetitions(solved: pd.DataFrame, shift: float) -> NoiseFloor | None:
    tasks = pd.Series(combinations(solved), index=solved.index)
    repeated = solved[tasks.duplicated(keep=False)]
    tasks = tasks[repeated.index]
    groups = repeated["log"].groupby(tasks)
    last = ~tasks.duplicated(keep="last")
    changes = (repeated["log"] - groups.shift())[last].to_numpy()
    if len(changes) < MIN_REPEATED:
        return None
    reach = abs(changes.mean()) + NORMAL_95 * changes.std(ddof=1) / math.sqrt(len(changes))
    value = _change(float(repeated["log"].mean()), reach, shift)
    return NoiseFloor(value=value, source="repetitions", n=len(changes))


def _seeds(solved: pd.DataFrame, shift: float) -> NoiseFloor | None:
    once, _ = newest(solved)
    groups = once["log"].groupby(combinations(once, ("setting", "identity")))
    freedom = len(once) - groups.ngroups
    if freedom < MIN_REPEATED:
        return None
    squares = float(((once["log"] - groups.transform("mean")) ** 2).sum())
    n = len(once) / once["setting"].nunique()
    reach = NORMAL_95 * math.sqrt(squares / freedom * 2 / n)
    return NoiseFloor(
        value=_change(float(once["log"].mean()), reach, shift), source="seeds", n=len(once)
    )


def _change(mean_log: float, reach: float, shift: float) -> float:
    mean = math.exp(mean_log) - shift
    return math.exp(mean_log) * math.expm1(reach) / mean if mean > 0 else math.expm1(reach)
