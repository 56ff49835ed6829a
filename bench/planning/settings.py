"""From what the user gave to a setting that the solver is known to accept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bench.errors import UsageError
from bench.model.parameters import Catalogue
from bench.model.setting import ParameterValue, Setting
from bench.planning import knobs

DEFAULT_NAME = "default"
RESERVED = {
    "timing/clocktype": "--clock cpu or --clock wall",
    "randomization/permutationseed": "--permutations",
}
"""Parameters that the harness sets itself, and the option to use instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the user asked for: knobs, a name, and parameters from a file and by hand.

    ``from_file`` has been checked already; ``params`` are texts as typed.
    """

    solver: str
    name: str | None = None
    alpha: float | None = None
    l1_ratio: float | None = None
    params: Mapping[str, str] = field(default_factory=dict)
    file_name: str | None = None
    from_file: Mapping[str, ParameterValue] = field(default_factory=dict)


def assignments(texts: Iterable[str]) -> dict[str, str]:
    """Return ``NAME=VALUE`` texts as a mapping; UsageError for another form or a name twice."""
    params: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not (equals and name.strip()):
            raise UsageError(f"{text!r}: expected NAME=VALUE, e.g. -p separating/maxrounds=0")
        add_parameter(params, name.strip(), value.strip())
    return params


def add_parameter(params: dict[str, str], name: str, value: str) -> None:
    """Put a parameter in; UsageError where another value stands already."""
    if params.setdefault(name, value) != value:
        raise UsageError(f"parameter {name} given twice: {params[name]} and {value}")


def setting(wish: Wish, catalogue: Catalogue) -> Setting:
    """Return the setting, every name and value checked against the solver's catalogue.

    By hand goes over file; a knob and a parameter that it sets exclude each other.
    """
    by_hand = {name: catalogue.check(name, value) for name, value in wish.params.items()}
    given = dict(wish.from_file) | by_hand
    for name in RESERVED.keys() & given.keys():
        raise UsageError(f"parameter {name} is set by bench itself; use {RESERVED[name]}")
    if wish.solver != knobs.SOLVER and not (wish.alpha is None and wish.l1_ratio is None):
        raise UsageError(f"alpha and l1_ratio are knobs of {knobs.SOLVER}, not of {wish.solver}")
    turned = knobs.elastic_net(wish.alpha, wish.l1_ratio)
    for name in sorted(turned.keys() & given.keys()):
        raise UsageError(f"parameter {name} is already set by the knobs alpha and l1_ratio")
    params = given | {name: catalogue.check(name, value) for name, value in turned.items()}
    effective = (
        knobs.effective(params, wish.alpha, wish.l1_ratio) if wish.solver == knobs.SOLVER else {}
    )
    return Setting(
        name=wish.name or _name(wish, by_hand),
        solver=wish.solver,
        params=dict(sorted(params.items())),
        knobs=effective,
    )


def _name(wish: Wish, by_hand: Mapping[str, ParameterValue]) -> str:
    """Return a short name that says first what differs, e.g. ``alpha=0.15 l1_ratio=0.001``."""
    parts = [] if wish.file_name is None else [wish.file_name]
    if wish.alpha is not None:
        parts.append(f"alpha={wish.alpha:g}")
    if wish.l1_ratio is not None:
        parts.append(f"l1_ratio={wish.l1_ratio:g}")
    parts += [f"{name.rpartition('/')[2]}={value}" for name, value in sorted(by_hand.items())]
    return " ".join(parts) or DEFAULT_NAME
