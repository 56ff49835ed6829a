"""A candidate: a starting point and its changes, which together are a setting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bench.model.parameters import Catalogue
from bench.model.setting import ParameterValue, Setting
from bench.planning import knobs
from bench.planning.settings import DEFAULT_NAME, SettingRequest, setting
from bench.tuning.space import Dimension, Space

STOCK = DEFAULT_NAME
"""The starting point that changes nothing."""
N_TRIED = 100
"""The number of steps in which a knob's range is checked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A setting of a space: the name of a starting point, and values by parameter or knob.

    The name is unique within a tuning.
    """

    name: str
    start: str = field(default=STOCK, compare=False)
    changes: Mapping[str, ParameterValue] = field(default_factory=dict, compare=False)

    @property
    def content(self) -> tuple[str, tuple[tuple[str, ParameterValue], ...]]:
        """The part that two candidates with different names share if they are the same setting."""
        return self.start, tuple(sorted(self.changes.items()))


def start_candidate(name: str) -> Candidate:
    """Return the candidate for a starting point without changes."""
    return Candidate(name=name, start=name)


def setting_of(candidate: Candidate, space: Space, catalogue: Catalogue) -> Setting:
    """Return the setting of a candidate, with checked values; stock values are left out.

    A change overrides the value of the starting point for the same parameter, and so does a knob.
    """
    start = dict(space.starts.get(candidate.start, {}))
    known_knobs = knobs.stock(catalogue)
    own = {
        name: float(value) for name, value in candidate.changes.items() if name in space.formulas
    }
    numbers = {
        name: float(value)
        for name, value in candidate.changes.items()
        if name in known_knobs and name not in own and name not in catalogue
    }
    by_hand = {
        name: value
        for name, value in candidate.changes.items()
        if name not in own and name not in numbers
    }
    turned = {*by_hand}
    if numbers:
        turned |= {knobs.OBJECTIVE, knobs.SUPPORT}
    for name in own:
        turned |= space.formulas[name].keys()
    kept = {name: value for name, value in start.items() if name not in turned}
    kept |= {name: value for name, value in by_hand.items() if value != catalogue[name].default}
    return setting(
        SettingRequest(
            solver=space.solver,
            name=candidate.name,
            alpha=numbers.get("alpha"),
            l1_ratio=numbers.get("l1_ratio"),
            from_file=kept,
            own=own,
            formulas=space.formulas,
        ),
        catalogue,
    )


def check_settings(space: Space, catalogue: Catalogue) -> None:
    """Raise UsageError for a value of a space that makes no setting, before anything is solved.

    Each value of a knob is tried, of a range some; then all parameters without a condition are
    changed at once, because two knobs may set the same parameter.
    """
    for one in space.dimensions:
        if one.name not in catalogue:
            for value in _some_values(one):
                _check_setting({one.name: value}, space, catalogue)
    together = {
        one.name: next(value for value in _some_values(one) if value != one.stock)
        for one in space.dimensions
        if one.is_free and not one.condition
    }
    _check_setting(together, space, catalogue)


def _check_setting(
    changes: Mapping[str, ParameterValue], space: Space, catalogue: Catalogue
) -> None:
    setting_of(Candidate(name="check", changes=changes), space, catalogue)


def _some_values(dimension: Dimension) -> list[ParameterValue]:
    if dimension.choices:
        return list(dimension.choices)
    if dimension.whole:
        return [int(dimension.low), int(dimension.high)]
    step = (dimension.high - dimension.low) / N_TRIED
    return [dimension.low, dimension.high, *(dimension.low + step * at for at in range(1, N_TRIED))]
