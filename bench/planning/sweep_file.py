"""Turn a sweep file into a declaration. Each of its keys has the name of an option."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.errors import UsageError
from bench.model import included
from bench.planning import declared_executor, sweep_file_schema, yaml_tree
from bench.planning.command_line import solver_names
from bench.planning.declaration import Declaration, Lists, NamedSetting
from bench.planning.declared_executor import DeclaredExecutor
from bench.planning.emphases import EMPHASIS
from bench.planning.limits import LIMITS
from bench.planning.settings import INCLUDE, START
from bench.planning.values import expanded
from bench.planning.yaml_tree import Tree

SETTING_FROM = ("setting_from", "setting-from")
"""The same key in the spelling of the other keys and in that of the option."""
_FORMS = "expected FILE.set, or NAME: {PARAMETER: VALUE}"


def below(folder: Path, word: str) -> str:
    """Return a path in a file relative to the file's folder."""
    return str(folder / Path(word).expanduser())


def named(found: Any, tree: Tree, source: Path) -> Iterator[NamedSetting]:
    """Yield the settings of a mapping, or of a list of ``.set`` files and mappings.

    The body of a setting is a mapping of knobs and parameters to one value each, a ``.set`` file,
    or nothing for stock. In a mapping, ``file``, ``setting_from`` (a registered setting),
    ``solver``, ``only`` (a pattern of solvers) and ``params`` (more parameters) have a special
    meaning. Raise UsageError for anything else.
    """
    if found is None:
        return
    for path, item in _items(found, ("settings",), tree, source):
        if isinstance(item, str):
            file = Path(below(source.parent, item))
            yield NamedSetting(
                name=file.stem, file=file, origin=f"{source}:{tree.line(path)}: {item}"
            )
            continue
        for name, body in item.items():
            yield _one(name, body, (*path, name), tree, source)


def _items(
    found: Any, path: tuple[str, ...], tree: Tree, source: Path
) -> Iterator[tuple[tuple[str, ...], Any]]:
    items = found if isinstance(found, list) else [found]
    if not any(items):
        raise UsageError(f"{source}:{tree.line(path)}: settings: the list is empty; {_FORMS}")
    for i, item in enumerate(items):
        own = (*path, str(i)) if isinstance(found, list) else path
        if not isinstance(item, str | dict):
            raise UsageError(f"{source}:{tree.line(own)}: settings: {_FORMS}")
        yield own, item


def _one(name: str, body: Any, path: tuple[str, ...], tree: Tree, source: Path) -> NamedSetting:
    origin = f"{source}:{tree.line(path)}: setting {name!r}"
    if isinstance(body, str):
        body = {"file": body}
    if not isinstance(body, dict | None):
        raise UsageError(f"{origin}: {_FORMS}")
    rest = dict(body or {})
    file, solver, only, more = (rest.pop(key, None) for key in ("file", "solver", "only", "params"))
    references = [rest.pop(key, None) for key in SETTING_FROM]
    setting_from = references[0] or references[1]
    if not isinstance(more, dict | None):
        raise UsageError(f"{origin}: params: expected a mapping PARAMETER: VALUE")
    texts = {"file": file, "solver": solver, "only": only, "setting_from": setting_from}
    for key, text in texts.items():
        if not isinstance(text, str | None):
            raise UsageError(f"{origin}: {key}: expected one text")
    if solver is not None and only is not None:
        raise UsageError(f"{origin}: solver and only exclude each other; keep one of them")
    if file is not None and setting_from is not None:
        raise UsageError(f"{origin}: file and setting_from exclude each other; keep one of them")
    twice = sorted(rest.keys() & (more or {}).keys())
    if twice:
        raise UsageError(f"{origin}: {twice[0]} is in params too; keep one of them")
    return NamedSetting(
        name=name,
        params={key: _single(key, value, origin) for key, value in (rest | (more or {})).items()},
        file=None if file is None else Path(below(source.parent, file)),
        setting_from=setting_from,
        solver=solver,
        only=only,
        origin=origin,
    )


def _single(key: str, found: Any, origin: str) -> str:
    if not isinstance(found, str):
        raise UsageError(f"{origin}: {key}: expected one value; put lists of values under grid")
    try:
        values = expanded(found)
    except UsageError as error:
        raise UsageError(f"{origin}: {key}: {error}") from None
    if len(values) > 1:
        raise UsageError(f"{origin}: {key}: expected one value; put ranges under grid")
    return values[0]


def _registered(references: Iterable[str], tree: Tree, source: Path) -> Iterator[NamedSetting]:
    """Yield a setting for each reference to the registry, which also provides its name."""
    for at, reference in enumerate(references):
        lines = {tree.line((key, str(at))) for key in SETTING_FROM if key in tree.data}
        origin = f"{source}:{min(lines)}: setting_from"
        yield NamedSetting(name="", setting_from=reference, origin=origin)


def _solvers(found: sweep_file_schema.Document, tree: Tree, source: Path) -> tuple[str, ...]:
    """Return the solvers of the sweep, from either key."""
    if found.solver and found.solvers:
        origin = f"{source}:{tree.line(('solvers',))}"
        raise UsageError(f"{origin}: solver and solvers exclude each other; keep one of them")
    key = "solvers" if found.solvers else "solver"
    text = ",".join(found.solvers) if found.solvers else found.solver
    try:
        return solver_names(text) if text else ()
    except UsageError as error:
        raise UsageError(f"{source}:{tree.line((key,))}: {error}") from None


_FIELD = {"zip": "zips"}
_AS_THEY_ARE = frozenset(
    {"grid", "knobs", "baseline", "seeds", "permutations", "order", "shuffle_seed", "until"}
    | {"solu_columns", "lint", "record", "jobs", "experiment_name"}
)


def from_yaml(content: str | bytes, source: Path) -> Declaration:
    """Return the declaration in a sweep file; relative paths in it are relative to its folder.

    ``source`` is the file's path, for messages and for the folder; the default name of the sweep is
    that of the file. Raise UsageError with file, line, key and next step for any error.
    """
    tree = yaml_tree.load(content, str(source))
    if not isinstance(tree.data, dict):
        raise UsageError(f"{source}: not a sweep: expected keys, e.g. grid: {{alpha: [0.1, 0.2]}}")
    found = sweep_file_schema.read(tree.data, lambda path: f"{source}:{tree.line(path)}")
    limits = {field: getattr(found, key) for key, field in LIMITS.items()}
    declared = Declaration(
        **{key: getattr(found, key) for key in _AS_THEY_ARE},
        name=found.name or source.stem,
        own_solvers=_solvers(found, tree, source),
        instances=tuple(below(source.parent, word) for word in found.instances or ()),
        zips=tuple(found.zip or ()),
        settings=(
            *named(found.settings, tree, source),
            *_registered(found.setting_from or (), tree, source),
        ),
        limits={field: value for field, value in limits.items() if value is not None},
        execution=_executor(found, source.parent),
        solu=tuple(Path(below(source.parent, word)) for word in found.solu or ()),
        origins={
            (_FIELD.get(path[0], path[0]), *path[1:]): f"{source}:{line}: {path[0]}"
            for path, line in tree.lines.items()
            if 0 < len(path) <= 2
        },
    )
    lists = {INCLUDE: found.include, START: found.start, EMPHASIS: found.emphasis}
    return _in_its_folder(_with_lists(declared, lists), source.parent)


def _executor(found: sweep_file_schema.Document, folder: Path) -> DeclaredExecutor | None:
    """Return the declared executor, None if the file declares none."""
    given = {name: getattr(found, name) for name in declared_executor.NAMES}
    options = given["queue_options"]
    if isinstance(options, str):
        given["queue_options"] = Path(below(folder, options))
    elif options is not None:
        given["queue_options"] = declared_executor.typed(options)
    declared = DeclaredExecutor(**given)
    return declared if declared.known() else None


def _with_lists(declared: Declaration, lists: Mapping[str, tuple[str, ...] | None]) -> Declaration:
    """Return a declaration in which lists that are separate keys in the file are in the grid."""
    grid, origins = dict(declared.grid), dict(declared.origins)
    for name, listed in lists.items():
        if listed is None:
            continue
        if name in grid:
            raise UsageError(f"{declared.at(name)}{name} is in grid too; keep one of them")
        grid[name], origins["grid", name] = listed, origins[name,]
    return replace(declared, grid=grid, origins=origins)


def _in_its_folder(declared: Declaration, folder: Path) -> Declaration:
    """Return a declaration whose files are relative to the sweep file's folder."""

    def placed(name: str, text: str) -> str:
        if name == INCLUDE:
            return included.below(folder, text)
        is_path = name == START and text != included.NONE
        return below(folder, text) if is_path else text

    def all_placed(lists: Lists) -> Lists:
        return {name: tuple(placed(name, text) for text in lists[name]) for name in lists}

    return replace(
        declared,
        grid=all_placed(declared.grid),
        zips=tuple(map(all_placed, declared.zips)),
        settings=tuple(
            replace(each, params={name: placed(name, text) for name, text in each.params.items()})
            for each in declared.settings
        ),
    )
