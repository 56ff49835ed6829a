"""The instance set of a sweep for MLflow: a dataset with a name and a digest."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.model.instances.instance import Instance

if TYPE_CHECKING:
    from collections.abc import Iterable

_DIGEST_LENGTH = 32
_MAX_SOURCE = 60_000


@dataclass(frozen=True, slots=True)
class InstanceSet:
    """A named set of instances, each once."""

    name: str
    instances: tuple[Instance, ...]

    @classmethod
    def of(cls, name: str, instances: Iterable[Instance]) -> InstanceSet:
        """Collect the instances, in the order of their first occurrence."""
        return cls(name, tuple(dict.fromkeys(instances)))

    @property
    def digest(self) -> str:
        """A digest (32 hex digits) of the contents, independent of order and paths."""
        digests = sorted(instance.digest or instance.name for instance in self.instances)
        return hashlib.sha256("\n".join(digests).encode()).hexdigest()[:_DIGEST_LENGTH]

    def source(self) -> str:
        """Return the files as JSON: their folder, and path and SHA-256 of each, up to a limit."""
        paths = [str(instance.path) for instance in self.instances]
        listed: list[dict[str, str]] = []
        size = 0
        for path, instance in zip(paths, self.instances, strict=True):
            entry = {"path": path, "sha256": instance.digest}
            size += len(json.dumps(entry)) + 2
            if size > _MAX_SOURCE:
                break
            listed.append(entry)
        return json.dumps(
            {
                "uri": _common_folder(paths),
                "files": listed,
                "n_not_listed": len(paths) - len(listed),
            }
        )


def _common_folder(paths: list[str]) -> str:
    try:
        common = os.path.commonpath(paths)
    except ValueError:
        return ""
    return common if len(paths) > 1 else paths[0]
