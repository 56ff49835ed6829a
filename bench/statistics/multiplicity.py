"""Several tests at once: p-values adjusted for their number."""

from __future__ import annotations

from collections.abc import Sequence


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values adjusted by Holm (1979): the chance of any false alarm stays below alpha."""
    m = len(p_values)
    adjusted = [0.0] * m
    largest = 0.0
    for i, at in enumerate(sorted(range(m), key=lambda at: p_values[at])):
        largest = max(largest, min(1.0, (m - i) * p_values[at]))
        adjusted[at] = largest
    return adjusted
