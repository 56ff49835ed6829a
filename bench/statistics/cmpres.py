"""What SCIP's ``cmpres.awk`` prints beside its table: a Wilcoxon z and a score."""

from __future__ import annotations

import numpy as np

from bench.statistics.arrays import Floats


def score(times: Floats, others: Floats) -> float:
    """Return the geometric mean of ``times / others``, each ratio within 0.1 and 10."""
    return float(np.exp(np.log(np.clip(times / others, 0.1, 10.0)).mean()))
