"""A look: how far a comparison that is made while its sweep goes on may use results."""

from __future__ import annotations

from dataclasses import dataclass

from bench.statistics.sequential import METHOD, conditional_power, holm_at_look


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The look that a comparison stands on.

    ``sizes`` are how many instances the looks so far have, this one last; ``last`` how many the
    last one will have. ``level`` is the significance level of this look, ``total`` that of all of
    them together. Before the first look ``sizes`` has only that one, ``n_complete`` is smaller,
    and nothing may be concluded. ``method`` names how the level is divided.
    """

    sizes: tuple[int, ...]
    last: int
    n_complete: int
    level: float
    total: float
    method: str = METHOD

    @property
    def size(self) -> int:
        """How many instances this look has."""
        return self.sizes[-1]

    @property
    def is_reached(self) -> bool:
        """Whether this look has all its results, so that it lets something conclude."""
        return self.n_complete >= self.size

    def adjusted(self, p_values: list[float]) -> list[float]:
        """Return p-values adjusted for several settings at this look (Holm)."""
        return holm_at_look(p_values, self.sizes, self.last, self.total)

    def conditional_power(self, p: float | None, n_tests: int) -> float:
        """Return the chance that the last look decides if the trend goes on; p None is no trend."""
        alpha = self.total / n_tests
        return conditional_power(1.0 if p is None else p, self.sizes, self.last, alpha)
