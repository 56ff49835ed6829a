"""Turn the command line of a sweep into a declaration, like a sweep file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.errors import UsageError
from bench.model.sweep import TaskOrder
from bench.planning.declaration import Declaration, NamedSetting
from bench.planning.tasks import permutations as permutations_of
from bench.planning.tasks import seeds as seeds_of
from bench.planning.values import expanded, split, values


def declare(  # noqa: PLR0913  each is an option
    *,
    instances: Sequence[str] = (),
    lists: Mapping[str, str] | None = None,
    zips: Sequence[str] = (),
    files: Sequence[str] = (),
    settings: Sequence[str] = (),
    also: Sequence[NamedSetting] = (),
    knobs: Sequence[str] = (),
    seeds: str | None = None,
    permutations: str | None = None,
    limits: Mapping[str, Any] | None = None,
    order: str | None = None,
    solu: Sequence[Path] = (),
    solver: str | None = None,
    **others: Any,
) -> Declaration:
    """Return the declaration of the options; an option that was not given is None or empty.

    These contain the texts of options: ``lists`` those of ``-p``, ``--alpha`` and ``--l1-ratio`` by
    name, ``zips`` those of ``--zip`` (``"NAME=V1,V2 NAME=W1,W2"``), ``files`` those of
    ``--settings-file`` (``a.set,b.set``), ``settings`` those of ``--setting`` (``"cuts: NAME=V
    NAME=V"``), ``knobs`` those of ``--knob`` (``"weight: NAME=FORMULA"``). ``also`` has further
    named settings. ``limits`` has fields of Limits. ``solver`` names one or several, separated by
    commas. ``others`` are fields of Declaration: name, baseline, shuffle_seed, solu_columns, lint,
    record, jobs, experiment_name.
    """
    return Declaration(
        instances=tuple(instances),
        grid={name: _values(name, text) for name, text in (lists or {}).items()},
        zips=tuple(_zipped(text) for text in zips),
        settings=(*_files(files), *(_named(text) for text in settings), *also),
        knobs=dict(_knob(text) for text in knobs),
        seeds=None if seeds is None else tuple(seeds_of(seeds)),
        permutations=None if permutations is None else tuple(permutations_of(permutations)),
        limits={name: value for name, value in (limits or {}).items() if value is not None},
        order=None if order is None else TaskOrder(order),
        solu=tuple(solu),
        own_solvers=() if solver is None else solver_names(solver),
        **others,
    )


def solver_names(text: str) -> tuple[str, ...]:
    """Return the solvers of a list such as ``scip,scip@9.2.4``; UsageError for an invalid one."""
    found = tuple(part.strip() for part in text.split(","))
    if not all(found) or len(set(found)) < len(found):
        raise UsageError(
            f"solver {text!r}: expected one name, or several different names such as A,B"
        )
    return found


def _values(name: str, text: str) -> tuple[str, ...]:
    try:
        return values(text)
    except UsageError as error:
        raise UsageError(f"{name}: {error}") from None


def _zipped(text: str) -> dict[str, tuple[str, ...]]:
    return {name: _values(name, listed) for name, listed in _pairs(text, "--zip").items()}


def _files(texts: Iterable[str]) -> Iterable[NamedSetting]:
    for text in texts:
        for part in split(text, ","):
            for name in expanded(part):
                file = Path(name)
                yield NamedSetting(name=file.stem, file=file, origin=f"--settings-file {name}")


def _named(text: str) -> NamedSetting:
    name, params = _headed(text, "--setting", "cuts: separating/maxrounds=0 alpha=0.1")
    only = params.pop("only", None)
    single = {key: _single(key, value) for key, value in params.items()}
    return NamedSetting(name=name, params=single, only=only, origin=f"--setting {name}")


def _knob(text: str) -> tuple[str, dict[str, str]]:
    name, formulas = _headed(text, "--knob", "weight: separating/maxcuts=value*100")
    return name, {key: _single(key, formula) for key, formula in formulas.items()}


def _single(name: str, text: str) -> str:
    found = _values(name, text)
    if len(found) > 1:
        raise UsageError(f"{name} accepts one value, not the list {text}; use -p for lists")
    return found[0]


def _headed(text: str, option: str, example: str) -> tuple[str, dict[str, str]]:
    """Return name and pairs of ``NAME: KEY=VALUE KEY=VALUE``."""
    name, colon, rest = text.partition(":")
    if not (colon and name.strip()):
        is_name = option == "--setting" and text.isidentifier()
        stock = f"; '{text}:' changes no parameter" if is_name else ""
        raise UsageError(
            f'{option} {text!r}: expected NAME: KEY=VALUE ..., e.g. "{example}"{stock}'
        )
    return name.strip(), _pairs(rest, option)


def _pairs(text: str, option: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for part in filter(None, split(text, " ")):
        name, equals, value = part.partition("=")
        if not (equals and name and value):
            raise UsageError(f"{option} {text!r}: expected NAME=VALUE, got {part!r}")
        if name in pairs:
            raise UsageError(f"{option} {text!r}: {name} is given twice; keep one of them")
        pairs[name] = value
    return pairs
