"""A solver that does what it is told, for trying out the harness: it also crashes and lies.

It is registered like any other. ``bench run FILE --solver fake -p behaviour=segfault``
"""

from __future__ import annotations

import ctypes
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from bench.errors import InstanceError
from bench.model.answer import Answer, TracePoint
from bench.model.linear_program import LinearProgram
from bench.model.parameters import Catalogue, Kind, Parameter
from bench.model.problem import ProblemStatistics, Sense
from bench.model.task import Task
from bench.model.workspace import Workspace

OPTIMUM = 42.0
MIB = 2**20
PROBLEM = ProblemStatistics(
    n_vars=2,
    n_bins=1,
    n_ints=0,
    n_conts=1,
    n_conss=1,
    n_nonzeros=2,
    n_equalities=0,
    n_bins_declared=1,
    n_ints_declared=0,
    sense=Sense.MINIMIZE,
    objective_offset=0.0,
)


class Fake:
    """Behaves as its parameter ``behaviour`` says and then, if it still can, claims 42."""

    name = "fake"
    limit_parameters: Mapping[str, str] = {}
    permutes = True
    preload = "bench.solvers.fake"

    def version(self) -> str:
        """Return 1.0."""
        return "1.0"

    def parameters(self) -> Catalogue:
        """Return the behaviours and their sizes."""
        return Catalogue(PARAMETERS)

    def inspect(self, path: Path) -> Answer:
        """Return made-up statistics of any file that exists."""
        if not path.exists():
            raise InstanceError(f"{path}: no such file")
        return Answer(problem=PROBLEM)

    def read(self, path: Path) -> LinearProgram:
        """Raise InstanceError: what it says of files is made up."""
        raise InstanceError(f"{path}: the fake solver reads nothing")

    def solve(self, task: Task, workspace: Workspace) -> Answer:
        """Behave, then answer."""
        params = {known.name: known.default for known in PARAMETERS} | dict(task.setting.params)
        wish = _Wish(float(params["seconds"]), float(params["mib"]), int(params["code"]))
        workspace.solving.touch()
        started_at, wall, cpu = time.time(), time.perf_counter(), time.process_time()
        BEHAVIOURS[str(params["behaviour"])](wish)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        value = math.nan if params["behaviour"] == "nan" else float(params["value"])
        workspace.solution.write_text(f"objective value: {value}\n")
        return Answer(
            status=str(params["status"]),
            primal_bound=value,
            dual_bound=value,
            gap=0.0,
            n_nodes=1,
            n_lp_iterations=1,
            n_solutions=1,
            read_time_s=0.0,
            presolve_time_s=0.0,
            solve_time_s=wall,
            solve_wall_s=wall,
            solve_cpu_s=cpu,
            first_incumbent_time_s=wall,
            first_primal_bound=value,
            solve_started_at=started_at,
            problem=PROBLEM,
            trace=(TracePoint(wall, value, value, 1, incumbent=True),),
            versions={"fake": self.version()},
        )


class _Wish:
    """How long, how large, with which exit code."""

    def __init__(self, seconds: float, mib: float, code: int) -> None:
        self.seconds = seconds
        self.mib = mib
        self.code = code


def _answer(_: _Wish) -> None:
    """Do nothing."""


def _sleep(wish: _Wish) -> None:
    time.sleep(wish.seconds)


def _spin(wish: _Wish) -> None:
    end = time.perf_counter() + wish.seconds
    while time.perf_counter() < end:
        pass


def _hog(wish: _Wish) -> None:
    """Take memory at once and keep it."""
    block = _touched(wish.mib)
    time.sleep(wish.seconds)
    del block


def _spike(wish: _Wish) -> None:
    """Take memory for 50 ms only."""
    block = _touched(wish.mib)
    time.sleep(0.05)
    del block
    time.sleep(wish.seconds)


def _hog_grandchild(wish: _Wish) -> None:
    """Let four processes of one's own take a quarter of the memory each."""
    part = _Wish(wish.seconds, wish.mib / 4, wish.code)
    for _ in range(4):
        if os.fork() == 0:
            try:
                _hog(part)
            finally:
                os._exit(0)
    for _ in range(4):
        os.wait()


def _exit(wish: _Wish) -> None:
    os._exit(wish.code)


def _abort(_: _Wish) -> None:
    os.abort()


def _segfault(_: _Wish) -> None:
    ctypes.string_at(0)


def _killed(_: _Wish) -> None:
    """Die by SIGKILL from outside, as the kernel's out-of-memory killer would do it."""
    os.kill(os.getpid(), signal.SIGKILL)


def _hang(_: _Wish) -> None:
    """Ignore every polite request."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        time.sleep(3600)


def _escape(wish: _Wish) -> None:
    """Leave a grandchild behind that has a session of its own."""
    script = f"import time; time.sleep({wish.seconds + 600})"
    subprocess.Popen([sys.executable, "-S", "-c", script], start_new_session=True)
    time.sleep(wish.seconds)


def _flood(wish: _Wish) -> None:
    """Print that many MiB."""
    line = b"x" * 1023 + b"\n"
    os.write(1, b"first line\n")
    for _ in range(int(wish.mib * 1024)):
        os.write(1, line)
    os.write(1, b"last line\n")


def _raise(_: _Wish) -> None:
    raise RuntimeError("told to raise")


def _refuse(_: _Wish) -> None:
    raise InstanceError("told to refuse this file")


def _memory_error(_: _Wish) -> None:
    raise MemoryError


def _touched(mib: float) -> bytearray:
    """Return memory that is really there: every page written to."""
    block = bytearray(int(mib * MIB))
    for i in range(0, len(block), 4096):
        block[i] = 1
    return block


BEHAVIOURS: Mapping[str, Callable[[_Wish], None]] = {
    "answer": _answer,
    "nan": _answer,
    "sleep": _sleep,
    "spin": _spin,
    "hog": _hog,
    "spike": _spike,
    "hog_grandchild": _hog_grandchild,
    "exit": _exit,
    "abort": _abort,
    "segfault": _segfault,
    "killed": _killed,
    "hang": _hang,
    "escape": _escape,
    "flood": _flood,
    "raise": _raise,
    "refuse": _refuse,
    "memory_error": _memory_error,
}
"""What the solver can be told to do. To lie, set ``value`` or ``status``."""

PARAMETERS = (
    Parameter(
        name="behaviour",
        kind=Kind.STRING,
        default="answer",
        choices=tuple(BEHAVIOURS),
        description="what to do before answering",
    ),
    Parameter(
        name="seconds", kind=Kind.REAL, default=0.0, low=0.0, description="how long to do it"
    ),
    Parameter(name="mib", kind=Kind.REAL, default=0.0, low=0.0, description="how much of it"),
    Parameter(name="code", kind=Kind.INT, default=1, low=0, high=255, description="exit code"),
    Parameter(
        name="value", kind=Kind.REAL, default=OPTIMUM, description="the bounds that are claimed"
    ),
    Parameter(name="status", kind=Kind.STRING, default="optimal", description="the status claimed"),
)
