"""Turn the user's request into a named setting that the solver is known to accept."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.errors import UsageError
from bench.model.included import NONE, Included
from bench.model.parameters import Catalogue
from bench.model.printable import checked_name
from bench.model.setting import ParameterValue, Setting
from bench.planning import knobs
from bench.planning.emphases import EMPHASIS
from bench.planning.knobs import Formulas, evaluate

DEFAULT_NAME = "default"
INCLUDE, START = "include", "start"
"""The names of plug-ins and start solutions among the values of a matrix."""


def setting_name(
    base: str | None,
    choices: Mapping[str, ParameterValue],
    labels: Mapping[str, str] | None = None,
    varying: Collection[str] = (),
) -> str:
    """Return e.g. ``alpha=0.15 l1_ratio=0.001``, ``cuts alpha=0.1``; ``default`` for no choice.

    ``choices`` are knobs and parameters in order; those in ``varying`` come first. ``labels`` has
    the short name of each; by default it is the last part.
    """
    labels = shortest(choices) if labels is None else labels
    ordered = sorted(choices, key=lambda name: name not in varying)
    parts = [f"{labels[name]}={_shown(choices[name])}" for name in ordered]
    return " ".join([base, *parts] if base else parts) or DEFAULT_NAME


def shortest(names: Iterable[str]) -> dict[str, str]:
    """Return for each name its shortest end, in whole parts, that no other name shares.

    E.g. ``a/freq``, ``b/c/freq``, ``x/y`` -> ``a/freq``, ``c/freq``, ``y``.
    """
    every = list(dict.fromkeys(names))
    labels = {}
    for name in every:
        parts = name.split("/")
        ends = ("/".join(parts[i:]) for i in range(len(parts) - 1, -1, -1))
        labels[name] = next(
            (end for end in ends if sum(_ends(other, end) for other in every) == 1), name
        )
    return labels


def _ends(name: str, end: str) -> bool:
    return name == end or name.endswith(f"/{end}")


def _shown(value: ParameterValue) -> str:
    return f"{value:.15g}" if isinstance(value, float) else str(value)


RESERVED = {
    "timing/clocktype": "--clock cpu or --clock wall",
    "randomization/permutationseed": "--permutations",
}
"""Parameters that bench sets itself, and the option to use instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingRequest:
    """A requested setting: knobs, a name, and parameters from a file and from options.

    ``from_file`` has been checked already; ``params`` are texts as typed. ``own`` has the values of
    the user's knobs, ``formulas`` the parameters that each sets. ``base_knobs`` are the effective
    knobs of the setting that ``from_file`` comes from, if it was one. ``include`` are functions
    that add plug-ins to the solver, ``start`` is the path of start solutions. The parameters of
    ``emphasis`` are in ``from_file``, too.
    """

    solver: str
    name: str | None = None
    alpha: float | None = None
    l1_ratio: float | None = None
    params: Mapping[str, str] = field(default_factory=dict)
    file_name: str | None = None
    from_file: Mapping[str, ParameterValue] = field(default_factory=dict)
    base_knobs: Mapping[str, float] = field(default_factory=dict)
    own: Mapping[str, float] = field(default_factory=dict)
    formulas: Formulas = field(default_factory=dict)
    include: tuple[Included, ...] = ()
    start: str = ""
    emphasis: str = ""


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
    """Add a parameter; UsageError if it has another value already."""
    if params.setdefault(name, value) != value:
        raise UsageError(
            f"{name} is given twice, as {params[name]} and as {value}; keep one of them"
        )


def knobs_and_parameters(
    texts: Mapping[str, str], catalogue: Catalogue, own: Collection[str] = ()
) -> tuple[dict[str, float], dict[str, str]]:
    """Sort values by name into those of knobs, as numbers, and those of parameters, as texts.

    ``own`` are the names of the user's knobs. A parameter of the solver takes precedence over a
    knob of bench with the same name. Raise UsageError for a knob whose value is not a number, and
    for a name that is similar to that of a knob, or means an emphasis.
    """
    known = {*own, *(name for name in knobs.STOCK if name not in catalogue)}
    numbers = {name: _number(name, text) for name, text in texts.items() if name in known}
    params = {name: text for name, text in texts.items() if name not in known}
    for name in params:
        if name in catalogue:
            continue
        if name == EMPHASIS or name.endswith(f"/{EMPHASIS}"):
            raise UsageError(
                f"unknown parameter {name!r}; --emphasis chooses an emphasis, e.g. --emphasis "
                "heuristics-off"
            )
        if near := difflib.get_close_matches(name, known, n=1):
            raise UsageError(f"unknown knob {name!r}; did you mean {near[0]!r}?")
    return numbers, params


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UsageError(f"{name} = {text!r}: expected a number") from None


def setting(request: SettingRequest, catalogue: Catalogue) -> Setting:
    """Return the setting, with every name and value checked against the solver's catalogue.

    Options override the file; a knob and a parameter that it sets exclude each other.
    """
    by_hand = {name: catalogue.check(name, value) for name, value in request.params.items()}
    given = dict(request.from_file) | by_hand
    for name in sorted(RESERVED.keys() & given.keys()):
        raise UsageError(
            f"parameter {name} is reserved, because bench sets it; use {RESERVED[name]}"
        )
    stock = knobs.stock(catalogue)
    turned = _knob_params(request, catalogue, given, stock)
    params = given | turned
    in_force = (
        knobs.effective_values(params, request.alpha, request.l1_ratio, stock) if stock else {}
    )
    if params == dict(request.from_file):
        in_force |= request.base_knobs
    chosen = _explicit_knobs(request)
    by_name: dict[str, ParameterValue] = {**chosen, **dict(sorted(by_hand.items()))}
    if request.include:
        by_name[INCLUDE] = include_title(request.include)
    if request.start:
        by_name[START] = start_title(request.start)
    if request.emphasis:
        by_name[EMPHASIS] = request.emphasis
    return Setting(
        name=checked_name(request.name or setting_name(request.file_name, by_name)),
        solver=request.solver,
        params=dict(sorted(params.items())),
        knobs=in_force | chosen,
        include=request.include,
        start=request.start,
    )


def include_title(include: Sequence[Included]) -> str:
    """Return the name of included functions in the name of a setting."""
    return "+".join(each.name for each in include) or NONE


def start_title(start: str) -> str:
    """Return the name of start solutions in the name of a setting."""
    return Path(start).name if start else NONE


def checked_base(base: Setting, catalogue: Catalogue) -> dict[str, ParameterValue]:
    """Return the parameters of a setting, each checked again."""
    return {name: catalogue.check(name, value) for name, value in base.params.items()}


def _explicit_knobs(request: SettingRequest) -> dict[str, float]:
    """Return the knobs with a given value, those of bench first."""
    both = {"alpha": request.alpha, "l1_ratio": request.l1_ratio}
    return {name: value for name, value in both.items() if value is not None} | dict(request.own)


def _knob_params(
    request: SettingRequest,
    catalogue: Catalogue,
    given: Mapping[str, ParameterValue],
    stock: Mapping[str, float],
) -> dict[str, ParameterValue]:
    """Return the parameters that the knobs set; each may be set by only one of them."""
    if not stock and not (request.alpha is None and request.l1_ratio is None):
        raise UsageError(f"alpha and l1_ratio are knobs of {knobs.SOLVER}, not of {request.solver}")
    turned: dict[str, ParameterValue] = {}
    setter = dict.fromkeys(given, "")
    for label, amounts in _amounts(request, stock):
        for name, amount in sorted(amounts.items()):
            try:
                turned[name] = catalogue.check(name, amount)
            except UsageError as error:
                raise UsageError(f"{label}: {error}") from None
            other = setter.setdefault(name, label)
            if other != label:
                raise UsageError(f"parameter {name} is already set by the {other or label}")
    return turned


def _amounts(
    request: SettingRequest, stock: Mapping[str, float]
) -> Iterator[tuple[str, Mapping[str, ParameterValue]]]:
    """Yield each knob's name in messages, and the parameters that it sets."""
    yield "knobs alpha and l1_ratio", knobs.elastic_net(request.alpha, request.l1_ratio, stock)
    for knob, value in request.own.items():
        label = f"knob {knob} = {value:g}"
        try:
            formulas = request.formulas[knob].items()
            amounts = {name: evaluate(formula, value) for name, formula in formulas}
        except UsageError as error:
            raise UsageError(f"{label}: {error}") from None
        yield label, amounts
