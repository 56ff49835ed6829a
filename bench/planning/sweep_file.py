"""A sweep file becomes a declaration. Each of its keys is named after the option it stands for."""

from __future__ import annotations

from pathlib import Path

from bench.errors import UsageError
from bench.planning import sweep_file_schema, yaml_tree
from bench.planning.declaration import Declaration
from bench.planning.limits import LIMITS
from bench.planning.named_settings import below, named

_FIELD = {"zip": "zips"}
_AS_THEY_ARE = frozenset(
    {"solver", "grid", "knobs", "baseline", "seeds", "permutations"}
    | {"order", "shuffle_seed", "solu_columns", "lint", "jobs", "experiment_name"}
)


def from_yaml(content: str | bytes, source: Path) -> Declaration:
    """Return what a sweep file says; relative paths in it are relative to its folder.

    ``source`` is the file's path, for messages and for the folder; the name of the sweep is the
    file's where it says none. Raise UsageError with file, line, key and fix for anything wrong.
    """
    tree = yaml_tree.load(content, str(source))
    if not isinstance(tree.data, dict):
        raise UsageError(f"{source}: not a sweep: expected keys, e.g. grid: {{alpha: [0.1, 0.2]}}")
    found = sweep_file_schema.read(tree.data, lambda path: f"{source}:{tree.line(path)}")
    limits = {field: getattr(found, key) for key, field in LIMITS.items()}
    return Declaration(
        **{key: getattr(found, key) for key in _AS_THEY_ARE},
        name=found.name or source.stem,
        instances=tuple(below(source.parent, word) for word in found.instances or ()),
        zips=tuple(found.zip or ()),
        settings=tuple(named(found.settings, tree, source)),
        limits={field: value for field, value in limits.items() if value is not None},
        solu=tuple(Path(below(source.parent, word)) for word in found.solu or ()),
        origins={
            (_FIELD.get(path[0], path[0]), *path[1:]): f"{source}:{line}: {path[0]}"
            for path, line in tree.lines.items()
            if 0 < len(path) <= 2
        },
    )
