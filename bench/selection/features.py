"""The features of an instance: the same function of its statistics in training and in use.

The statistics are those in the table of results, which the solver's reader counts before the
solve. An unknown feature is NaN.
"""

from __future__ import annotations

import json

import numpy as np
import pandas as pd

from bench.journal.table import problem_columns
from bench.model.instances.problem import CONSTRAINT_CLASSES, ProblemStatistics

SIZES = ("n_vars", "n_bins", "n_ints", "n_conts", "n_conss", "n_nonzeros", "n_equalities")
"""Sizes that are used as logarithms, because they differ by orders of magnitude."""
SHARES = (
    *(("n_bins", "n_vars"), ("n_ints", "n_vars"), ("n_conts", "n_vars")),
    *(("n_conss", "n_vars"), ("n_nonzeros", "n_conss"), ("n_nonzeros", "n_vars")),
    ("n_equalities", "n_conss"),
)
"""Ratios of sizes, which do not grow with the instance."""
CLASSES = "constraint_classes"
FEATURES = (
    *SIZES,
    *(f"{part}/{whole}" for part, whole in SHARES),
    *(f"class/{name}" for name in CONSTRAINT_CLASSES),
)
"""Sizes, their ratios, and the share of rows of each class of constraints."""


def features(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the features of the instance in each row; NaN for unknown ones.

    ``rows`` has columns of the table of results; a feature is unknown if its column is missing.
    """
    sizes = rows.reindex(columns=list(SIZES)).astype("float64")
    found = {name: np.log1p(sizes[name]) for name in SIZES}
    for part, whole in SHARES:
        found[f"{part}/{whole}"] = sizes[part] / sizes[whole].clip(lower=1)
    texts = rows[CLASSES] if CLASSES in rows else pd.Series(None, rows.index, dtype="object")
    counts = [
        _shares_of_classes(text, n_rows)
        for text, n_rows in zip(texts, sizes["n_conss"], strict=True)
    ]
    shares = pd.DataFrame(counts, index=rows.index, columns=list(CONSTRAINT_CLASSES))
    found |= {f"class/{name}": shares[name] for name in CONSTRAINT_CLASSES}
    return pd.DataFrame(found, index=rows.index, columns=list(FEATURES), dtype="float64")


def features_of(problem: ProblemStatistics) -> dict[str, float]:
    """Return the features of a problem that has just been read."""
    row = features(pd.DataFrame([problem_columns(problem)])).iloc[0]
    return {str(name): float(value) for name, value in row.items()}


def _shares_of_classes(text: object, n_rows: float) -> list[float]:
    """Return the share of rows in each class; NaN if the rows were not classified."""
    counts = json.loads(text) if isinstance(text, str) else {}
    if not counts and n_rows != 0:
        return [np.nan] * len(CONSTRAINT_CLASSES)
    return [counts.get(name, 0) / max(n_rows, 1) for name in CONSTRAINT_CLASSES]
