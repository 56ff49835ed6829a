"""A candidate: a starting point and what is changed of it, which together are a setting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bench.model.parameters import Catalogue
from bench.model.setting import ParameterValue, Setting
from bench.planning import knobs
from bench.planning.settings import DEFAULT_NAME, SettingRequest, setting
from bench.tuning.space import Space

STOCK = DEFAULT_NAME
"""The starting point that changes nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A setting of a space: the name of a starting point, and values by parameter or knob.

    Within a tuning the name says which it is.
    """

    name: str
    start: str = field(default=STOCK, compare=False)
    changes: Mapping[str, ParameterValue] = field(default_factory=dict, compare=False)

    @property
    def content(self) -> tuple[str, tuple[tuple[str, ParameterValue], ...]]:
        """What two candidates of different names share if they are the same setting."""
        return self.start, tuple(sorted(self.changes.items()))


def start_candidate(name: str) -> Candidate:
    """Return the candidate that is a starting point itself."""
    return Candidate(name=name, start=name)


def setting_of(candidate: Candidate, space: Space, catalogue: Catalogue) -> Setting:
    """Return the setting of a candidate, its values checked; what is stock is left out.

    A change goes over what the starting point says of the same parameter, and so does a knob.
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
