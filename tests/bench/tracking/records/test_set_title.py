"""Titles of instance sets: one for each content under each conditions."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.instances.instance_set import InstanceSet
from bench.model.instances.instance import Instance
from bench.model.limits import Clock, Limits
from bench.tracking.records.set_title import machine_class, set_title

LIMITS = Limits(time_s=60.0)
XEON = "Intel Xeon (8 cores)"


def instances(*digests: str, name: str = "models", folder: str = "models") -> InstanceSet:
    """Return a set of instances with these digests."""
    found = (
        Instance(name=f"i{n}", path=Path(folder) / f"i{n}.mps", digest=digest)
        for n, digest in enumerate(digests)
    )
    return InstanceSet.of(name, found)


def test_a_title_can_be_read() -> None:
    """Name and size, limits, machine class, and what tells contents apart."""
    limits = Limits(time_s=60.0, nodes=500, gap=0.01, threads=4)
    title = set_title(instances("a", "b"), limits, XEON)
    told, _, digest = title.rpartition(", ")
    assert told == f"models: 2 instances, 60 s, 4096 MiB, 500 nodes, gap 0.01, 4 threads, {XEON}"
    assert len(digest) == 6
    assert set_title(instances("a"), None, "").startswith("models: 1 instance, ")
    assert "60 s CPU" in set_title(instances("a"), Limits(time_s=60.0, clock=Clock.CPU), XEON)


@pytest.mark.parametrize(
    ("other", "limits", "machine"),
    [
        (instances("a", "c"), LIMITS, XEON),
        (instances("a", "b", name="plant"), LIMITS, XEON),
        (instances("a", "b"), Limits(time_s=61.0), XEON),
        (instances("a", "b"), Limits(time_s=60.0, clock=Clock.CPU), XEON),
        (instances("a", "b"), Limits(time_s=60.0, gap=0.01), XEON),
        (instances("a", "b"), Limits(time_s=60.0, threads=2), XEON),
        (instances("a", "b"), LIMITS, "AMD EPYC (8 cores)"),
        (instances("a", "b"), LIMITS, "Intel Xeon (16 cores)"),
    ],
)
def test_other_contents_or_conditions_have_another_title(
    other: InstanceSet, limits: Limits, machine: str
) -> None:
    """So that what cannot be compared is in no common group."""
    title = set_title(instances("a", "b"), LIMITS, XEON)
    assert set_title(other, limits, machine) != title
    assert set_title(other, limits, machine).rpartition(" ")[2] != title.rpartition(" ")[2]


def test_the_same_contents_have_the_same_title_wherever_they_lie() -> None:
    """Neither the folder nor the order of the files is in it."""
    title = set_title(instances("a", "b"), LIMITS, XEON)
    assert set_title(instances("b", "a", folder="/elsewhere"), LIMITS, XEON) == title


@pytest.mark.parametrize(
    ("provenance", "told"),
    [
        (
            {"bench.cpu": "Intel(R) Xeon(R) CPU @ 2.60GHz", "bench.cores_physical": "8"},
            "Intel Xeon (8 cores)",
        ),
        (
            {"bench.cpu": "AMD EPYC 7R13 Processor", "bench.cores_logical": "1"},
            "AMD EPYC 7R13 (1 core)",
        ),
        ({"bench.cores_logical": "4"}, "(4 cores)"),
        ({"bench.cpu": "Apple M2"}, "Apple M2"),
        ({}, ""),
    ],
)
def test_a_machine_class_is_processor_and_cores(provenance: dict[str, str], told: str) -> None:
    """Machines of one class share results; what is not known is left out."""
    assert machine_class(provenance) == told
