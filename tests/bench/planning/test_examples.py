"""The sweep files in ``examples/``."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.instances.files import find
from bench.interop import set_files
from bench.model.parameters import Catalogue
from bench.model.sweep import Sweep
from bench.planning.command_line import declare
from bench.planning.sweep import sweep
from bench.planning.sweep_file import from_yaml
from bench.solvers import registry
from bench.solvers.protocol import Solver

EXAMPLES = {
    "cuts": (6, 5, 1),
    "emphasis": (6, 3, 1),
    "knobs": (13, 3, 1),
    "limits": (3, 3, 1),
    "own-knob": (5, 3, 1),
    "variability": (1, 5, 4),
}
"""The numbers of settings, seeds and permutations."""


@pytest.fixture(scope="module")
def scip() -> Solver:
    """Return SCIP."""
    return registry.load("scip")


@pytest.fixture(scope="module")
def catalogue(scip: Solver) -> Catalogue:
    """Return the parameters of SCIP."""
    return scip.parameters()


def read(path: Path, scip: Solver, catalogue: Catalogue) -> Sweep:
    """Return the sweep of a file."""
    return sweep(
        from_yaml(path.read_bytes(), path),
        {"scip": catalogue},
        set_files.read,
        limit_parameters={"scip": scip.limit_parameters},
        permuting={"scip"},
    )


def test_every_example_is_known_here(root: Path) -> None:
    """A new one gets its numbers."""
    assert {path.stem for path in (root / "examples").glob("*.yaml")} == set(EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_a_sweep_that_can_be_executed(
    root: Path, scip: Solver, catalogue: Catalogue, name: str
) -> None:
    """Its names and values are those of the real SCIP, and its instances are there."""
    found = read(root / "examples" / f"{name}.yaml", scip, catalogue)
    sizes = len(found.settings), len(found.seeds), len(found.permutations)
    assert sizes == EXAMPLES[name]
    instances = find(found.instances)
    assert len(instances) > 5
    assert not any(instance.defect for instance in instances)


def test_every_setting_of_the_examples_differs_from_the_others(
    root: Path, scip: Solver, catalogue: Catalogue
) -> None:
    """None of them wastes time on what another one does already."""
    for name in EXAMPLES:
        found = read(root / "examples" / f"{name}.yaml", scip, catalogue)
        changed = {tuple(sorted(setting.params.items())) for setting in found.settings}
        assert len(changed) == len(found.settings), name


def test_the_command_line_in_the_knobs_example_says_the_same(
    root: Path, scip: Solver, catalogue: Catalogue
) -> None:
    """But for where the instances lie."""
    file = read(root / "examples" / "knobs.yaml", scip, catalogue)
    typed = declare(
        instances=file.instances,
        name="knobs",
        lists={"alpha": "0.3,0.15,0.035", "l1_ratio": "log:0.001:1:4"},
        seeds="3",
        limits={"time_s": 60.0},
        baseline="default",
    )
    assert sweep(typed, {"scip": catalogue}, set_files.read) == file
