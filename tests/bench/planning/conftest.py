"""A small catalogue, and a function that makes a sweep of a text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from bench.model.parameters import Catalogue, Parameter, ParameterKind
from bench.model.setting import ParameterValue
from bench.model.sweep import Sweep
from bench.planning.declaration import Declaration
from bench.planning.knobs import OBJECTIVE, SUPPORT
from bench.planning.sweep import sweep
from bench.planning.sweep_file import from_yaml

ROUNDS, CUTS = "separating/maxrounds", "separating/maxcuts"
CATALOGUES = {
    "scip": Catalogue(
        [
            Parameter(
                name=ROUNDS, kind=ParameterKind.INT, default=-1, description="", low=-1, high=99
            ),
            Parameter(
                name=CUTS, kind=ParameterKind.INT, default=100, description="", low=0, high=9999
            ),
            Parameter(
                name=OBJECTIVE, kind=ParameterKind.REAL, default=0.1, description="", low=0, high=1
            ),
            Parameter(
                name=SUPPORT, kind=ParameterKind.REAL, default=0.1, description="", low=0, high=1
            ),
            Parameter(
                name="limits/time", kind=ParameterKind.REAL, default=1e20, description="", low=0
            ),
            Parameter(
                name="randomization/randomseedshift",
                kind=ParameterKind.INT,
                default=0,
                description="",
            ),
        ]
    ),
    "fake": Catalogue(
        [Parameter(name="seconds", kind=ParameterKind.REAL, default=0.0, description="", low=0)]
    ),
}


def read_set_file(path: Path, _: Catalogue) -> Mapping[str, ParameterValue]:
    """Return what a made-up file of this name sets."""
    return {CUTS: len(path.stem)}


def made(declaration: Declaration) -> Sweep:
    """Return the sweep of a declaration over the small catalogues; SCIP can permute."""
    return sweep(
        declaration,
        CATALOGUES,
        read_set_file,
        limit_parameters={"scip": {"limits/time": "time_s"}},
        permuting={"scip"},
        without_cpu_clock={"fake"},
    )


@pytest.fixture(scope="session")
def make() -> Callable[[Declaration], Sweep]:
    """Return the function that makes sweeps of declarations."""
    return made


@pytest.fixture(scope="session")
def swept() -> Callable[[str], Sweep]:
    """Return a function that makes a sweep of the text of ``s.yaml``, with an instance added."""
    return lambda text: made(from_yaml(f"{text}\ninstances: a.mps", Path("s.yaml")))
