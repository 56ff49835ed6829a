"""Results as they come from anywhere, made uniform: checked and identified."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from bench.comparison.options import MEASURES
from bench.errors import UsageError
from bench.instances.labels import listed
from bench.model import solver_name
from bench.statistics.arrays import Ints, combined

REQUIRED = ("instance", "setting", "verdict")
MEASURED = (
    *(measure.column for measure in MEASURES.values()),
    *("primal_integral", "dual_integral", "primal_dual_integral"),
)
LIMITS = (
    *("time_limit_s", "memory_limit_mib", "node_limit", "gap_limit", "default_gap"),
    "n_threads",
)
COUNTS = ("seed", "permutation")
WORDS = ("instance_sha256", "solver", "solver_version", "termination", "clock", "machine", "noise")
UNDISTURBED = frozenset({"", "none"})
"""What stands where nothing is known to have disturbed a measurement."""
TOLD_APART = "results of several solvers, versions or numbers of threads are told apart"
PAIR = ("setting", "identity", "seed", "permutation")


def normalize(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Return the results with all columns that are compared, repetitions included, and notes.

    Words become categories (missing: empty), missing numbers NaN, a missing seed or permutation 0.
    ``gap_limit`` is the gap that held: the solver's own where none was given.
    ``identity`` is what tells instances apart: the digest, or the name where no digest of that
    name is known. A setting with results of several solvers, versions or numbers of threads becomes
    several, each with its own in the name. ``disturbed`` says what something else on the machine
    disturbed, as far as it is known. Rows are in the order of ``started_at``, where it is known.
    UsageError says which column is missing or which value is wrong.
    """
    missing = [name for name in REQUIRED if name not in frame.columns]
    if missing:
        raise UsageError(f"the results have no column {missing[0]!r}")
    if frame.empty:
        raise UsageError("there are no results to compare")
    columns = {name: _words(frame, name) for name in (*REQUIRED, *WORDS)}
    columns |= {name: _numbers(frame, name) for name in (*MEASURED, *LIMITS, "started_at")}
    columns |= {name: _numbers(frame, name).fillna(0).astype("int64") for name in COUNTS}
    results = pd.DataFrame(columns).reset_index(drop=True)
    _check(results)
    results["gap_limit"] = results["gap_limit"].fillna(results["default_gap"])
    results["identity"] = _identities(results)
    results["disturbed"] = ~results.pop("noise").isin(UNDISTURBED)
    results["setting"], split = _labels(results)
    return (
        results.sort_values("started_at", kind="stable", na_position="first"),
        [f"{TOLD_APART}: {', '.join(split)}"] * bool(split),
    )


def newest(results: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Return of each pair of a setting the last result, and a note on what was left out.

    One that was disturbed counts only where all of the pair's results were.
    """
    pairs = pd.Series(combinations(results), index=results.index)
    calm = (~results["disturbed"]).groupby(pairs).transform("any")
    candidates = results[~(results["disturbed"] & calm)]
    kept = candidates[~pairs[candidates.index].duplicated(keep="last")]
    if len(kept) == len(results):
        return kept, []
    n_passed_over = int((~pairs.duplicated(keep="last"))[~results.index.isin(kept.index)].sum())
    undisturbed = " that was not disturbed" if n_passed_over else ""
    note = (
        f"{len(results) - len(kept)} of {len(results)} results are repetitions of a setting on "
        f"the same instance, seed and permutation; the newest{undisturbed} counts"
    )
    return kept, [note, *_same_contents(results)]


def _same_contents(results: pd.DataFrame) -> list[str]:
    """Return a line for each content that stands under several names."""
    pairs = results[["identity", "instance"]].drop_duplicates().astype(str)
    several = pairs[pairs["identity"].duplicated(keep=False)]
    return [
        f"{listed(sorted(names))} have the same content and count once"
        for _, names in several.groupby("identity", sort=False)["instance"]
    ]


def selected(results: pd.DataFrame, only: Sequence[str]) -> pd.DataFrame:
    """Return the results of these settings, of all if none are given.

    UsageError for a setting that does not exist, with those that do.
    """
    names = sorted(results["setting"].unique())
    unknown = [name for name in only if name not in names]
    if unknown:
        raise UsageError(f"no setting {unknown[0]!r}; known: {', '.join(names)}")
    return results[results["setting"].isin(only)] if only else results


def combinations(results: pd.DataFrame, columns: Sequence[str] = PAIR) -> Ints:
    """Return a number for each combination of the values in some columns, in their order."""
    return combined([_codes(results[column]) for column in columns])


def _codes(column: pd.Series) -> Ints:
    codes = column.cat.codes if isinstance(column.dtype, pd.CategoricalDtype) else column
    return np.asarray(codes.to_numpy(), dtype=np.int64)


def _words(frame: pd.DataFrame, name: str) -> pd.Series:
    if name not in frame.columns:
        return pd.Series(pd.Categorical([""] * len(frame)), index=frame.index)
    codes, words = pd.factorize(frame[name])
    return _categories([*map(str, words), ""], codes, frame.index)


def _numbers(frame: pd.DataFrame, name: str) -> pd.Series:
    if name not in frame.columns:
        return pd.Series(np.nan, index=frame.index)
    column = frame[name]
    if pd.api.types.is_numeric_dtype(column):
        return column.astype("float64")
    numbers = pd.to_numeric(column.astype("object"), errors="coerce").astype("float64")
    bad = column.notna() & numbers.isna()
    if bad.any():
        raise UsageError(
            f"column {name!r} has a value that is not a number: {column[bad].iloc[0]!r}"
        )
    return numbers


def _check(results: pd.DataFrame) -> None:
    for name in ("instance", "setting"):
        if (empty := results[name] == "").any():
            raise UsageError(f"column {name!r} is empty in row {int(empty.argmax()) + 1}")
    for name in (*MEASURED, *LIMITS):
        _refuse(results, name, results[name] < 0, "a negative value")
    for name in MEASURED:
        _refuse(results, name, np.isinf(results[name]), "an infinite value")


def _refuse(results: pd.DataFrame, name: str, bad: pd.Series, what: str) -> None:
    if bad.any():
        first = results[bad].iloc[0]
        where = f"instance {first['instance']}, setting {first['setting']}"
        raise UsageError(f"column {name!r} has {what}: {first[name]:g} ({where})")


def _identities(results: pd.DataFrame) -> pd.Series:
    pairs = results[["instance", "instance_sha256"]].drop_duplicates().astype(str)
    digests = pairs[pairs["instance_sha256"] != ""]
    known = digests.drop_duplicates("instance", keep=False)
    by_name = dict(zip(known["instance"], known["instance_sha256"], strict=True))
    named: dict[tuple[str, ...], str] = {
        (name, digest): digest or by_name.get(name, name)
        for name, digest in pairs.itertuples(index=False)
    }
    return _label_rows(results, ["instance", "instance_sha256"], named)


def _labels(results: pd.DataFrame) -> tuple[pd.Series, list[str]]:
    """Return what each row's setting is called, and the names that tell its results apart."""
    columns = ["setting", "solver", "solver_version", "n_threads"]
    usual = results.assign(n_threads=results["n_threads"].fillna(1).astype("int64"))
    programs = usual[columns].drop_duplicates().astype(str)
    solvers = programs[columns[:3]].drop_duplicates()
    several = {*solvers["setting"][solvers["setting"].duplicated()]}
    mixed = {*map(tuple, programs[programs[columns[:3]].duplicated()][columns[:3]].values)}
    labels = {}
    for *program, threads in programs.itertuples(index=False):
        marks = [solver_name.text(*program[1:])] if program[0] in several else []
        plural = "" if threads == "1" else "s"
        marks += [f"{threads} thread{plural}"] if tuple(program) in mixed else []
        marked = f" ({', '.join(marks)})" if marks else ""
        labels[(*program, threads)] = f"{program[0]}{marked}"
    split = sorted(label for program, label in labels.items() if label != program[0])
    return _label_rows(usual, columns, labels), split


def _label_rows(
    results: pd.DataFrame, columns: list[str], names: dict[tuple[str, ...], str]
) -> pd.Series:
    """Return the name of each row's combination of words, as categories in sorted order."""
    codes = combinations(results, columns)
    _, first, group = np.unique(codes, return_index=True, return_inverse=True)
    each = results[columns].iloc[first].astype(str).itertuples(index=False)
    texts = [names[tuple(combination)] for combination in each]
    return _categories(texts, group, results.index)


def _categories(texts: list[str], codes: Ints, index: pd.Index[Any]) -> pd.Series:
    """Return ``texts[code]`` for each code as categories in sorted order."""
    ordered = sorted(set(texts))
    place = {text: at for at, text in enumerate(ordered)}
    places = np.array([place[text] for text in texts])
    return pd.Series(pd.Categorical.from_codes(places[codes], pd.Index(ordered)), index=index)
