"""A setting: a named solver configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

ParameterValue = bool | int | float | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A named solver configuration.

    ``params`` holds what is set, by the solver's own names (knobs already turned into them);
    ``knobs`` holds the effective value of every knob, also where it is the solver's stock value.
    """

    name: str
    solver: str
    params: Mapping[str, ParameterValue] = field(default_factory=dict)
    knobs: Mapping[str, float] = field(default_factory=dict)
