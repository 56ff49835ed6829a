"""A setting: a named solver configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bench.model.included import Included

ParameterValue = bool | int | float | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A named solver configuration.

    ``params`` has the parameters, by the solver's own names (including those of knobs). ``knobs``
    has the effective value of every knob, also if it is the stock value. ``include`` are the
    functions that add plug-ins to the solver. ``start`` is the path of start solutions for the
    instances; empty for none.
    """

    name: str
    solver: str
    params: Mapping[str, ParameterValue] = field(default_factory=dict)
    knobs: Mapping[str, float] = field(default_factory=dict)
    include: tuple[Included, ...] = ()
    start: str = ""

    @property
    def include_identity(self) -> list[list[str]]:
        """The names and digests of the included functions, a part of the setting's identity."""
        return [[each.name, each.digest] for each in self.include]

    @property
    def include_text(self) -> str:
        """The included functions with the beginnings of their digests."""
        return "; ".join(f"{each.name} {each.digest[:12]}" for each in self.include)
