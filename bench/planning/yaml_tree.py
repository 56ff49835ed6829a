"""YAML as plain texts, lists and mappings, with the line of every key.

Scalars remain as they are written: ``1e-4``, ``yes``, ``0:10:2`` and ``010`` are not converted as
in YAML 1.1, because the reader knows the expected type. Only a plain empty value, ``~`` and
``null`` are None.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from bench.errors import UsageError

Path = tuple[str, ...]

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_MERGE = "<<"
_DEEPEST = 20
_MOST_NODES = 100_000


@dataclass(frozen=True, slots=True)
class Tree:
    """The data, and for each path of keys and positions its line (from 1)."""

    data: Any
    lines: dict[Path, int] = field(default_factory=dict)

    def line(self, path: Path) -> int:
        """Return the line of the innermost existing part of the path."""
        known = (path[:n] for n in range(len(path), -1, -1) if path[:n] in self.lines)
        return next((self.lines[part] for part in known), 1)


def load(content: str | bytes, source: str) -> Tree:
    """Return the content of a YAML text; ``<<`` merges and anchors are followed.

    Raise UsageError, with source and line, if the text is not YAML or repeats a key.
    """
    try:
        node = yaml.compose(content, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = source if mark is None else f"{source}:{mark.line + 1}"
        problem = error.problem or error.context
        hint = "; indent with blanks, not with tabs" if "'\\t'" in str(problem) else ""
        raise UsageError(f"{place}: not YAML: {problem}{hint}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{source}: not YAML: expected a text in UTF-8 without control characters"
        ) from error
    except RecursionError as error:
        raise UsageError(f"{source}: not a sweep: nested too deeply") from error
    tree = Tree(None)
    return Tree(_Builder(source, tree.lines).build(node, ()), tree.lines)


class _Builder:
    def __init__(self, source: str, lines: dict[Path, int]) -> None:
        self._source = source
        self._lines = lines
        self._n_nodes = 0
        self._merging: list[yaml.Node] = []

    def build(self, node: yaml.Node | None, path: Path) -> Any:
        if node is None:
            return None
        line = node.start_mark.line + 1
        self._lines.setdefault(path, line)
        self._n_nodes += 1
        if len(path) > _DEEPEST or self._n_nodes > _MOST_NODES:
            raise UsageError(f"{self._source}:{line}: not a sweep: nested too deeply or too large")
        match node:
            case yaml.MappingNode():
                return self._mapping(node, path)
            case yaml.SequenceNode():
                return [self.build(item, (*path, str(i))) for i, item in enumerate(node.value)]
            case yaml.ScalarNode(style=None):
                return None if node.value in _NULLS else node.value
        return node.value

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        built: dict[str, Any] = {}
        own: set[str] = set()
        for key, value in self._merges_first(node):
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise UsageError(
                    f"{self._source}:{line}: a key must be a text, not a list or a mapping"
                )
            name = str(key.value)
            if name == _MERGE and key.style is None:
                built |= self._merged(value, path)
                continue
            if name in own:
                first = self._lines[(*path, name)]
                raise UsageError(
                    f"{self._source}:{line}: key {name!r} is already in line {first}; keep one of "
                    "them"
                )
            own.add(name)
            self._lines[(*path, name)] = line
            built[name] = self.build(value, (*path, name))
        return built

    def _merges_first(self, node: yaml.MappingNode) -> Iterator[tuple[yaml.Node, yaml.Node]]:
        yield from sorted(node.value, key=lambda pair: pair[0].value != _MERGE)

    def _merged(self, node: yaml.Node, path: Path) -> dict[str, Any]:
        parts = node.value if isinstance(node, yaml.SequenceNode) else [node]
        merged: dict[str, Any] = {}
        for part in reversed(parts):
            if part in self._merging:
                line = node.start_mark.line + 1
                raise UsageError(f"{self._source}:{line}: {_MERGE}: a mapping merges itself")
            self._merging.append(part)
            built = self.build(part, path)
            self._merging.pop()
            if not isinstance(built, dict):
                line = node.start_mark.line + 1
                raise UsageError(f"{self._source}:{line}: {_MERGE}: expected a mapping to merge")
            merged |= built
        return merged
