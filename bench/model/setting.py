"""A setting: a named solver configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bench.model.included import Included

ParameterValue = bool | int | float | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A named solver configuration.

    ``params`` holds what is set, by the solver's own names (knobs already turned into them);
    ``knobs`` holds the effective value of every knob, also where it is the solver's stock value.
    ``include`` are the functions that add plug-ins to the solver. ``start`` is where solutions to
    start from are, for each instance; empty for none.
    """

    name: str
    solver: str
    params: Mapping[str, ParameterValue] = field(default_factory=dict)
    knobs: Mapping[str, float] = field(default_factory=dict)
    include: tuple[Included, ...] = ()
    start: str = ""

    @property
    def include_identity(self) -> list[list[str]]:
        """What of the included functions makes another experiment: names and sources."""
        return [[each.name, each.digest] for each in self.include]

    @property
    def include_text(self) -> str:
        """The included functions with the beginnings of their digests."""
        return "; ".join(f"{each.name} {each.digest[:12]}" for each in self.include)
