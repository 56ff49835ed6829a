"""A look: a point at which a running sweep is compared, and the results that it may use."""

from __future__ import annotations

from dataclasses import dataclass

from bench.statistics.sequential import METHOD, conditional_power, holm_at_look


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The look of a comparison.

    ``sizes`` are the numbers of instances of the looks so far, this one last; ``last`` is that of
    the last look. ``level`` is the significance level of this look, ``total`` that of all of them
    together. Before the first look, ``sizes`` has only that one, ``n_complete`` is smaller, and
    there are no conclusions. ``method`` names how the level is divided. ``short_s`` is the mean
    time at the first look if solves are so short that a smaller shift and clip are used.
    """

    sizes: tuple[int, ...]
    last: int
    n_complete: int
    level: float
    total: float
    method: str = METHOD
    short_s: float | None = None

    @property
    def size(self) -> int:
        """The number of instances of this look."""
        return self.sizes[-1]

    @property
    def is_reached(self) -> bool:
        """Whether this look has all its results, so that conclusions are allowed."""
        return self.n_complete >= self.size

    def adjusted(self, p_values: list[float]) -> list[float]:
        """Return p-values adjusted for several settings at this look (Holm)."""
        return holm_at_look(p_values, self.sizes, self.last, self.total)

    def conditional_power(self, p: float | None, n_tests: int) -> float:
        """Return the probability that the last look decides under the trend p; None without."""
        alpha = self.total / n_tests
        return conditional_power(1.0 if p is None else p, self.sizes, self.last, alpha)
