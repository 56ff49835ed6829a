"""Turn a declaration into a sweep in which every name and value is checked.

Without named settings, the points of the matrix (grid and zipped lists) are the settings. Named
settings are combined with the matrix: ``cuts`` becomes ``cuts alpha=0.1`` and so on. Several
solvers are combined with all settings that name none: ``cuts scip@9.2.4 alpha=0.1``. A list of one
value applies to all settings, and does not appear in the names of named ones. The matrix overrides
a ``.set`` file, which overrides an emphasis, but must not set a named setting's own parameters.
Settings with equal parameters and different names are allowed (A/A tests).
"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.errors import UsageError
from bench.model.included import NONE
from bench.model.limits import Clock, Limits
from bench.model.parameters import Catalogue
from bench.model.printable import checked_name
from bench.model.setting import ParameterValue, Setting
from bench.model.solver_name import matches
from bench.model.sweep import Sweep, TaskOrder
from bench.planning import knobs, limits, matrix
from bench.planning.abilities import check_seeds_have_effect
from bench.planning.declaration import NAME, Declaration, NamedSetting
from bench.planning.emphases import EMPHASIS, parameters_of
from bench.planning.limits import THREADS
from bench.planning.settings import (
    DEFAULT_NAME,
    INCLUDE,
    START,
    SettingRequest,
    checked_base,
    include_title,
    knobs_and_parameters,
    setting,
    setting_name,
    shortest,
    start_title,
)
from bench.planning.threads import check_threads, threaded

SEED_PARAMETERS = frozenset(
    {"randomization/randomseedshift", "random_seed", "randomSeed", "randomCbcSeed"}
)
"""Parameters by which solvers take a seed."""

OURS = frozenset({INCLUDE, START, EMPHASIS})
"""Names in a matrix that are neither knobs nor parameters of a solver."""

COMMON_GAP = 0.0
"""The default relative gap of a sweep over several solvers."""

_N_SHOWN = 5

SetFileReader = Callable[[Path, Catalogue], Mapping[str, ParameterValue]]
"""Returns the checked parameters of a ``.set`` file; raises UsageError."""


def sweep(  # noqa: PLR0913  what is known of each solver
    declaration: Declaration,
    catalogues: Mapping[str, Catalogue],
    read_set_file: SetFileReader,
    *,
    limit_parameters: Mapping[str, Mapping[str, str]] | None = None,
    permuting: Collection[str] = (),
    without_cpu_clock: Collection[str] = (),
    unseeded: Collection[str] = (),
    versions: Mapping[str, str] | None = None,
) -> Sweep:
    """Return the declared sweep.

    ``catalogues`` and ``limit_parameters`` (which map parameters to fields of Limits) have an entry
    for each of ``declaration.solvers``. ``permuting`` names the solvers that can permute an
    instance, ``without_cpu_clock`` those whose time limit cannot count CPU time, ``unseeded`` those
    without a random seed. ``versions`` has the version of each, to restrict settings to some.
    Settings of several solvers stop at the same gap, 0 unless another is given. Without a baseline,
    the only setting that changes nothing is the baseline. Raise UsageError, in one line, for
    anything that cannot be executed as declared.
    """
    if not declaration.instances:
        raise UsageError("no instances were given; name some, e.g. instances/quick.test")
    settings = list(_settings(declaration, catalogues, read_set_file, versions or {}))
    settings = _with_stock(settings, declaration, catalogues)
    check_baseline(declaration, settings)
    check_seeds(declaration, settings)
    check_seeds_have_effect(
        declaration.seeds or (),
        [each.solver for each in settings],
        unseeded,
        declaration.at("seeds"),
    )
    check_permutations(declaration, settings, permuting)
    check_clock(declaration, settings, without_cpu_clock)
    check_threads(
        declaration.limits.get(THREADS),
        [each.solver for each in settings],
        threaded(limit_parameters or {}),
        declaration.at(THREADS),
    )
    return Sweep(
        name=checked_name(declaration.name or NAME),
        settings=tuple(settings),
        limits=_limits(declaration, settings, limit_parameters or {}),
        instances=declaration.instances,
        seeds=declaration.seeds or (0,),
        permutations=declaration.permutations or (0,),
        baseline=declaration.baseline or _stock_among(settings),
        order=declaration.order or TaskOrder.INTERLEAVED,
        shuffle_seed=declaration.shuffle_seed or 0,
        solu=declaration.solu,
    )


@dataclass(frozen=True, slots=True)
class _Base:
    """The base of a point of the matrix: a solver, and a named setting or nothing.

    ``title`` comes first in the names of its settings.
    """

    solver: str
    catalogue: Catalogue
    title: str | None = None
    named: NamedSetting | None = None
    from_file: Mapping[str, ParameterValue] = dataclasses.field(default_factory=dict)

    @property
    def own(self) -> Mapping[str, str]:
        return self.named.params if self.named else {}


def _settings(
    declaration: Declaration,
    catalogues: Mapping[str, Catalogue],
    read: SetFileReader,
    versions: Mapping[str, str],
) -> Iterator[Setting]:
    """Yield each base combined with the matrix; UsageError if two have the same name."""
    _check_knobs(declaration, catalogues)
    dimensions = matrix.dimensions(declaration)
    bases = list(_bases(declaration, catalogues, read, versions))
    _check_values(declaration, dimensions, bases, catalogues)
    labels = shortest(name for dimension in dimensions for name in dimension.names)
    varying = matrix.varying(dimensions)
    origins: dict[str, str] = {}
    for base in bases:
        for point in matrix.points(dimensions):
            try:
                made = _made(declaration, base, point, labels, varying)
            except UsageError as error:
                raise UsageError(f"{error}{_limited(declaration, base, catalogues)}") from None
            origin = _origin(declaration, base, point)
            if made.name in origins:
                raise UsageError(
                    f"two settings have the name {made.name!r}: {origins[made.name]}, and "
                    f"{origin}; rename or remove one"
                )
            origins[made.name] = origin
            yield made


def _origin(declaration: Declaration, base: _Base, point: matrix.Point) -> str:
    """Return the place of a setting's declaration, e.g. ``s.yaml:3: grid with alpha = 0.1``."""
    place = base.named.origin if base.named else declaration.at("grid").removesuffix(": ")
    told = ", ".join(f"{name} = {value}" for name, value in point.items())
    return f"{place} with {told}".strip() if told else place


def _bases(
    declaration: Declaration,
    catalogues: Mapping[str, Catalogue],
    read: SetFileReader,
    versions: Mapping[str, str],
) -> Iterator[_Base]:
    several = len(declaration.axis) > 1
    if not declaration.settings:
        for solver in declaration.axis:
            yield _Base(solver, catalogues[solver], solver if several else None)
    for named in declaration.settings:
        for solver in _solvers_of(named, declaration, versions):
            catalogue = catalogues[solver]
            title = named.name if named.solver or not several else f"{named.name} {solver}"
            yield _Base(solver, catalogue, title, named, _from_file(named, solver, catalogue, read))


def _from_file(
    named: NamedSetting, solver: str, catalogue: Catalogue, read: SetFileReader
) -> Mapping[str, ParameterValue]:
    """Return the parameters of a named setting's file or registered setting."""
    if named.base is not None:
        return checked_base(named.base, catalogue)
    if named.file is None:
        return {}
    try:
        return read(named.file, catalogue)
    except UsageError as error:
        raise UsageError(f"{error} (solver {solver})") from None


def _solvers_of(
    named: NamedSetting, declaration: Declaration, versions: Mapping[str, str]
) -> Sequence[str]:
    """Return the solvers of a named setting: its own, or the matching ones of the sweep."""
    if named.solver is not None:
        return (named.solver,)
    if named.only is None:
        return declaration.axis
    meant = [
        solver
        for solver in declaration.axis
        if matches(named.only, solver, versions.get(solver, ""))
    ]
    if not meant:
        there = ", ".join(declaration.axis)
        raise UsageError(
            f"{named.origin}: only: {named.only} matches no solver of the sweep; known: {there}"
        )
    return meant


def _limited(declaration: Declaration, base: _Base, catalogues: Mapping[str, Catalogue]) -> str:
    """Return the solvers that know all parameters of a setting if one solver does not."""
    names = {*base.own, *declaration.grid, *(name for group in declaration.zips for name in group)}
    unknown = {name for name in names - OURS if name not in base.catalogue}
    know = [
        solver
        for solver in declaration.axis
        if solver != base.solver and unknown & catalogues[solver].keys()
    ]
    if not know:
        return ""
    return (
        f" (solver {base.solver}; {', '.join(know)} {'has' if len(know) == 1 else 'have'} it: "
        f"limit a named setting to that solver with only: {know[0]})"
    )


def _made(
    declaration: Declaration,
    base: _Base,
    point: matrix.Point,
    labels: Mapping[str, str],
    varying: Collection[str],
) -> Setting:
    """Return the setting of a base and a point, under its name."""
    at = f"{base.named.origin}: " if base.named else ""
    for name in base.own.keys() & point.keys():
        raise UsageError(f"{at}{name} is in the grid or in zip too; keep one of them")
    try:
        request = _request(declaration, base, {**base.own, **point})
        made = setting(request, base.catalogue)
    except UsageError as error:
        raise UsageError(f"{at}{error}") from None
    values = {
        **made.params,
        **made.knobs,
        INCLUDE: include_title(made.include),
        START: start_title(made.start),
        EMPHASIS: point.get(EMPHASIS, NONE),
    }
    shown = {name for name in point if not base.named or name in varying}
    order = [*made.knobs, *made.params, INCLUDE, START, EMPHASIS]
    choices = {name: values[name] for name in order if name in shown}
    name = setting_name(base.title, choices, labels, varying)
    return dataclasses.replace(made, name=checked_name(name))


def _request(declaration: Declaration, base: _Base, texts: Mapping[str, str]) -> SettingRequest:
    """Sort texts by name into knobs of bench, knobs of the user and parameters."""
    own = {name: text for name, text in texts.items() if name not in OURS}
    numbers, params = knobs_and_parameters(own, base.catalogue, declaration.knobs)
    emphasis = texts.get(EMPHASIS, NONE)
    published = parameters_of(emphasis, declaration.emphases.get(base.solver, {}), base.solver)
    registered = base.named.base if base.named else None
    return SettingRequest(
        solver=base.solver,
        alpha=numbers.pop("alpha", None),
        l1_ratio=numbers.pop("l1_ratio", None),
        params=params,
        from_file={**published, **base.from_file},
        base_knobs=registered.knobs if registered and not published else {},
        own=numbers,
        formulas=declaration.knobs,
        include=declaration.included[texts[INCLUDE]] if INCLUDE in texts else (),
        start="" if texts.get(START, NONE) == NONE else texts[START],
        emphasis="" if emphasis == NONE else emphasis,
    )


def _check_knobs(declaration: Declaration, catalogues: Mapping[str, Catalogue]) -> None:
    for name, own in declaration.knobs.items():
        try:
            knobs.checked({name: own}, catalogues)
        except UsageError as error:
            raise UsageError(f"{declaration.at('knobs', name)}{error}") from None


def _check_values(
    declaration: Declaration,
    dimensions: Sequence[matrix.Dimension],
    bases: Sequence[_Base],
    catalogues: Mapping[str, Catalogue],
) -> None:
    """Check every value by itself, so that a message names its list."""
    solvers = {base.solver: dataclasses.replace(base, named=None, from_file={}) for base in bases}
    for dimension in dimensions:
        for bare in solvers.values():
            for point in dimension.points:
                try:
                    setting(_request(declaration, bare, point), bare.catalogue)
                except UsageError as error:
                    hint = _limited(declaration, bare, catalogues)
                    raise UsageError(f"{dimension.origin}{error}{hint}") from None


def _with_stock(
    settings: list[Setting], declaration: Declaration, catalogues: Mapping[str, Catalogue]
) -> list[Setting]:
    """Insert the stock setting first if it is the baseline and not among the settings."""
    names = {each.name for each in settings}
    if declaration.baseline != DEFAULT_NAME or DEFAULT_NAME in names:
        return settings
    solver = declaration.axis[0]
    return [setting(SettingRequest(solver=solver), catalogues[solver]), *settings]


def _stock_among(settings: Sequence[Setting]) -> str | None:
    """Return the name of the only setting that changes nothing, e.g. ``emphasis=none``.

    None if a setting has the name ``default``, which comparisons take for the baseline.
    """
    stock = [each.name for each in settings if not (each.params or each.include or each.start)]
    is_named = any(each.name == DEFAULT_NAME for each in settings)
    return stock[0] if len(stock) == 1 and not is_named else None


def _several_solvers(settings: Iterable[Setting]) -> bool:
    return len({each.solver for each in settings}) > 1


def _limits(
    declaration: Declaration,
    settings: Sequence[Setting],
    limit_parameters: Mapping[str, Mapping[str, str]],
) -> dict[str, Limits]:
    """Return the limits of each setting by its name.

    Several solvers have the same gap: with their own defaults, they would solve different problems.
    """
    found = {}
    for each in settings:
        try:
            own = limit_parameters.get(each.solver, {})
            found[each.name] = limits.merged(declaration.limits, each.params, own)
        except UsageError as error:
            raise UsageError(f"setting {each.name!r}: {error}") from None
    if not _several_solvers(settings):
        return found
    return {
        name: dataclasses.replace(each, gap=COMMON_GAP) if each.gap is None else each
        for name, each in found.items()
    }


def check_baseline(declaration: Declaration, settings: Sequence[Setting]) -> None:
    """Raise UsageError if no setting has the name of the baseline."""
    wanted, names = declaration.baseline, [each.name for each in settings]
    if wanted is None or wanted in names:
        return
    near = difflib.get_close_matches(wanted, [*names, DEFAULT_NAME], n=1)
    told = ", ".join(names[:_N_SHOWN]) + (", ..." if len(names) > _N_SHOWN else "")
    hint = f"did you mean {near[0]!r}?" if near else f"there are: {told}"
    raise UsageError(f"{declaration.at('baseline')}no setting {wanted!r}; {hint}")


def check_seeds(declaration: Declaration, settings: Sequence[Setting]) -> None:
    """Raise UsageError if both the sweep and a setting set the seed."""
    if not any(declaration.seeds or ()):
        return
    for each in settings:
        for name in sorted(SEED_PARAMETERS & each.params.keys()):
            raise UsageError(
                f"{declaration.at('seeds')}setting {each.name!r} sets {name} already; remove this "
                "parameter or the seeds"
            )


def check_permutations(
    declaration: Declaration, settings: Sequence[Setting], permuting: Collection[str]
) -> None:
    """Raise UsageError if an instance is to be permuted by a solver that cannot do it."""
    if not any(declaration.permutations or ()):
        return
    for each in settings:
        if each.solver not in permuting:
            raise UsageError(
                f"{declaration.at('permutations')}solver {each.solver!r} cannot permute "
                "instances; remove the permutations"
            )


def check_clock(
    declaration: Declaration, settings: Sequence[Setting], without_cpu_clock: Collection[str]
) -> None:
    """Raise UsageError if solvers are to be limited by CPU time and one cannot count it."""
    if declaration.limits.get("clock") is not Clock.CPU or not _several_solvers(settings):
        return
    for each in settings:
        if each.solver in without_cpu_clock:
            raise UsageError(
                f"{declaration.at('clock')}solver {each.solver!r} cannot measure CPU time; with "
                "this solver the limit must count wall time, so remove the clock"
            )
