"""A solver with configurable behaviour, for testing bench: it can crash and lie.

It is registered like any other. ``bench run FILE --solver fake -p behaviour=segfault``
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from pathlib import Path

from bench.errors import InstanceError
from bench.model.instances.linear_program import LinearProgram
from bench.model.instances.problem import ProblemStatistics, Sense
from bench.model.parameters import Catalogue, Parameter, ParameterKind
from bench.model.results.solver_output import SolverOutput, TracePoint
from bench.model.task import Task
from bench.model.workspace import Workspace
from bench.solvers.bad_answers import ANSWERS
from bench.solvers.behaviours import BEHAVIOURS, BehaviourOptions, take_cpu
from bench.solvers.live_bounds import LiveBounds

OPTIMUM = 42.0
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
    """Behaves according to its parameter ``behaviour`` and then, if it still can, claims 42."""

    name = "fake"
    limit_parameters: Mapping[str, str] = {}
    permutes = True
    counts_cpu_time = True
    preload = "bench.solvers.fake"

    def version(self) -> str:
        """Return 1.0."""
        return "1.0"

    def parameters(self) -> Catalogue:
        """Return the behaviours and their sizes."""
        return Catalogue(PARAMETERS)

    def inspect(self, path: Path) -> SolverOutput:
        """Return invented statistics of any file that exists."""
        if not path.exists():
            raise InstanceError(f"{path}: no such file")
        return SolverOutput(problem=PROBLEM)

    def read(self, path: Path) -> LinearProgram:
        """Raise InstanceError, because its statements about files are invented."""
        raise InstanceError(f"{path}: the fake solver reads nothing")

    def solve(self, task: Task, workspace: Workspace) -> SolverOutput:
        """Execute the behaviour, then answer."""
        params = {known.name: known.default for known in PARAMETERS} | dict(task.setting.params)
        options = BehaviourOptions(
            float(params["seconds"]), float(params["mib"]), int(params["code"])
        )
        take_cpu(float(params["reading"]))
        workspace.solving.touch()
        started_at, wall, cpu = time.time(), time.perf_counter(), time.process_time()
        value, behind = float(params["value"]), float(params["behind"])
        LiveBounds(workspace.bounds).show(TracePoint(0.0, value, value - behind, 1))
        BEHAVIOURS[str(params["behaviour"])](options)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        status = str(params["status"])
        value = math.nan if params["behaviour"] == "nan" else value
        dual = value - behind
        if params["solution"]:
            values = [pair.replace("=", " ") for pair in str(params["solution"]).split()]
            workspace.solution.write_text("\n".join([f"objective value: {value}", *values, ""]))
        answer = SolverOutput(
            status=status,
            primal_bound=value,
            dual_bound=dual,
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
        answered: SolverOutput = ANSWERS[str(params["answer"])](answer, workspace)
        return answered


PARAMETERS = (
    Parameter(
        name="behaviour",
        kind=ParameterKind.STRING,
        default="answer",
        choices=tuple(BEHAVIOURS),
        description="what to do before answering",
    ),
    Parameter(
        name="answer",
        kind=ParameterKind.STRING,
        default="good",
        choices=tuple(ANSWERS),
        description="what to answer, or to leave in the task's folder",
    ),
    Parameter(
        name="seconds",
        kind=ParameterKind.REAL,
        default=0.0,
        low=0.0,
        description="how long to do it",
    ),
    Parameter(
        name="reading",
        kind=ParameterKind.REAL,
        default=0.0,
        low=0.0,
        description="CPU seconds before that",
    ),
    Parameter(
        name="mib", kind=ParameterKind.REAL, default=0.0, low=0.0, description="how much of it"
    ),
    Parameter(
        name="code", kind=ParameterKind.INT, default=1, low=0, high=255, description="exit code"
    ),
    Parameter(
        name="value",
        kind=ParameterKind.REAL,
        default=OPTIMUM,
        description="the bounds that are claimed",
    ),
    Parameter(
        name="behind",
        kind=ParameterKind.REAL,
        default=0.0,
        description="how far the dual bound that is claimed stays behind the value",
    ),
    Parameter(
        name="status",
        kind=ParameterKind.STRING,
        default="optimal",
        description="the status claimed",
    ),
    Parameter(
        name="solution",
        kind=ParameterKind.STRING,
        default="",
        description="the solution that is written, e.g. 'x=1 y=0.5'; none if empty",
    ),
)
"""To lie, set ``value``, ``status`` or ``solution``."""
