"""Results as they come from anywhere, made uniform: checked and identified."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bench.errors import UsageError

REQUIRED = ("instance", "setting", "verdict")
NUMBERS = (
    *("solve_time_s", "solve_wall_s", "solve_cpu_s", "n_nodes", "n_lp_iterations"),
    *("deterministic_time", "primal_integral", "dual_integral", "primal_dual_integral"),
    *("time_limit_s", "memory_limit_mib", "node_limit", "gap_limit", "started_at"),
)
COUNTS = ("seed", "permutation")
NOT_NEGATIVE = NUMBERS[:-5]
WORDS = ("instance_sha256", "solver", "solver_version", "termination", "clock", "machine")
BLOCK = ["setting", "identity", "seed", "permutation"]


def uniform(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Return the results with all columns that are compared, repetitions included, and notes.

    Missing columns become empty ones, a missing seed or permutation 0. ``identity`` is what
    tells instances apart: the digest, or the name where no digest of that name is known. A
    setting with results of several solvers or versions becomes several, each with its solver in
    the name. Rows are in the order of ``started_at``, as far as it is known. UsageError says which
    column is missing or which value is wrong.
    """
    missing = [name for name in REQUIRED if name not in frame.columns]
    if missing:
        raise UsageError(f"the results have no column {missing[0]!r}")
    if frame.empty:
        raise UsageError("there are no results to compare")
    columns = {name: _words(frame, name) for name in (*REQUIRED, *WORDS)}
    columns |= {name: _numbers(frame, name) for name in NUMBERS}
    columns |= {name: _numbers(frame, name).fillna(0).astype("int64") for name in COUNTS}
    results = pd.DataFrame(columns).reset_index(drop=True)
    _check(results)
    results["identity"] = _identities(results)
    notes = []
    results["setting"], split = _labels(results)
    if split:
        notes.append(f"results of several solvers or versions are told apart: {', '.join(split)}")
    return results.sort_values("started_at", kind="stable", na_position="first"), notes


def newest(results: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Return of each block of a setting the last result, and a note on what was left out."""
    kept = results.drop_duplicates(BLOCK, keep="last")
    if len(kept) == len(results):
        return kept, []
    note = (
        f"{len(results) - len(kept)} of {len(results)} results are repetitions of a setting on "
        "the same instance, seed and permutation; the newest counts"
    )
    return kept, [note]


def _words(frame: pd.DataFrame, name: str) -> pd.Series:
    if name not in frame.columns:
        return pd.Series("", index=frame.index, dtype="object")
    column = frame[name].astype("object")
    return column.where(column.notna(), "").astype(str)


def _numbers(frame: pd.DataFrame, name: str) -> pd.Series:
    if name not in frame.columns:
        return pd.Series(np.nan, index=frame.index)
    column = frame[name]
    numbers = pd.to_numeric(column.astype("object"), errors="coerce").astype("float64")
    bad = column.notna() & numbers.isna()
    if bad.any():
        raise UsageError(f"column {name!r} has a value that is no number: {column[bad].iloc[0]!r}")
    return numbers


def _check(results: pd.DataFrame) -> None:
    for name in ("instance", "setting"):
        if (results[name] == "").any():
            raise UsageError(
                f"column {name!r} is empty in row {int((results[name] == '').argmax())}"
            )
    for name in NOT_NEGATIVE:
        negative = results[name] < 0
        if negative.any():
            first = results[negative].iloc[0]
            where = f"instance {first['instance']}, setting {first['setting']}"
            raise UsageError(f"column {name!r} has a negative value: {first[name]:g} ({where})")


def _identities(results: pd.DataFrame) -> pd.Series:
    pairs = results[["instance", "instance_sha256"]]
    digests = pairs[pairs["instance_sha256"] != ""].drop_duplicates()
    known = digests.drop_duplicates("instance", keep=False)
    by_name = dict(zip(known["instance"], known["instance_sha256"], strict=True))
    identities = [
        digest or by_name.get(name, name) for name, digest in pairs.itertuples(index=False)
    ]
    return pd.Series(identities, index=results.index)


def _labels(results: pd.DataFrame) -> tuple[pd.Series, list[str]]:
    programs = results[["setting", "solver", "solver_version"]].drop_duplicates()
    several = programs.loc[programs["setting"].duplicated(keep=False)]
    labels = {
        (setting, solver, version): f"{setting} ({' '.join(filter(None, (solver, version)))})"
        for setting, solver, version in several.itertuples(index=False)
    }
    if not labels:
        return results["setting"], []
    keys = zip(results["setting"], results["solver"], results["solver_version"], strict=True)
    named = [labels.get(key, key[0]) for key in keys]
    return pd.Series(named, index=results.index), sorted(labels.values())
