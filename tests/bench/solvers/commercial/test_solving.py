"""The same course for all commercial solvers: licences, parameters read back, statuses, stops."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bench.errors import InstanceError, SolverError, UnsupportedError
from bench.model.limits import Clock, Limits
from bench.model.results.solver_output import SolverOutput
from bench.model.workspace import Workspace
from bench.solvers.commercial import solving
from bench.solvers.commercial.session import Claims
from bench.solvers.commercial.watch import Watch
from tests.bench.solvers.commercial.conftest import LicenceError
from tests.conftest import task
from tests.waiting import PATIENCE_S

Make = Callable[..., Any]
EXPIRED = LicenceError("License expired\n2026-01-01")


def _solve(made: Any, folder: Path, limits: Limits | None = None, **params: Any) -> SolverOutput:
    planned = task(folder / "x.lp", limits=limits or Limits(), **params)
    return solving.solve(made, planned, Workspace(folder))


@pytest.mark.parametrize("when", ["set", "read", "solve"])
def test_a_licence_that_does_not_do_is_unsupported(
    adapter: Make, tmp_path: Path, when: str
) -> None:
    """One that has expired, or whose size is exceeded, whenever the library notices."""
    with pytest.raises(UnsupportedError, match=r"^licence: License expired 2026-01-01$"):
        _solve(adapter(raises={when: EXPIRED}), tmp_path)


def test_a_licence_is_noticed_when_the_solver_is_opened(adapter: Make, tmp_path: Path) -> None:
    """As Gurobi does."""
    made = adapter()

    def expired() -> None:
        raise EXPIRED

    made.open_session = expired
    with pytest.raises(UnsupportedError, match="licence"):
        _solve(made, tmp_path)
    with pytest.raises(UnsupportedError, match="licence"):
        solving.inspect(made, tmp_path / "x.lp")


def test_other_errors_are_named_after_the_solver(adapter: Make, tmp_path: Path) -> None:
    """What it cannot read is the instance's fault, a parameter the setting's."""
    with pytest.raises(InstanceError, match=r"Gurobi cannot read x.lp: line 3"):
        _solve(adapter(raises={"read": ValueError("line 3")}), tmp_path)
    with pytest.raises(SolverError, match=r"Gurobi refuses the parameter Threads = 1: no"):
        _solve(adapter(raises={"set": ValueError("no")}), tmp_path)
    with pytest.raises(SolverError, match="Gurobi fails: numbers"):
        _solve(adapter(raises={"solve": ValueError("numbers")}), tmp_path)
    with pytest.raises(MemoryError):
        _solve(adapter(raises={"solve": MemoryError()}), tmp_path)


def test_a_value_that_is_silently_another_one_is_found_by_reading_back(
    adapter: Make, tmp_path: Path
) -> None:
    """Limits and parameters of the setting alike."""
    with pytest.raises(SolverError, match=r"changes the parameter Gap = -5.0 to 0.0"):
        _solve(adapter(clamps={"Gap": 0.0}), tmp_path, Gap=-5.0)
    with pytest.raises(SolverError, match=r"changes the parameter Threads = 8 to 2"):
        _solve(adapter(clamps={"Threads": 2}), tmp_path, Limits(threads=8))
    answer = _solve(adapter(), tmp_path, Limits(gap=0.5))
    assert answer.params == {"Threads": 1, "Gap": 0.5}


def test_a_number_that_is_read_as_a_column_is_a_misread_file(adapter: Make, tmp_path: Path) -> None:
    """Of an LP file, in which no name begins with a digit."""
    made = adapter(names=["x", "7"])
    with pytest.raises(InstanceError, match=r"Gurobi misreads x.lp: it takes the number in 7 for"):
        _solve(made, tmp_path)
    planned = task(tmp_path / "x.mps")
    assert solving.solve(made, planned, Workspace(tmp_path)).status == "infeasible"


@pytest.mark.parametrize(
    ("dual", "status"), [(17487.0, "optimal"), (17487.5, "optimal"), (17600.0, "gaplimit")]
)
def test_optimal_beyond_the_stock_gap_is_a_gap_limit(
    adapter: Make, tmp_path: Path, dual: float, status: str
) -> None:
    """The solver's own word for both is the same."""
    claims = Claims(status="optimal", primal_bound=17487.0, dual_bound=dual, n_solutions=1)
    answer = _solve(adapter(claims=claims), tmp_path)
    assert (answer.status, answer.primal_bound) == (status, 17487.0)
    assert (tmp_path / "solution.sol").read_text() == "objective value: 17487.0\nx 1.0\n"
    assert answer.versions == {"gurobi": "1.2.3"}


def test_a_number_that_stands_for_no_bound_is_none(adapter: Make, tmp_path: Path) -> None:
    """And an infeasible problem has no bounds, whatever is left in the library."""
    for infinite in (1e100, -1e100, 1e20, float("nan"), float("-inf")):
        claims = Claims(status="timelimit", primal_bound=infinite, dual_bound=infinite)
        answer = _solve(adapter(claims=claims), tmp_path)
        assert (answer.primal_bound, answer.dual_bound, answer.gap) == (None, None, None)
    claims = Claims(status="infeasible", primal_bound=1.0, dual_bound=1.0)
    assert _solve(adapter(claims=claims), tmp_path).primal_bound is None


def test_bounds_over_time_are_those_that_callbacks_tell(adapter: Make, tmp_path: Path) -> None:
    """A point for each change; incumbents are marked."""

    def during(watch: Watch) -> None:
        for primal, dual in ((None, 0.0), (None, 0.0), (10.0, 0.0), (10.0, 5.0), (8.0, 5.0)):
            watch.note(primal, dual, 1)

    claims = Claims(status="optimal", primal_bound=8.0, dual_bound=8.0, n_nodes=3)
    answer = _solve(adapter(claims=claims, during=during), tmp_path)
    told = [(point.primal_bound, point.dual_bound, point.incumbent) for point in answer.trace]
    assert told == [
        (None, 0.0, False),
        (10.0, 0.0, True),
        (10.0, 5.0, False),
        (8.0, 5.0, True),
        (8.0, 8.0, False),
    ]
    assert answer.first_primal_bound == 10.0
    assert answer.primal_dual_integral is not None
    assert (tmp_path / "bounds.json").exists()


def test_an_interrupt_ends_the_solve_with_its_bounds(adapter: Make, tmp_path: Path) -> None:
    """Noticed by a thread of its own, while the library computes; handlers are as before.

    In a process of its own, as for a task: a thread of pytest could take the signal here.
    """

    def during(watch: Watch) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        end = time.monotonic() + PATIENCE_S
        while not watch.must_stop() and time.monotonic() < end:
            time.sleep(0.01)

    def solve() -> None:
        claims = Claims(status="userinterrupt", primal_bound=3.0, dual_bound=1.0)
        made = adapter(claims=claims, during=during)
        before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
        answer = _solve(made, tmp_path)
        bounds = (answer.primal_bound, answer.dual_bound)
        assert (answer.status, *bounds) == ("userinterrupt", 3.0, 1.0)
        assert made.session.is_interrupted
        assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == before

    process = multiprocessing.get_context("fork").Process(target=solve)
    process.start()
    process.join()
    assert process.exitcode == 0


def test_only_sigint_is_an_interrupt(
    adapter: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python returns garbage where other signals interrupt the wait until its time is over."""
    waits: list[float] = []

    def garbage(_: object, seconds: float) -> Any:
        waits.append(seconds)
        time.sleep(0.001)
        return SimpleNamespace(si_signo=-1776542144)

    monkeypatch.setattr(signal, "sigtimedwait", garbage)

    def during(_: Watch) -> None:
        while len(waits) < 2:
            time.sleep(0.001)

    claims = Claims(status="optimal", primal_bound=3.0, dual_bound=3.0)
    made = adapter(claims=claims, during=during)
    assert _solve(made, tmp_path).status == "optimal"
    assert not made.session.is_interrupted


def test_a_file_of_another_format_is_refused(adapter: Make, tmp_path: Path) -> None:
    """Xpress would read nothing of it, and call that optimal."""
    with pytest.raises(
        InstanceError, match=r"Gurobi cannot read x\.cip: bench gives it LP and MPS"
    ):
        solving.solve(adapter(), task(tmp_path / "x.cip"), Workspace(tmp_path))


def test_cpu_time_is_limited_where_the_solver_counts_wall_time(
    adapter: Make, tmp_path: Path
) -> None:
    """By the callbacks."""

    def during(watch: Watch) -> None:
        while not watch.must_stop():
            pass

    made = adapter(claims=Claims(status="userinterrupt", dual_bound=1.0), during=during)
    answer = _solve(made, tmp_path, Limits(time_s=0.05, clock=Clock.CPU))
    assert answer.status == "timelimit"
