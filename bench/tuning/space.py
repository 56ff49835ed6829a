"""The space of settings: parameters with their possible values, and starting points."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import partial
from importlib.resources import files
from itertools import combinations
from pathlib import Path
from typing import Any

from bench.errors import UsageError
from bench.model.parameters import Catalogue, Parameter, ParameterKind, check_value
from bench.model.setting import ParameterValue
from bench.model.solver_name import family
from bench.planning import knobs, yaml_tree
from bench.planning.emphases import Emphases
from bench.planning.knobs import Formulas

DENIED = {
    "what solved means": (
        *(
            "limits/*",
            "time_limit",
            "*_iteration_limit",
            "numerics/*",
            "*tol",
            "*tolerance*",
            "*_gap",
            "exact/*",
        ),
        *("mip_max_nodes", "mip_max_leaves", "mip_max_stall_nodes", "mip_max_improving_sols"),
        *("mip_root_presolve_only", "objective_bound", "objective_target", "solve_relaxation"),
        *("infinite_*", "small_matrix_value", "large_matrix_value", "ranging"),
        *("misc/referencevalue", "user_*_scale", "iis_*"),
    ),
    "the seed": ("randomization/*", "random_seed"),
    "the resources of a solve": (
        *("memory/*", "misc/avoidmemout", "timing/*", "parallel/*", "concurrent/*"),
        *("*threads", "parallel"),
    ),
    "what is printed or written": (
        *("display/*", "visual/*", "write/*", "write_*", "log_*", "*_file", "output_flag"),
        *("*logging*", "*report*", "*debug*"),
    ),
}
"""Patterns of parameters that must not be tuned, by their effect."""

LARGE_RATIO = 1000.0
"""From this ratio on, a range of positive numbers is sampled by its logarithm."""

_TAKEN = re.compile(r"default|winner|smallest|c\d+")
"""Names of other settings of a tuning, which no starting point may have."""
_SWITCH = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_KEYS = ("values", "low", "high", "log", "if", "why")
_FORM = "expected a mapping of values, low, high, log, if, why"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """A tuned parameter or knob, and its possible values.

    Either ``choices`` has the values, or numbers are between ``low`` and ``high``, on a logarithmic
    scale if ``log``, whole ones if ``whole``. ``condition`` has the values that other dimensions
    must have for this one to matter. ``stock`` is the solver's default, None for a knob.
    """

    name: str
    choices: tuple[ParameterValue, ...] = ()
    low: float = 0.0
    high: float = 0.0
    log: bool = False
    whole: bool = False
    condition: Mapping[str, tuple[ParameterValue, ...]] = field(default_factory=dict)
    stock: ParameterValue | None = None
    why: str = ""

    @property
    def is_free(self) -> bool:
        """Whether there is more than one value."""
        return len(self.choices) > 1 or self.high > self.low


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """The tuned part of a solver: dimensions, the user's knobs, and starting points by name."""

    solver: str
    dimensions: tuple[Dimension, ...]
    formulas: Formulas = field(default_factory=dict)
    starts: Mapping[str, Mapping[str, ParameterValue]] = field(default_factory=dict)


def denied(name: str) -> str | None:
    """Return the protected effect of a parameter, or None if it may be tuned."""
    for what, patterns in DENIED.items():
        if any(fnmatchcase(name, pattern) for pattern in patterns):
            return what
    return None


def default_space(
    solver: str,
    catalogue: Catalogue,
    emphases: Emphases | None = None,
) -> Space:
    """Return the space that comes with bench for a solver, else one derived from its catalogue.

    Parameters that this version of the solver lacks are left out. A space from the catalogue has
    the switches, choices and bounded numbers that are not advanced. ``emphases`` are additional
    starting points.
    """
    if not len(catalogue):
        raise UsageError(
            f"solver {solver!r} does not list its parameters; tune another one (see bench solvers)"
        )
    shipped = files("bench.tuning") / "spaces" / f"{family(solver)}.yaml"
    if shipped.is_file():
        found = _read(shipped.read_text(encoding="utf-8"), shipped.name, solver, catalogue, True)
    else:
        found = Space(solver=solver, dimensions=tuple(_of_catalogue(catalogue)))
    return _with_emphases(found, catalogue, emphases or {})


def read_space(
    path: Path,
    solver: str,
    catalogue: Catalogue,
    emphases: Emphases | None = None,
) -> Space:
    """Return the space in a file.

    Raise UsageError, with file, line and next step, for a name or value that the solver does not
    have, a parameter that must not be tuned, and if there is no choice. What a knob sets is
    checked by `bench.tuning.candidate.check_settings`.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a text file in UTF-8"
        raise UsageError(f"{path}: cannot be read: {reason}") from error
    found = _read(text, str(path), solver, catalogue, False)
    if not any(dimension.is_free for dimension in found.dimensions):
        raise UsageError(
            f"{path}: no parameter has more than one value; give some a list of values, or low "
            "and high"
        )
    for name in found.starts:
        if name in (emphases or {}):
            raise UsageError(
                f"{path}: starts: {name} is an emphasis of {solver}, and a starting point without "
                "being named; choose another name"
            )
    return _with_emphases(found, catalogue, emphases or {})


def _read(
    text: str, source: str, solver: str, catalogue: Catalogue, leave_out_unknown: bool
) -> Space:
    tree = yaml_tree.load(text, source)
    if not isinstance(tree.data, dict):
        raise UsageError(f"{source}: not a space: expected parameters: {{NAME: {{values: [...]}}}}")
    place = partial(_place, tree, source)
    for key in tree.data:
        if key not in ("solver", "parameters", "knobs", "starts"):
            raise UsageError(
                f"{place(key)}: unknown key {key!r}; known are solver, parameters, knobs, starts"
            )
    named = tree.data.get("solver")
    if isinstance(named, str) and family(named) != family(solver):
        raise UsageError(
            f"{place('solver')}: the space is for {named}, and {solver} is tuned; "
            f"use --solver {named} or another space"
        )
    declared = _mapping(tree.data.get("parameters"), place("parameters"), "parameters")
    formulas = _formulas(tree.data.get("knobs"), place, solver, catalogue, declared)
    dimensions = []
    for name, body in declared.items():
        at = place("parameters", name)
        if leave_out_unknown and name not in catalogue and name not in knobs.stock(catalogue):
            continue
        dimensions.append(_dimension(name, body, at, catalogue, formulas))
    known = {dimension.name: dimension for dimension in dimensions}
    dimensions = [
        _conditional(one, declared[one.name], known, place("parameters", one.name))
        for one in dimensions
    ]
    starts = {
        _start_name(name, place("starts", name)): _start(
            body, place("starts", name), catalogue, leave_out_unknown
        )
        for name, body in _mapping(tree.data.get("starts"), place("starts"), "starts").items()
    }
    return Space(
        solver=solver,
        dimensions=tuple(dimensions),
        formulas=formulas,
        starts={name: start for name, start in starts.items() if start},
    )


def _formulas(
    found: Any,
    place: Callable[..., str],
    solver: str,
    catalogue: Catalogue,
    declared: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the user's knobs, which must be among the declared parameters."""
    formulas = _mapping(found, place("knobs"), "knobs")
    for name, own in formulas.items():
        try:
            knobs.checked({name: own}, {solver: catalogue})
        except UsageError as error:
            raise UsageError(f"{place('knobs', name)}: {error}") from None
        for parameter in own:
            _refuse_denied(parameter, place("knobs", name))
        if name not in declared:
            raise UsageError(
                f"{place('knobs', name)}: {name} is not among the parameters, so that nothing "
                "would change it; add it there, or leave the knob out"
            )
    return formulas


def _place(tree: yaml_tree.Tree, source: str, *path: str) -> str:
    return f"{source}:{tree.line(path)}"


def _mapping(found: Any, place: str, key: str) -> dict[str, Any]:
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise UsageError(f"{place}: {key}: expected a mapping of names")
    return found


def _refuse_denied(name: str, place: str) -> None:
    if what := denied(name):
        raise UsageError(f"{place}: {name} changes {what} and cannot be tuned; leave it out")


def _dimension(
    name: str, body: Any, place: str, catalogue: Catalogue, formulas: Mapping[str, Any]
) -> Dimension:
    if not isinstance(body, dict | None):
        raise UsageError(f"{place}: {name}: {_FORM}")
    said = dict(body or {})
    for key in said:
        if key not in _KEYS:
            near = difflib.get_close_matches(key, _KEYS, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(_KEYS)}"
            raise UsageError(f"{place}: {name}: unknown key {key!r}; {hint}")
    is_knob = name in formulas or (name in knobs.stock(catalogue) and name not in catalogue)
    if is_knob:
        number = Parameter(name=name, kind=ParameterKind.REAL, default=0.0, description="")
        found = _values(number, said, place)
        return replace(found, stock=knobs.stock(catalogue).get(name))
    if name not in catalogue:
        raise UsageError(f"{place}: {_unknown(name, catalogue)}")
    _refuse_denied(name, place)
    return replace(_values(catalogue[name], said, place), stock=catalogue[name].default)


def _unknown(name: str, catalogue: Catalogue) -> str:
    try:
        catalogue.check(name, "")
    except UsageError as error:
        return str(error)
    return name


def _values(parameter: Parameter, said: Mapping[str, Any], place: str) -> Dimension:
    """Return the values: those listed, else all that exist, else a range."""
    name, why = parameter.name, str(said.get("why", ""))
    listed = "values" in said or parameter.kind is ParameterKind.BOOL or bool(parameter.choices)
    for key in ("low", "high", "log"):
        if listed and key in said:
            raise UsageError(f"{place}: {name}: {key} is for a range, and it has a list of values")
    if "values" in said:
        if not isinstance(said["values"], list) or not said["values"]:
            raise UsageError(f"{place}: {name}: values: expected a list of values")
        choices = tuple(_checked(parameter, each, place) for each in said["values"])
        return Dimension(name=name, choices=tuple(dict.fromkeys(choices)), why=why)
    if parameter.kind is ParameterKind.BOOL:
        return Dimension(name=name, choices=(False, True), why=why)
    if parameter.choices:
        return Dimension(name=name, choices=parameter.choices, why=why)
    return replace(_range(parameter, said, place), why=why)


def _range(parameter: Parameter, said: Mapping[str, Any], place: str) -> Dimension:
    name = parameter.name
    ends = [
        _checked(parameter, said[key], place) if key in said else own
        for key, own in (("low", parameter.low), ("high", parameter.high))
    ]
    numbers = [float(end) for end in ends if isinstance(end, int | float)]
    if len(numbers) < 2 or not all(map(math.isfinite, numbers)):
        raise UsageError(f"{place}: {name}: its range has no end; give low and high, or values")
    low, high = numbers
    if low > high:
        raise UsageError(f"{place}: {name}: low {low:g} is above high {high:g}")
    log = low > 0 and high / low >= LARGE_RATIO
    if "log" in said:
        text = str(said["log"])
        if text.lower() not in _SWITCH:
            raise UsageError(f"{place}: {name}: log: expected true or false, not {text!r}")
        log = _SWITCH[text.lower()]
    if log and low <= 0:
        raise UsageError(f"{place}: {name}: a logarithm needs a low end above 0; raise low")
    whole = parameter.kind is ParameterKind.INT
    return Dimension(name=name, low=low, high=high, log=log, whole=whole)


def _checked(parameter: Parameter, text: Any, place: str) -> ParameterValue:
    if not isinstance(text, str):
        raise UsageError(f"{place}: {parameter.name}: expected single values")
    try:
        return check_value(parameter, text)
    except UsageError as error:
        raise UsageError(f"{place}: {error}") from None


def _conditional(
    dimension: Dimension, body: Any, known: Mapping[str, Dimension], place: str
) -> Dimension:
    """Return the dimension with its condition, which uses the values of the other dimension."""
    said = _mapping((body or {}).get("if"), place, f"{dimension.name}: if")
    condition: dict[str, tuple[ParameterValue, ...]] = {}
    for name, texts in said.items():
        other = known.get(name)
        if other is None or not other.choices or name == dimension.name:
            raise UsageError(
                f"{place}: {dimension.name}: if: {name} is not another parameter of the space with "
                "a list of values"
            )
        wanted = {text.lower() for text in (texts if isinstance(texts, list) else [texts])}
        values = tuple(each for each in other.choices if str(each).lower() in wanted)
        if len(values) < len(wanted):
            raise UsageError(
                f"{place}: {dimension.name}: if: {name} takes {', '.join(map(str, other.choices))}"
            )
        condition[name] = values
    return replace(dimension, condition=condition)


def _start_name(name: str, place: str) -> str:
    """Return the name of a starting point; a space would join the names of two."""
    if not name or " " in name or _TAKEN.fullmatch(name):
        raise UsageError(
            f"{place}: {name!r} cannot be the name of a starting point; choose another one, "
            "without spaces"
        )
    return name


def _start(
    body: Any, place: str, catalogue: Catalogue, leave_out_unknown: bool
) -> dict[str, ParameterValue]:
    found: dict[str, ParameterValue] = {}
    for name, text in _mapping(body, place, "starts").items():
        if leave_out_unknown and name not in catalogue:
            continue
        _refuse_denied(name, place)
        try:
            found[name] = catalogue.check(name, text)
        except UsageError as error:
            raise UsageError(f"{place}: {error}") from None
    return found


def _of_catalogue(catalogue: Catalogue) -> Iterator[Dimension]:
    for parameter in catalogue.values():
        if parameter.advanced or denied(parameter.name):
            continue
        made = partial(Dimension, name=parameter.name, stock=parameter.default)
        if parameter.kind is ParameterKind.BOOL:
            yield made(choices=(False, True))
        elif len(parameter.choices) > 1:
            yield made(choices=parameter.choices)
        elif parameter.low is not None and parameter.high is not None:
            low, high = float(parameter.low), float(parameter.high)
            log = low > 0 and high / low >= LARGE_RATIO
            if low < high < 2**31 - 1:
                whole = parameter.kind is ParameterKind.INT
                yield made(low=low, high=high, log=log, whole=whole)


def _with_emphases(space: Space, catalogue: Catalogue, emphases: Emphases) -> Space:
    """Add the solver's emphases and their pairs to the starting points, single ones first.

    An emphasis that changes a protected parameter is left out, and so are parameters that this
    version lacks.
    """
    singles = {
        name: {key: value for key, value in params.items() if key in catalogue}
        for name, params in emphases.items()
        if params and not any(map(denied, params))
    }
    own = dict(space.starts) | singles
    pairs = {
        f"{one} {other}": dict(own[one]) | dict(own[other])
        for one, other in sorted(combinations(own, 2), key=_has_general)
        if _group(one) != _group(other)
    }
    return replace(space, starts=own | pairs)


def _group(name: str) -> str:
    return name.rpartition("-")[0] or name


def _has_general(pair: tuple[str, str]) -> bool:
    """Return whether a pair contains an emphasis of the whole solver; such pairs come last."""
    return any(name.startswith("emphasis-") for name in pair)
