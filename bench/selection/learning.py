"""A pipeline that learns the cost of each setting; only this module imports scikit-learn.

The forest learns the cost of a setting relative to the mean of all settings on the same instance.
Absolute costs differ much more between instances than between settings, so trees that learn them
would mainly describe the instances. For each instance, the trees that were trained without it make
a prediction. If choosing by these predictions gains nothing over the single best setting, the
choice is always that setting.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from bench.errors import BenchError
from bench.selection.chooser import Chooser, cheapest
from bench.selection.forest import LEAF, Forest
from bench.statistics.arrays import Floats

N_TREES = 200
SMALLEST_LEAF = 2
ENOUGH = 0.5
"""The gain on instances that the trees had not seen must be this many standard errors above 0.

The simulations in docs/methodology.md use this value.
"""
MISSING = "choosing by instance needs scikit-learn: pip install 'scip-bench[select]'"


def pipeline(seed: int) -> Any:
    """Return the pipeline before it has learned; BenchError without scikit-learn."""
    try:
        from sklearn.ensemble import RandomForestRegressor  # noqa: PLC0415 - may be missing
        from sklearn.impute import SimpleImputer  # noqa: PLC0415 - see above
        from sklearn.pipeline import make_pipeline  # noqa: PLC0415 - see above
    except ImportError as error:
        raise BenchError(MISSING) from error
    forest = RandomForestRegressor(
        N_TREES, min_samples_leaf=SMALLEST_LEAF, oob_score=True, random_state=seed
    )
    return make_pipeline(SimpleImputer(strategy="median"), forest)


def learn(statistics: Floats, costs: Floats, seed: int) -> Chooser:
    """Return a chooser that has learned from instances; BenchError without scikit-learn.

    Each feature must be known for at least one instance.
    """
    relative = costs - costs.mean(axis=1, keepdims=True)
    single_best = int(costs.mean(axis=0).argmin())
    fitted = pipeline(seed).fit(statistics, relative)
    imputer, forest = (step for _, step in fitted.steps)
    unseen = cheapest(forest.oob_prediction_.reshape(costs.shape), single_best)
    gains = costs[:, single_best] - costs[np.arange(len(costs)), unseen]
    return Chooser(
        single_best=single_best,
        forest=plain(forest, costs.shape[1]) if _pays(gains) else None,
        fill=imputer.statistics_,
        low=np.nanmin(statistics, axis=0),
        high=np.nanmax(statistics, axis=0),
    )


def _pays(gains: Floats) -> bool:
    """Return whether the mean is above 0 by enough standard errors."""
    return bool(gains.mean() > ENOUGH * gains.std(ddof=1) / np.sqrt(len(gains)))


def plain(forest: Any, n_settings: int) -> Forest:
    """Return the trees of a fitted forest as arrays."""
    trees = [each.tree_ for each in forest.estimators_]
    sizes = np.array([tree.node_count for tree in trees], dtype=np.int64)
    roots = np.concatenate(([0], sizes.cumsum()[:-1])).astype(np.int64)
    shift = np.repeat(roots, sizes)
    left = np.concatenate([tree.children_left for tree in trees])
    right = np.concatenate([tree.children_right for tree in trees])
    is_leaf = left < 0
    feature = np.concatenate([tree.feature for tree in trees])
    return Forest(
        roots=roots,
        feature=np.where(is_leaf, LEAF, feature).astype(np.int64),
        threshold=np.concatenate([tree.threshold for tree in trees]),
        left=np.where(is_leaf, LEAF, left + shift).astype(np.int64),
        right=np.where(is_leaf, LEAF, right + shift).astype(np.int64),
        value=np.concatenate([tree.value.reshape(-1, n_settings) for tree in trees]),
    )
