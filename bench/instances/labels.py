"""Labels: distinct names in tables for instances of the same name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from bench.model.instances.instance import Instance
from bench.model.printable import escaped

SHOWN = 4


def with_labels(instances: Iterable[Instance]) -> list[Instance]:
    """Return the instances, labelled by folder if different contents have the same name."""
    listed = list(instances)
    groups: dict[str, list[Instance]] = {}
    for one in listed:
        groups.setdefault(one.name, []).append(one)
    labels: dict[Path, str] = {}
    for name, same in groups.items():
        if len({one.digest or str(one.path) for one in same}) > 1:
            labels |= path_labels(name, [one.path for one in same])
    return [replace(one, label=labels[one.path]) if one.path in labels else one for one in listed]


def path_labels(name: str, paths: Sequence[Path]) -> Mapping[Path, str]:
    """Return for each file of a name the part of its folder that distinguishes it.

    Files in the same folder are distinguished by their format.
    """
    folders = {path: path.resolve().parts[1:-1] for path in paths}
    several = len(set(folders.values())) < len(folders)
    names = {path: path.name if several else name for path in paths}
    depth = 1
    longest = max(map(len, folders.values()))
    while depth < longest and len({folder[-depth:] for folder in folders.values()}) < len(
        set(folders.values())
    ):
        depth += 1
    return {path: "/".join((*folder[-depth:], names[path])) for path, folder in folders.items()}


def listed(names: Sequence[str]) -> str:
    """Return names in one line: ``a, b and c``, or the first ones and the number of others.

    Control characters are Python escapes.
    """
    shown = list(map(escaped, names[:SHOWN]))
    if len(names) > SHOWN:
        return f"{', '.join(shown)} and {len(names) - SHOWN} more"
    return " and ".join(filter(None, (", ".join(shown[:-1]), *shown[-1:])))


def same_contents(instances: Iterable[Instance]) -> list[str]:
    """Return a line for each content that several files share."""
    files: dict[str, dict[str, None]] = {}
    for one in instances:
        if one.digest:
            files.setdefault(one.digest, {})[str(one.path)] = None
    return [
        f"{listed(list(same))} have the same content and count once in comparisons"
        for same in files.values()
        if len(same) > 1
    ]


def family(instance: str) -> str:
    """Return the beginning of an instance's name, up to its first digit."""
    return re.split(r"[-_.]*\d", instance, maxsplit=1)[0] or instance


def in_natural_order(name: str) -> list[tuple[int, str]]:
    """Return a sort key for names in natural order: ``site-2`` before ``site-10``."""
    parts = re.split(r"(\d+)", name)
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]
