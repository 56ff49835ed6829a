"""Trees as plain arrays, which predict without scikit-learn and are read without executing code.

scikit-learn's own files execute code when they are loaded. With them, anyone who may write to the
registry could execute code on the machine that loads a selector. Another version of scikit-learn
may also fail to read them.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from bench.errors import UsageError
from bench.statistics.arrays import Floats, Ints

LEAF = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Forest:
    """Trees, all nodes one after another; each tree begins at one of ``roots``.

    At a node the tree goes ``left`` if the ``feature`` is at most the ``threshold``, else
    ``right``; a leaf has the feature -1 and the prediction in ``value``, a number for each
    setting. Children come after their parents.
    """

    roots: Ints
    feature: Ints
    threshold: Floats
    left: Ints
    right: Ints
    value: Floats

    def predict(self, rows: Floats) -> Floats:
        """Return the mean over all trees, with shape (rows, settings)."""
        single = np.asarray(rows, dtype=np.float32)
        at = np.tile(self.roots, (len(single), 1))
        row = np.arange(len(single))[:, None]
        while (inner := self.feature[at] != LEAF).any():
            goes_left = single[row, np.where(inner, self.feature[at], 0)] <= self.threshold[at]
            at = np.where(inner, np.where(goes_left, self.left[at], self.right[at]), at)
        return np.asarray(self.value[at].mean(axis=1))

    def to_bytes(self) -> bytes:
        """Return it as a file of numpy (``.npz``)."""
        arrays: dict[str, Any] = {one.name: getattr(self, one.name) for one in fields(self)}
        buffer = io.BytesIO()
        np.savez_compressed(buffer, **arrays)
        return buffer.getvalue()


def from_bytes(content: bytes, source: str) -> Forest:
    """Return the forest of a file; UsageError, which names the source, for any other content."""
    try:
        with np.load(io.BytesIO(content)) as file:
            found = Forest(**{one.name: file[one.name] for one in fields(Forest)})
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise UsageError(f"{source}: its trees cannot be read: {error}") from error
    if not _is_sound(found):
        raise UsageError(f"{source}: its trees are damaged; train the selector again")
    return found


def _is_sound(forest: Forest) -> bool:
    """Return whether each path through the trees ends at a leaf."""
    n_nodes = len(forest.feature)
    if not np.isfinite(forest.value).all():
        return False
    vectors = (forest.feature, forest.threshold, forest.left, forest.right)
    if not (len(forest.roots) and forest.value.ndim == 2 and len(forest.value) == n_nodes):
        return False
    if any(each.shape != (n_nodes,) for each in vectors):
        return False
    if not all(each.dtype == np.int64 for each in (forest.roots, *vectors[::2], forest.right)):
        return False
    at = np.arange(n_nodes)
    inner = forest.feature != LEAF
    follow = all(
        bool(((each > at) & (each < n_nodes))[inner].all()) for each in (forest.left, forest.right)
    )
    begin = bool(((forest.roots >= 0) & (forest.roots < n_nodes)).all())
    return follow and begin and bool((forest.feature >= LEAF).all())
