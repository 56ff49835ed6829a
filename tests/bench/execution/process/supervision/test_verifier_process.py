"""The verifier: whatever happens to it, there is a result and a reason."""

from __future__ import annotations

import errno
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bench.execution.process import messages
from bench.execution.process.supervision import verifier_process
from bench.execution.process.supervision.verifier_process import (
    Check,
    VerifierLimits,
    conclusion,
    run_verifier,
    verifier_limits,
)
from bench.execution.request import ExecutionRequest
from bench.model.limits import Limits
from bench.model.results.solver_output import SolverOutput
from bench.model.results.verification import Level, Verification
from bench.model.task import Task
from bench.model.workspace import Workspace

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")

ANSWER = SolverOutput(status="optimal", primal_bound=-8.0, read_time_s=0.5)
ALLOWED = VerifierLimits(wall_s=30.0, memory_mib=1024.0)
MUCH = 2**33
Verify = Callable[..., Verification | None]


@pytest.fixture
def order(scip_task: Callable[..., Task], knapsack: Path, tmp_path: Path) -> ExecutionRequest:
    """Return an order whose solver has answered and written a solution."""
    request = ExecutionRequest(task=scip_task(knapsack), folder=tmp_path / "folder")
    request.scratch.mkdir(parents=True)
    Workspace(request.folder).solution.write_text("objective value: -8\na 1\nc 1\n")
    messages.write_json(request.folder, messages.SolverReport(answer=ANSWER, peak_mib=None))
    return request


@pytest.fixture
def woken() -> Iterator[tuple[int, int]]:
    """Return both ends of the pipe that tells of signals."""
    pipe = os.pipe()
    yield pipe
    for end in pipe:
        os.close(end)


@pytest.fixture
def verified(order: ExecutionRequest, woken: tuple[int, int]) -> Verify:
    """Return a function that has a check executed apart and returns the conclusion."""

    def run(check: Check, allowed: VerifierLimits = ALLOWED) -> Verification | None:
        run_verifier(order, woken[0], check=check, allowed=allowed)
        return conclusion(order, ANSWER)

    return run


def claimed(_: ExecutionRequest, claim: float | None) -> Verification:
    """Find that the claim is right; print as HiGHS does."""
    os.write(1, b"Running HiGHS\n")
    return Verification(level=Level.CLAIMED, objective=claim)


def hanging(_: ExecutionRequest, __: float | None) -> Verification:
    """Never come to an end, and ignore what can be ignored."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(3600)
    raise AssertionError


def greedy(_: ExecutionRequest, __: float | None) -> Verification:
    """Take eight GiB."""
    return Verification(level=Level.CLAIMED, objective=float(len(bytearray(MUCH))))


def crashing(_: ExecutionRequest, __: float | None) -> Verification:
    """Die as by the kernel's out-of-memory killer."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def leaving(_: ExecutionRequest, __: float | None) -> Verification:
    """End without a word."""
    os._exit(3)


def test_the_check_gets_the_claim_of_the_answer(verified: Verify) -> None:
    """It is the primal bound that is held against the solution."""
    assert verified(claimed) == Verification(level=Level.CLAIMED, objective=-8.0)


def test_what_a_reader_prints_reaches_nobody(
    verified: Verify, capfd: pytest.CaptureFixture[str]
) -> None:
    """The product alone is on stdout, the solver alone in its log."""
    verified(claimed)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("check", "reason"),
    [
        (greedy, "ended without a result: exit code 1, with 1024 MiB allowed"),
        (crashing, "ended without a result: killed by SIGKILL"),
        (leaving, "ended without a result: exit code 3"),
    ],
)
def test_a_check_that_dies_is_skipped_with_the_reason(
    verified: Verify, check: Check, reason: str
) -> None:
    """It costs no result; memory is limited by the kernel."""
    found = verified(check)
    assert found is not None
    assert found.level is Level.NONE
    assert reason in (found.skipped or "")


def test_a_check_that_takes_too_long_is_killed(verified: Verify) -> None:
    """Whatever it ignores."""
    found = verified(hanging, VerifierLimits(wall_s=0.2, memory_mib=None))
    assert found is not None
    assert found.skipped == "not done after 0.2 s"


@pytest.mark.parametrize("number", [errno.ENOMEM, errno.EAGAIN])
@pytest.mark.parametrize("name", ["fork", "pidfd_open"])
@pytest.mark.parametrize("n_times", [1, 2])
def test_a_check_for_which_there_is_no_process(
    verified: Verify, monkeypatch: pytest.MonkeyPatch, number: int, name: str, n_times: int
) -> None:
    """A fork that fails is repeated once; what then is not checked says so, and nothing raises."""
    monkeypatch.setattr(verifier_process, "PAUSE_S", 0.01)
    errors, really = iter([OSError(number, os.strerror(number))] * n_times), getattr(os, name)

    def lacking(*arguments: int) -> int:
        for error in errors:
            raise error
        made: int = really(*arguments)
        return made

    monkeypatch.setattr(os, name, lacking)
    found = verified(claimed)
    assert found is not None
    if name == "fork" and n_times == 1:
        assert found.level is Level.CLAIMED
    else:
        assert found.level is Level.NONE
        assert (found.skipped or "").endswith(os.strerror(number))


def test_a_check_is_given_up_on_request(verified: Verify, woken: tuple[int, int]) -> None:
    """A campaign that is stopped does not wait for it."""
    os.write(woken[1], b"\x0f")
    found = verified(hanging)
    assert found is not None
    assert found.skipped == "stopped on request"


def test_without_a_solution_nothing_is_started(order: ExecutionRequest, verified: Verify) -> None:
    """An infeasible instance has none."""
    Workspace(order.folder).solution.unlink()
    found = verified(leaving)
    assert found is not None
    assert found.skipped == "no solution was written"
    assert not Workspace(order.folder).verification.exists()


@pytest.mark.parametrize("text", ['{"answer": {"status": null}}', '{"answer": '])
def test_without_an_answer_a_solution_counts_for_nothing(
    order: ExecutionRequest, woken: tuple[int, int], text: str
) -> None:
    """The file of a solver that was killed may be half written."""
    (order.folder / "solverreport.json").write_text(text)
    run_verifier(order, woken[0], check=claimed)
    found = conclusion(order, SolverOutput(error="killed"))
    assert found is not None
    assert found.skipped == "there is no answer"


def test_a_check_may_take_ten_readings_and_at_least_a_minute() -> None:
    """And as much memory as the solver, at least a GiB."""
    limits = Limits(time_s=1, memory_mib=10_000)
    assert verifier_limits(limits, 0.1) == VerifierLimits(wall_s=60.0, memory_mib=11_200.0)
    assert verifier_limits(limits, 20.0).wall_s == 200.0
    assert verifier_limits(Limits(memory_mib=100), None).memory_mib == 1024.0
    assert verifier_limits(Limits(memory_mib=None), None).memory_mib is None
