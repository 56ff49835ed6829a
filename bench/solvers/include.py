"""Python functions that add plug-ins to a solver: found, identified by their source, and loaded.

They are found without being imported, because they belong in the solver's process, which may be in
another interpreter.
"""

from __future__ import annotations

import ast
import hashlib
import importlib
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from importlib.machinery import PathFinder
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from bench.errors import SolverError, UsageError
from bench.model.included import NONE, Included, is_file, parts

FORM = "expected FILE.py:FUNCTION or package.module:FUNCTION"
_INSTALLED = frozenset({"site-packages", "dist-packages"})
_OWN_SCOPE = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def resolve(text: str) -> tuple[Included, ...]:
    """Return the functions in a text: ``none``, ``a.py:f``, ``a.py:f+package.module:g``.

    Raise UsageError for a missing one; none is imported.
    """
    if text == NONE:
        return ()
    found = parts(text)
    if not found:
        raise UsageError(f"--include {text!r}: {FORM}")
    return tuple(map(_one, found))


def load(included: Included) -> Callable[[Any], object]:
    """Import a function; SolverError if it cannot be imported, or has changed."""
    path = Path(included.path)
    try:
        digest = _digest(path, included.module)
    except OSError as error:
        raise SolverError(f"--include {included.name} cannot be read: {error.strerror}") from error
    if digest != included.digest:
        raise SolverError(
            f"--include {included.name}: its source has changed since the tasks were planned; "
            "execute the same command again"
        )
    try:
        module = _imported(path, included.module)
    except Exception as error:
        traceback.print_exception(error)
        raise SolverError(
            f"--include {included.name} cannot be imported: {type(error).__name__}: {error}"
        ) from error
    function = getattr(module, included.function, None)
    if not callable(function):
        raise SolverError(f"--include {included.name}: {included.function} is not a function")
    return function  # type: ignore[no-any-return]


def sources(included: Included) -> dict[str, bytes]:
    """Return the sources that another machine needs to import a function, by relative names.

    They include the packages that contain its module. Raise OSError if one cannot be read.
    """
    path = Path(included.path)
    depth = len(path.relative_to(root_of(included)).parts) - 1
    packages = [folder / "__init__.py" for folder in path.parents[:depth]]
    start = [path, *(file for file in packages if file.is_file())]
    return _sources(start, path, included.module)


def root_of(included: Included) -> Path:
    """Return the folder to which the names of its sources are relative."""
    return _root(Path(included.path), included.module)


def moved(included: Included, folder: Path) -> Included:
    """Return a function whose sources were copied to a folder, by their relative names."""
    return replace(included, path=str(folder / Path(included.path).relative_to(root_of(included))))


def _one(text: str) -> Included:
    place, _, function = text.rpartition(":")
    if is_file(place):
        path, module = Path(place).expanduser().absolute(), ""
        if not path.is_file():
            raise UsageError(f"--include {text}: no such file")
    else:
        found = _find(place)
        if found is None:
            raise UsageError(f"--include {text}: no module {place!r} with source code; {FORM}")
        path, module = found, place
    try:
        names = set(_names(ast.parse(path.read_bytes())))
        digest = _digest(path, module)
    except OSError as error:
        raise UsageError(f"--include {text}: cannot be read: {error.strerror}") from error
    except SyntaxError as error:
        reason = f"not Python: line {error.lineno}: {error.msg}"
        raise UsageError(f"--include {text}: {reason}") from None
    except ValueError as error:
        raise UsageError(f"--include {text}: not Python: {error}") from None
    if function not in names and "*" not in names:
        raise UsageError(f"--include {text}: {path.name} has no function {function!r}")
    name = f"{module or path.name}:{function}"
    return Included(name=name, path=str(path), module=module, function=function, digest=digest)


def _find(module: str) -> Path | None:
    """Return the file of a module, the current folder first; None if there is none."""
    places: list[str] | None = [str(Path.cwd()), *sys.path]
    spec = None
    for part in module.split("."):
        if places is None or not part.isidentifier():
            return None
        spec = PathFinder.find_spec(part, places)
        if spec is None:
            return None
        found = spec.submodule_search_locations
        places = None if found is None else list(found)
    path = Path(spec.origin) if spec is not None and spec.origin else None
    return path if path is not None and path.suffix == ".py" else None


def _names(tree: ast.AST) -> Iterator[str]:
    """Yield the names that a module binds; ``*`` if it imports all of another one."""
    for node in ast.iter_child_nodes(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name
            case ast.Import() | ast.ImportFrom():
                yield from ((each.asname or each.name).partition(".")[0] for each in node.names)
            case ast.Name(ctx=ast.Store()):
                yield node.id
        if not isinstance(node, _OWN_SCOPE):
            yield from _names(node)


def _root(path: Path, module: str) -> Path:
    """Return the folder from which a module is imported by its name."""
    n_parts = module.count(".") + (path.name == "__init__.py") if module else 0
    return path.parents[n_parts]


def _digest(path: Path, module: str) -> str:
    """Return a digest of a module and of the modules next to it that it imports by statements."""
    sources = _sources([path], path, module)
    lines = "".join(
        f"{name} {hashlib.sha256(content).hexdigest()}\n"
        for name, content in sorted(sources.items())
    )
    return hashlib.sha256(lines.encode()).hexdigest()


def _sources(start: Iterable[Path], path: Path, module: str) -> dict[str, bytes]:
    """Return the sources of some files and of the modules next to a module that they import.

    The names are relative to the folder from which the module is imported.
    """
    root = _root(path, module)
    within = root / module.partition(".")[0] if _INSTALLED & {*root.parts} else root
    found: dict[str, bytes] = {}
    todo = list(start)
    while todo:
        file = todo.pop()
        name = file.relative_to(root).as_posix()
        if name in found or not file.is_relative_to(within):
            continue
        found[name] = content = file.read_bytes()
        try:
            todo += _imports(ast.parse(content), file, root)
        except (SyntaxError, ValueError):
            continue
    return found


def _imports(tree: ast.AST, file: Path, root: Path) -> Iterator[Path]:
    """Yield the files below the root that the import statements of a module may load."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for each in node.names:
                yield from _files(root, root, each.name.split("."))
        elif isinstance(node, ast.ImportFrom):
            base = file.parents[node.level - 1] if node.level else root
            above = node.module.split(".") if node.module else []
            yield from _files(base, root, above)
            for each in node.names:
                yield from _files(base, root, [*above, each.name])


def _files(base: Path, root: Path, names: list[str]) -> Iterator[Path]:
    if not base.is_relative_to(root):
        return
    for n in range(len(names) + 1):
        place = base.joinpath(*names[:n])
        for file in (place / "__init__.py", place.with_suffix(".py") if n else root):
            if file.is_file() and file.is_relative_to(root):
                yield file


def _imported(path: Path, module: str) -> ModuleType:
    root = _root(path, module)
    if not _INSTALLED & {*root.parts} and str(root) not in sys.path:
        sys.path.insert(0, str(root))
    if module:
        return importlib.import_module(module)
    name = f"bench_include_{path.stem}"
    spec = spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"no module in {path.name}")
    found = sys.modules[name] = module_from_spec(spec)
    spec.loader.exec_module(found)
    return found
