"""Results to track, and one MLflow database for the whole session."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bench.model.answer import Answer, TracePoint
from bench.model.execution import Execution, Sample, Termination
from bench.model.instance import Instance
from bench.model.limits import Limits
from bench.model.problem import Counts, ProblemStatistics, Range, Sense
from bench.model.reference import Known, Reference
from bench.model.result import Result
from bench.model.setting import Setting
from bench.model.task import Task
from bench.model.verdict import Category, Verdict

if TYPE_CHECKING:
    from bench.tracking.mlflow_store import MlflowStore

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"

_STARTED_AT = 1_700_000_000.0

MakeResult = Callable[..., Result]


@pytest.fixture
def make_result(tmp_path: Path) -> MakeResult:
    """Return a maker of results whose files lie in ``tmp_path``."""

    def make(
        name: str = "p0033",
        *,
        seed: int = 0,
        category: Category = Category.SOLVED,
        answer: Answer | None = None,
        execution: Execution | None = None,
        setting: Setting | None = None,
    ) -> Result:
        task = Task(
            instance=Instance(name=name, path=Path("/instances") / f"{name}.mps", digest="ab" * 32),
            setting=setting or _setting(),
            solver_version="10.0.2",
            seed=seed,
            limits=Limits(time_s=10.0, nodes=1000),
        )
        folder = tmp_path / "tasks" / f"{name}-{seed}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "solver.log").write_text("SCIP Status: problem is solved\n", "utf-8")
        (folder / "testimony.json").write_text("{}", "utf-8")
        return Result(
            task=task,
            answer=answer or _answer(),
            execution=execution or _execution(),
            verdict=Verdict(category, "agrees with the reference 3089"),
            folder=folder,
            reference=Reference(Known.OPTIMAL, 3089.0),
        )

    return make


@pytest.fixture
def result(make_result: MakeResult) -> Result:
    """Return a solved result."""
    return make_result()


@pytest.fixture
def crashed(result: Result) -> Result:
    """Return a result whose solver crashed before anything was read."""
    return replace(
        result,
        answer=Answer(error="killed by SIGSEGV"),
        verdict=Verdict(Category.FAILED, "no answer"),
    )


@pytest.fixture(scope="session")
def mlflow_uri(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the URI of a SQLite database that already holds MLflow's tables."""
    from bench.tracking.mlflow_store import MlflowStore

    uri = f"sqlite:///{tmp_path_factory.mktemp('mlflow') / 'mlflow.db'}"
    MlflowStore(uri, None)
    return uri


@pytest.fixture
def store(mlflow_uri: str, request: pytest.FixtureRequest) -> MlflowStore:
    """Return a store with an experiment of the test's own."""
    from bench.tracking.mlflow_store import MlflowStore

    return MlflowStore(mlflow_uri, str(request.node.nodeid)[-400:])


def _setting() -> Setting:
    """Return a setting with two knobs and one changed parameter."""
    return Setting(
        name="alpha=0.15",
        solver="scip",
        params={"separating/maxrounds": 5},
        knobs={"alpha": 0.15, "l1_ratio": 0.001},
    )


def _problem() -> ProblemStatistics:
    """Return the statistics of a small binary problem."""
    return ProblemStatistics(
        n_vars=33,
        n_bins=33,
        n_ints=0,
        n_conts=0,
        n_conss=16,
        n_nonzeros=98,
        n_equalities=4,
        n_bins_declared=33,
        n_ints_declared=0,
        sense=Sense.MINIMIZE,
        objective_offset=0.0,
        matrix_range=Range(1.0, 400.0),
        classes={"knapsack": 12, "general": 0},
    )


def _answer() -> Answer:
    """Return an answer with everything in it."""
    return Answer(
        status="optimal",
        primal_bound=3089.0,
        dual_bound=3089.0,
        gap=0.0,
        n_nodes=12,
        n_lp_iterations=100,
        n_solutions=3,
        read_time_s=0.01,
        presolve_time_s=0.02,
        solve_time_s=0.5,
        first_incumbent_time_s=0.1,
        first_primal_bound=4000.0,
        primal_dual_integral=12.0,
        solve_started_at=_STARTED_AT + 0.1,
        problem=_problem(),
        presolved=Counts(
            n_vars=30, n_bins=30, n_ints=0, n_impls=0, n_conts=0, n_conss=10, n_nonzeros=80
        ),
        trace=(
            TracePoint(0.05, None, 2000.0, 1),
            TracePoint(0.25, 4000.0, 3000.0, 5, incumbent=True),
            TracePoint(0.5, 3089.0, 3089.0, 12, incumbent=True),
        ),
        params={"limits/time": 10.0, "separating/maxrounds": 5},
        versions={"scip": "10.0.2", "soplex": "8.0.2"},
    )


def _execution() -> Execution:
    """Return an execution that ended normally, with two samples."""
    return Execution(
        termination=Termination.NORMAL,
        evidence="exit code 0",
        started_at=_STARTED_AT,
        wall_s=0.75,
        cpu_s=0.6,
        peak_mib=55.0,
        exit_code=0,
        samples=(Sample(0.1, 50.0, 99.0), Sample(0.3, 55.0, 100.0)),
    )
