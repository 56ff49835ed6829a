"""What facts about a machine mean."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.execution.host.abilities import Abilities, Ability
from bench.execution.host.machine import Machine
from bench.execution.host.noise import Noise
from bench.execution.host.topology import Core, Topology
from bench.report import machine_findings
from bench.report.machine_findings import MachineFinding, Mark

GOOD = Machine(
    governors=("performance",),
    turbo=False,
    virtual=False,
    memory_mib=64000.0,
    available_mib=60000.0,
    allowed_mib=None,
    swap_used_mib=0.0,
    clock="tsc",
    clock_resolution_s=3e-8,
)
HERE = Topology((Core(cpus=frozenset({0, 1}), n_threads=2),) * 4, "sysfs")


def _by_name(found: list[MachineFinding]) -> dict[str, MachineFinding]:
    return {finding.name: finding for finding in found}


def _processor(**facts: object) -> dict[str, MachineFinding]:
    return _by_name(machine_findings.processor("a model", HERE, 3, replace(GOOD, **facts)))  # type: ignore[arg-type]


def test_a_good_machine_has_no_warning() -> None:
    """Fixed clock, no guests, alike cores."""
    found = _processor()
    assert found["cores"].text == "4 physical; 2 threads each; --jobs is 3"
    assert {finding.mark for finding in found.values()} == {Mark.NOTE, Mark.OK}


@pytest.mark.parametrize(
    ("facts", "name", "advice"),
    [
        ({"governors": ("powersave",)}, "governor", "cpupower"),
        ({"turbo": True}, "turbo", "no_turbo"),
        ({"virtual": True}, "virtual machine", "noise"),
    ],
)
def test_what_makes_the_clock_vary_is_warned_of(
    facts: dict[str, object], name: str, advice: str
) -> None:
    """With what to do about it."""
    found = _processor(**facts)[name]
    assert found.mark is Mark.WARN
    assert advice in found.advice


@pytest.mark.parametrize(
    ("facts", "name"),
    [
        ({"governors": ()}, "governor"),
        ({"turbo": None}, "turbo"),
        ({"virtual": None}, "virtual machine"),
    ],
)
def test_what_is_not_known_is_not_judged(facts: dict[str, object], name: str) -> None:
    """It is neither good nor bad."""
    assert _processor(**facts)[name].mark is Mark.NOTE


def test_doubts_about_cores_are_a_warning() -> None:
    """A quota, for example."""
    found = _by_name(machine_findings.processor("", replace(HERE, quota_cpus=1.5), 1, GOOD))[
        "cores"
    ]
    assert found.mark is Mark.WARN
    assert "a CPU quota allows 1.5 of 4 cores" in found.text


def test_a_limit_that_is_not_enforced_well_is_a_warning_a_lacking_measure_a_note() -> None:
    """A limit protects results; a measure explains them."""
    able = Abilities(
        (Ability("memory", "sampling", "coarse"), Ability("wall", "supervisor")),
        (Ability("throttling", "", "not shown"),),
    )
    found = _by_name(machine_findings.abilities(able))
    assert [finding.mark for finding in found.values()] == [Mark.WARN, Mark.OK, Mark.NOTE]
    assert found["memory"].text == "sampling; coarse"
    assert "systemd-run" in found["memory"].advice
    assert found["throttling"].text == "no: not shown"


def test_memory_has_to_do_for_all_tasks_at_a_time() -> None:
    """4 GiB each by default; a cgroup's limit counts."""
    assert _by_name(machine_findings.memory(GOOD, 4))["memory"].mark is Mark.OK
    found = _by_name(machine_findings.memory(replace(GOOD, allowed_mib=8000.0), 4))["memory"]
    assert (found.mark, found.value) == (Mark.WARN, 8000.0)
    assert "4 tasks at a time may need 16384 MiB" in found.text


def test_swap_in_use_is_a_warning() -> None:
    """Something did not fit."""
    assert (
        _by_name(machine_findings.memory(replace(GOOD, swap_used_mib=50.0), 1))["swap"].mark
        is Mark.WARN
    )


@pytest.mark.parametrize(
    ("free", "sync", "marks"),
    [
        (1e5, 0.001, [Mark.OK, Mark.OK]),
        (100.0, 0.001, [Mark.WARN, Mark.OK]),
        (1e5, 0.2, [Mark.OK, Mark.WARN]),
    ],
)
def test_a_full_or_slow_disk_is_a_warning(free: float, sync: float, marks: list[Mark]) -> None:
    """Below 1 GiB, or above 50 ms for a write."""
    assert [finding.mark for finding in machine_findings.disk(free, sync)] == marks


@pytest.mark.parametrize(("clock", "step"), [("hpet", 3e-8), ("tsc", 0.01), (None, 0.004)])
def test_a_slow_or_coarse_clock_is_a_warning(clock: str | None, step: float) -> None:
    """Either makes short times wrong."""
    found = machine_findings.clock(replace(GOOD, clock=clock, clock_resolution_s=step))
    assert found.mark is Mark.WARN
    assert machine_findings.clock(GOOD).mark is Mark.OK


def test_noise_is_ok_bad_or_unknown() -> None:
    """As it was found."""
    bad = Noise(
        ok=False, reasons=("other processes used 50% of a core",), figures={"others_cpus": 0.5}
    )
    assert machine_findings.noise(bad).mark is Mark.WARN
    assert machine_findings.noise(Noise(ok=True, figures={"others_cpus": 0.01})).mark is Mark.OK
    assert machine_findings.noise(Noise(ok=None)).text == "not known"
