"""Groups of instances: by family, or by a column of the results."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import pandas as pd

from bench.errors import UsageError
from bench.instances.labels import family

FAMILY = "family"
MOST_VALUES = 10
"""A column of numbers with more different values than this is divided into quartiles."""
OF_A_PAIR = frozenset({"machine", "machine_class", "worker"})
"""Columns in which the pairs of an instance may differ."""
QUARTERS = (0.0, 0.25, 0.5, 0.75, 1.0)


def groups(frame: pd.DataFrame, by: str) -> Mapping[str, pd.DataFrame]:
    """Return the results of each group, in the order of their names or values.

    ``family`` is the beginning of an instance's name, up to its first digit (``gap-5x20`` ->
    ``gap``), unless there is such a column. UsageError, with the columns there are, for a column
    that does not exist or is empty.
    """
    if by == FAMILY and FAMILY not in frame.columns:
        labels = frame["instance"].astype(str).map(family)
    elif by not in frame.columns:
        raise UsageError(
            f"--by {by}: no such column; there are: family, {', '.join(frame.columns)}"
        )
    else:
        labels = _labels(frame, by)
    known = labels.dropna()
    if known.empty:
        raise UsageError(f"--by {by}: this column is empty")
    return {
        str(name): frame.loc[rows] for name, rows in known.groupby(known, sort=True).groups.items()
    }


def _labels(frame: pd.DataFrame, by: str) -> pd.Series:
    """Return the label of each row: that of the instance's first row with a known value.

    All results of an instance are in one group, so that settings remain comparable. For a machine,
    those of a pair are, which were measured together.
    """
    column = frame[by]
    if by in OF_A_PAIR:
        return column
    if pd.api.types.is_numeric_dtype(column) and column.nunique() > MOST_VALUES:
        column = _quarters(column.astype("float64"))
    by_instance = column.groupby(frame["instance"].astype(str)).first()
    return frame["instance"].astype(str).map(by_instance)


def _quarters(column: pd.Series) -> pd.Series:
    edges = np.unique(column.quantile(QUARTERS).to_numpy())
    names = [f"{low:g} to {high:g}" for low, high in pairwise(edges)]
    return pd.cut(column, list(edges), labels=names, include_lowest=True)
