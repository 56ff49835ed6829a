"""Trees as arrays: they predict what scikit-learn's do, and damaged ones are refused."""

from __future__ import annotations

import io
import pickle
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from bench.errors import UsageError
from bench.selection import learning
from bench.selection.forest import Forest, from_bytes

RNG = np.random.default_rng(3)
ROWS = RNG.normal(size=(40, 5))
COSTS = np.stack((np.where(ROWS[:, 1] > 0, -1.0, 1.0), ROWS[:, 2], np.zeros(40)), axis=1)


@pytest.fixture(scope="module")
def fitted() -> Any:
    """Return a pipeline that has learned."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(learning, "N_TREES", 25)
        return learning.pipeline(1).fit(ROWS, COSTS)


@pytest.fixture(scope="module")
def forest(fitted: Any) -> Forest:
    """Return its trees."""
    return learning.plain(fitted.steps[-1][1], 3)


def test_trees_predict_what_scikit_learn_predicts(fitted: Any, forest: Forest) -> None:
    """On rows that were learned from, and on others."""
    rows = np.concatenate((ROWS, RNG.normal(size=(200, 5))))
    np.testing.assert_allclose(forest.predict(rows), fitted.predict(rows), rtol=0, atol=1e-12)


def test_a_file_holds_them(forest: Forest) -> None:
    """Bit for bit."""
    again = from_bytes(forest.to_bytes(), "m")
    np.testing.assert_array_equal(again.predict(ROWS), forest.predict(ROWS))


@pytest.mark.parametrize(
    "change",
    [
        lambda one: replace(one, left=np.zeros_like(one.left)),
        lambda one: replace(one, right=one.right + len(one.right)),
        lambda one: replace(one, roots=one.roots[:0]),
        lambda one: replace(one, value=one.value[1:]),
        lambda one: replace(one, threshold=one.threshold[1:]),
        lambda one: replace(one, feature=one.feature.astype(np.float64)),
        lambda one: replace(one, value=one.value * np.nan),
    ],
    ids=["cycle", "beyond", "no tree", "values", "thresholds", "kind", "not a number"],
)
def test_damaged_trees_are_refused(forest: Forest, change: Any) -> None:
    """Nothing of them ever leads to another place or goes round in a circle."""
    with pytest.raises(UsageError, match="damaged"):
        from_bytes(change(forest).to_bytes(), "m")


class _Evil:
    def __reduce__(self) -> Any:
        return (pytest.fail, ("executed",))


@pytest.mark.parametrize("kind", ["text", "pickle", "array of objects"])
def test_nothing_in_a_file_is_executed(kind: str) -> None:
    """A registry may hold whatever somebody has put there."""
    content = b"hello"
    if kind == "pickle":
        content = pickle.dumps(_Evil())
    if kind == "array of objects":
        buffer = io.BytesIO()
        np.savez(buffer, roots=np.array([_Evil()], dtype=object))
        content = buffer.getvalue()
    with pytest.raises(UsageError, match="m: its trees cannot be read"):
        from_bytes(content, "m")
