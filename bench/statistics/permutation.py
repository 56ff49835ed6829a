"""The sign-flip test: exact for few pairs, and what clusters of seeds are tested with."""

from __future__ import annotations

import numpy as np

from bench.statistics.arrays import Floats

MAX_EXACT = 20
ROUNDING = 1e-12


def sign_flips(differences: Floats) -> float:
    """Return the two-sided p that the mean of at most 20 differences is zero, by all sign patterns.

    Fisher's randomisation test. With several seeds, pass the sum or mean of each instance: signs
    of its seeds do not flip independently. ValueError with more than 20.
    """
    n = len(differences)
    if n > MAX_EXACT:
        raise ValueError(f"{n} differences have too many sign patterns")
    sums = np.zeros(1)
    for difference in differences:
        sums = np.concatenate((sums + difference, sums - difference))
    observed = abs(float(differences.sum()))
    return float((np.abs(sums) >= observed - ROUNDING * max(1.0, observed)).mean())
