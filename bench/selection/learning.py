"""The only place that imports scikit-learn: forests that predict what each setting costs."""

from __future__ import annotations

from typing import Any

import numpy as np

from bench.errors import BenchError
from bench.statistics.arrays import Floats, Ints

N_TREES = 200
SMALLEST_LEAF = 2
MISSING = "choosing by instance needs scikit-learn: pip install 'scip-bench[select]'"


def fitted(statistics: Floats, costs: Floats, seed: int) -> Any:
    """Return a pipeline that predicts the cost of each setting; BenchError without scikit-learn."""
    try:
        from sklearn.ensemble import RandomForestRegressor  # noqa: PLC0415 - may be missing
        from sklearn.pipeline import make_pipeline  # noqa: PLC0415 - see above
        from sklearn.preprocessing import StandardScaler  # noqa: PLC0415 - see above
    except ImportError as error:
        raise BenchError(MISSING) from error
    forest = RandomForestRegressor(N_TREES, min_samples_leaf=SMALLEST_LEAF, random_state=seed)
    return make_pipeline(StandardScaler(), forest).fit(statistics, costs)


def chosen(model: Any, statistics: Floats, fallback: int, margin: float) -> Ints:
    """Return the setting of each instance: the cheapest by prediction.

    Where that would gain less than ``margin`` (a difference of logs) it is the ``fallback``.
    """
    predicted = np.asarray(model.predict(statistics))
    best = predicted.argmin(axis=1)
    rows = np.arange(len(predicted))
    gain = predicted[:, fallback] - predicted[rows, best]
    return np.where(gain > margin, best, fallback).astype(np.int64)
