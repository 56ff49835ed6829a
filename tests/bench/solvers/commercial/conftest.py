"""A commercial solver that needs no wheel, and real ones where they can be had."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bench.errors import SolverError
from bench.model.instances.problem import ProblemStatistics, Sense
from bench.solvers.commercial.session import Claims
from bench.solvers.commercial.watch import Watch
from bench.solvers.commercial.wheels import WHEELS
from bench.solvers.environments import make


class LicenceError(Exception):
    """What a library raises whose licence does not do."""


class FakeSession:
    """A session that does what it is told."""

    def __init__(self, **told: Any) -> None:
        """Do this: ``raises`` by method, ``clamps`` to, ``claims``, ``during`` the solve."""
        self.told = told
        self.parameters: dict[str, Any] = {"Threads": 0, "Gap": 1e-4, "Time": 1e100}
        self.began: Mapping[str, float] = {}
        self.is_interrupted = False

    def _act(self, what: str) -> None:
        if what in self.told.get("raises", {}):
            raise self.told["raises"][what]

    def limits(self, limits: Any, seed: int) -> Mapping[str, Any]:
        """Return limits by names of its own."""
        del seed
        gap = {} if limits.gap is None else {"Gap": limits.gap}
        return {"Threads": limits.threads or 1, **gap}

    def get(self, name: str) -> Any:
        """Return a value."""
        return self.parameters[name]

    def set(self, name: str, value: Any) -> None:
        """Set a value, or silently another one."""
        self._act("set")
        self.parameters[name] = self.told.get("clamps", {}).get(name, value)

    def read(self, path: Path) -> ProblemStatistics:
        """Read nothing."""
        self._act("read")
        del path
        return ProblemStatistics(
            n_vars=1,
            n_bins=1,
            n_ints=0,
            n_conts=0,
            n_conss=0,
            n_nonzeros=0,
            n_equalities=None,
            n_bins_declared=1,
            n_ints_declared=0,
            sense=Sense.MINIMIZE,
            objective_offset=0.0,
        )

    def names(self) -> Sequence[str]:
        """Return its one column."""
        names: Sequence[str] = self.told.get("names", ["x"])
        return names

    def start(self, values: Mapping[str, float]) -> None:
        """Remember the start."""
        self.began = values

    def solve(self, watch: Watch) -> Claims:
        """Claim what it was told to."""
        self._act("solve")
        self.told.get("during", lambda _: None)(watch)
        claims: Claims = self.told.get("claims", Claims(status="infeasible"))
        return claims

    def interrupt(self) -> None:
        """Remember it."""
        self.is_interrupted = True

    def values(self) -> Sequence[float]:
        """Return the value of its column."""
        return [1.0]


@pytest.fixture
def adapter() -> Callable[..., Any]:
    """Return a function that makes an adapter of a fake session."""

    def made(**told: Any) -> Any:
        session = FakeSession(**told)
        return SimpleNamespace(
            WHEEL=WHEELS["gurobi"],
            session=session,
            open_session=lambda: session,
            versions=lambda: {"gurobi": "1.2.3"},
            is_licence=lambda error: isinstance(error, LicenceError),
        )

    return made


@pytest.fixture(scope="session")
def gurobi() -> str:
    """Return the name of Gurobi in an environment of its own; skip where it cannot be made."""
    return _added("gurobi")


@pytest.fixture(scope="session", params=sorted(WHEELS))
def wheel(request: pytest.FixtureRequest) -> str:
    """Return the name of each commercial solver that can be had here."""
    return _added(str(request.param))


def _added(name: str) -> str:
    try:
        return make.add_version(name, lambda _: None).name
    except SolverError as error:
        pytest.skip(f"{name} cannot be had here: {error}")
