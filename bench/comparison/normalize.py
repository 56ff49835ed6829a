"""Normalize results from any source: check and identify them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Hashable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from bench.comparison.options import MEASURES
from bench.errors import UsageError
from bench.instances.labels import listed
from bench.model import solver_name
from bench.statistics.arrays import Bools, Floats, Ints, combined

REQUIRED = ("instance", "setting", "verdict")
MEASURED = (
    *(measure.column for measure in MEASURES.values()),
    *("primal_integral", "dual_integral", "primal_dual_integral"),
    *("worker_reference_s", "worker_reference_spread"),
)
LIMITS = (
    *("time_limit_s", "memory_limit_mib", "node_limit", "gap_limit", "default_gap"),
    "n_threads",
)
COUNTS = ("seed", "permutation")
WORDS = (
    *("instance_sha256", "solver", "solver_version", "termination", "clock", "noise"),
    *("machine", "machine_class", "worker", "params"),
)
UNDISTURBED = frozenset({"", "none"})
"""The text if no disturbance of a measurement is known."""
TOLD_APART = (
    "results of several solvers, versions, numbers of threads or parameters count as several "
    "settings"
)
MOST_SHOWN = 3
"""The number of differing parameters that distinguish settings of one name."""
PAIR = ("setting", "identity", "seed", "permutation")


def normalize(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Return the results with all compared columns, including repetitions, and notes.

    Texts become categories (missing: empty), missing numbers NaN, a missing seed or permutation 0.
    ``gap_limit`` is the effective gap: the solver's default if none was given. ``identity``
    identifies an instance: the digest, or the name if no digest of that name is known. A setting
    with results of several solvers, versions, numbers of threads or parameters becomes several,
    each with its own in the name. ``disturbed`` describes known disturbances. Rows are in the order
    of ``started_at``, if it is known. UsageError says which column is missing or which value is
    wrong.
    """
    missing = [name for name in REQUIRED if name not in frame.columns]
    if missing:
        raise UsageError(f"the results have no column {missing[0]!r}")
    if frame.empty:
        raise UsageError("there are no results to compare")
    columns: dict[str, Any] = {name: _words(frame, name) for name in (*REQUIRED, *WORDS)}
    columns |= {name: _numbers(frame, name) for name in (*MEASURED, *LIMITS, "started_at")}
    columns |= {name: np.nan_to_num(_numbers(frame, name)).astype(np.int64) for name in COUNTS}
    results = pd.DataFrame(columns)
    _check(results)
    results["gap_limit"] = results["gap_limit"].fillna(results["default_gap"])
    results["identity"] = _identities(results)
    results["disturbed"] = ~among(results.pop("noise"), UNDISTURBED)
    results["setting"], split = _labels(results)
    return (
        results.sort_values("started_at", kind="stable", na_position="first"),
        [f"{TOLD_APART}: {', '.join(split)}"] * bool(split),
    )


def with_distinct_settings(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the results with settings named as `normalize` does, otherwise unchanged."""
    names = normalize(frame)[0]["setting"].sort_index()
    return frame.assign(setting=names.astype("string").to_numpy())


def newest(results: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Return the last result for each pair of a setting, and a note on those left out.

    A disturbed result counts only if all results of the pair are disturbed.
    """
    disturbed = results["disturbed"].to_numpy()
    _, pair = np.unique(combinations(results), return_inverse=True)
    calm = np.bincount(pair, weights=~disturbed) > 0
    rows = np.arange(len(results))
    last = _last_of_each(pair, rows)
    chosen = _last_of_each(pair, rows[~(disturbed & calm[pair])])
    if len(chosen) == len(results):
        return results, []
    undisturbed = " that was not disturbed" if (chosen != last).any() else ""
    note = (
        f"{len(results) - len(chosen)} of {len(results)} results are repetitions of a setting on "
        f"the same instance, seed and permutation; the newest{undisturbed} counts"
    )
    return results.iloc[np.sort(chosen)], [note, *_same_contents(results)]


def _last_of_each(group: Ints, rows: Ints) -> Ints:
    """Return the last of the rows of each group; every group has one."""
    last = np.empty(int(group.max()) + 1, dtype=np.int64)
    last[group[rows]] = rows
    return last


def _same_contents(results: pd.DataFrame) -> list[str]:
    """Return a line for each content that appears under several names."""
    names: dict[str, list[str]] = {}
    for content, name in distinct(results, ("identity", "instance")):
        names.setdefault(content, []).append(name)
    return [
        f"{listed(sorted(several))} have the same content and count once"
        for several in names.values()
        if len(several) > 1
    ]


def selected(results: pd.DataFrame, only: Sequence[str]) -> pd.DataFrame:
    """Return the results of these settings, of all if none are given.

    Raise UsageError, with the existing settings, for an unknown setting.
    """
    names = sorted(results["setting"].unique())
    unknown = [name for name in only if name not in names]
    if unknown:
        raise UsageError(f"no setting {unknown[0]!r}; known: {', '.join(names)}")
    return results[results["setting"].isin(only)] if only else results


def combinations(results: pd.DataFrame, columns: Sequence[str] = PAIR) -> Ints:
    """Return a number for each combination of the values in some columns, in their order."""
    return combined([_codes(results[column]) for column in columns])


def distinct(
    results: pd.DataFrame, columns: Sequence[str], rows: Ints | None = None
) -> list[tuple[str, ...]]:
    """Return the combinations of the texts in some columns, in the order in which they appear.

    With ``rows``, only those in these rows.
    """
    first, group = _groups(results, columns)
    if rows is not None:
        first = first[np.unique(group[rows])]
    return _texts(results, columns, np.sort(first))


def among(words: pd.Series, values: Collection[str]) -> Bools:
    """Return where a column of categories has one of these values."""
    known = np.array([word in values for word in words.array.categories.tolist()], dtype=np.bool_)
    return np.asarray(known[words.array.codes], dtype=np.bool_)


def _groups(results: pd.DataFrame, columns: Sequence[str]) -> tuple[Ints, Ints]:
    """Return the first row of each combination, and each row's combination."""
    codes = combinations(results, columns)
    _, first, group = np.unique(codes, return_index=True, return_inverse=True)
    return first, group


def _texts(results: pd.DataFrame, columns: Sequence[str], rows: Ints) -> list[tuple[str, ...]]:
    """Return the texts in some rows of some columns of categories."""
    texts = []
    for column in (results[name].array for name in columns):
        words = column.categories.tolist()
        texts.append([str(words[code]) for code in column.codes[rows]])
    return list(zip(*texts, strict=True))


def _codes(column: pd.Series) -> Ints:
    codes = column.array.codes if isinstance(column.dtype, pd.CategoricalDtype) else column
    return np.asarray(codes, dtype=np.int64)


def _words(frame: pd.DataFrame, name: str) -> pd.Categorical[str]:
    if name not in frame.columns:
        return _categories([""], np.zeros(len(frame), dtype=np.int64))
    codes, words = pd.factorize(frame[name])
    return _categories([*map(str, words), ""], codes)


def _numbers(frame: pd.DataFrame, name: str) -> Floats:
    if name not in frame.columns:
        return np.full(len(frame), np.nan)
    column = frame[name]
    if pd.api.types.is_numeric_dtype(column):
        return column.to_numpy(np.float64, na_value=np.nan)
    numbers = pd.to_numeric(column.astype("object"), errors="coerce").to_numpy(np.float64)
    bad = column.notna().to_numpy() & np.isnan(numbers)
    if bad.any():
        raise UsageError(
            f"column {name!r} has a value that is not a number: {column[bad].iloc[0]!r}"
        )
    return numbers


def _check(results: pd.DataFrame) -> None:
    for name in ("instance", "setting"):
        if (empty := among(results[name], ("",))).any():
            raise UsageError(f"column {name!r} is empty in row {int(empty.argmax()) + 1}")
    for name in (*MEASURED, *LIMITS):
        _refuse(results, name, results[name].to_numpy() < 0, "a negative value")
    for name in MEASURED:
        _refuse(results, name, np.isinf(results[name].to_numpy()), "an infinite value")


def _refuse(results: pd.DataFrame, name: str, bad: Bools, what: str) -> None:
    if bad.any():
        first = results[bad].iloc[0]
        where = f"instance {first['instance']}, setting {first['setting']}"
        raise UsageError(f"column {name!r} has {what}: {first[name]:g} ({where})")


def _identities(results: pd.DataFrame) -> pd.Categorical[str]:
    columns = ("instance", "instance_sha256")
    first, group = _groups(results, columns)
    named = _texts(results, columns, first)
    digests: dict[str, list[str]] = {}
    for name, digest in named:
        digests.setdefault(name, []).extend([digest] * bool(digest))
    only = {name: of_it[0] for name, of_it in digests.items() if len(of_it) == 1}
    return _categories([digest or only.get(name, name) for name, digest in named], group)


def _labels(results: pd.DataFrame) -> tuple[pd.Categorical[str], list[str]]:
    """Return the name of each row's setting, and the names that distinguish its results."""
    columns = ("setting", "solver", "solver_version")
    n_threads = np.nan_to_num(results["n_threads"].to_numpy(), nan=1.0).astype(np.int64)
    codes = combined([*(_codes(results[name]) for name in (*columns, "params")), n_threads])
    _, first, group = np.unique(codes, return_index=True, return_inverse=True)
    programs = list(zip(_texts(results, columns, first), n_threads[first].tolist(), strict=True))
    n_counts = Counter(program for program, _ in set(programs))
    n_programs = Counter(setting for setting, *_ in n_counts)
    params = [text for (text,) in _texts(results, ("params",), first)]
    labels = []
    for (program, threads), parameters in zip(
        programs, _distinguished(programs, params), strict=True
    ):
        setting, solver, version = program
        marks = [solver_name.text(solver, version)] if n_programs[setting] > 1 else []
        plural = "" if threads == 1 else "s"
        marks += [f"{threads} thread{plural}"] if n_counts[program] > 1 else []
        marks += [parameters] if parameters else []
        labels.append(f"{setting} ({', '.join(marks)})" if marks else setting)
    settings = [setting for (setting, *_), _ in programs]
    split = {label for label, name in zip(labels, settings, strict=True) if label != name}
    return _categories(labels, group), sorted(split)


def _distinguished(programs: Sequence[Hashable], params: Sequence[str]) -> list[str]:
    """Return, for each result, a text with the parameters that tell it from others of its program.

    ``params`` has the parameters of each result as JSON. The text is empty if all results of a
    program have the same ones, as far as they are known.
    """
    of_program: dict[Hashable, list[str]] = {}
    for program, text in zip(programs, params, strict=True):
        of_program.setdefault(program, []).extend([text] * bool(text))
    shown = {program: _differing(texts) for program, texts in of_program.items()}
    return [shown[program].get(text, "") for program, text in zip(programs, params, strict=True)]


def _differing(texts: Sequence[str]) -> dict[str, str]:
    """Return the parameters by which each of several settings differs from the others."""
    if len(texts) < 2:
        return {}
    each = {text: _parsed(text) for text in sorted(texts)}
    names = sorted({name for params in each.values() for name in params})
    differ = [
        name for name in names if len({str(params.get(name)) for params in each.values()}) > 1
    ]
    marks = {"": "parameters unknown"}
    for number, (text, params) in enumerate(each.items(), 1):
        values = [f"{name}={params[name]}" for name in differ if name in params]
        without = [f"without {name}" for name in differ if name not in params]
        is_short = 0 < len(differ) <= MOST_SHOWN
        marks[text] = " ".join(values or without) if is_short else f"parameters {number}"
    return marks


def _parsed(text: str) -> dict[str, Any]:
    """Return parameters by name; none if an imported table writes them in another way."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _categories(texts: Sequence[str], codes: Ints) -> pd.Categorical[str]:
    """Return ``texts[code]`` for each code as categories in sorted order."""
    ordered = sorted(set(texts))
    place = {text: at for at, text in enumerate(ordered)}
    places = np.array([place[text] for text in texts])
    return pd.Categorical.from_codes(places[codes], pd.Index(ordered))
