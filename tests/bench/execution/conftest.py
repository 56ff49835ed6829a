"""Fake machines: trees of files as the kernel shows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

Write = Callable[[Mapping[str, str | int]], Path]
Machine = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a function that writes files below a root and returns the root."""
    root = tmp_path / "machine"

    def write(files: Mapping[str, str | int]) -> Path:
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{text}\n")
        return root

    return write


@pytest.fixture
def machine(write: Write) -> Machine:
    """Return a function that writes sysfs for cores, each given as its CPUs.

    ``nodes``, ``packages`` and ``caches`` give the number of each core's NUMA node, package and
    last cache, ``capacities`` its capacity; all are 0 (or not said) where not given.
    """

    def machine(
        *cores: Sequence[int],
        nodes: Sequence[int] = (),
        packages: Sequence[int] = (),
        caches: Sequence[int] = (),
        capacities: Sequence[int] = (),
    ) -> Path:
        files: dict[str, str | int] = {}
        for i, cpus in enumerate(cores):
            for cpu in cpus:
                folder = f"sys/devices/system/cpu/cpu{cpu}"
                files[f"{folder}/topology/thread_siblings_list"] = _text(cpus)
                files[f"{folder}/topology/physical_package_id"] = packages[i] if packages else 0
                if caches:
                    sharing = [
                        c for j, many in enumerate(cores) for c in many if caches[j] == caches[i]
                    ]
                    files[f"{folder}/cache/index0/level"] = 1
                    files[f"{folder}/cache/index0/shared_cpu_list"] = _text(cpus)
                    files[f"{folder}/cache/index3/level"] = 3
                    files[f"{folder}/cache/index3/shared_cpu_list"] = _text(sharing)
                if capacities:
                    files[f"{folder}/cpu_capacity"] = capacities[i]
        for node in set(nodes):
            cpus = [cpu for i, many in enumerate(cores) for cpu in many if nodes[i] == node]
            files[f"sys/devices/system/node/node{node}/cpulist"] = _text(cpus)
        return write(files)

    return machine


def _text(cpus: Sequence[int]) -> str:
    return ",".join(map(str, cpus))
