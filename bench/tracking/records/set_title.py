"""The title of an instance set and its conditions, which groups settings in MLflow."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.instances.instance_set import InstanceSet
    from bench.model.limits import Limits

_DIGITS = 6
_NOISE = re.compile(r"\((?:R|TM|C)\)|\b(?:CPU|Processor)\b|@.*$", re.IGNORECASE)


def set_title(instances: InstanceSet, limits: Limits | None, machine: str) -> str:
    """Return name and size of a set, limits and machine class, and a digest of its content.

    E.g. ``models: 12 instances, 60 s, 4096 MiB, Intel Xeon (8 cores), 3f9a1c``. Two titles are
    equal only if contents, limits and machine class are. ``limits`` None leaves them out.
    """
    n = len(instances.instances)
    size = f"{n} instance" if n == 1 else f"{n} instances"
    parts = [f"{instances.name}: {size}", *_limits(limits), *([machine] if machine else [])]
    content = hashlib.sha256("\n".join([instances.digest, *parts]).encode()).hexdigest()
    return ", ".join([*parts, content[:_DIGITS]])


def machine_class(provenance: Mapping[str, str]) -> str:
    """Return processor and number of cores; empty if they are unknown."""
    cpu = " ".join(_NOISE.sub(" ", provenance.get("bench.cpu", "")).split())
    cores = provenance.get("bench.cores_physical") or provenance.get("bench.cores_logical")
    if not cores:
        return cpu
    return f"{cpu} ({cores} core{'s' * (cores != '1')})".strip()


def _limits(limits: Limits | None) -> list[str]:
    if limits is None:
        return []
    clock = " CPU" if limits.clock == "cpu" else ""
    told = (
        ("{:g} s" + clock, limits.time_s),
        ("{:g} MiB", limits.memory_mib),
        ("{} nodes", limits.nodes),
        ("gap {:g}", limits.gap),
    )
    known = [form.format(value) for form, value in told if value is not None]
    several = limits.threads is not None and limits.threads > 1
    return [*known, f"{limits.threads} threads"] if several else known
