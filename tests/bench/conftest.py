"""Results to track, and one MLflow database for the whole session."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pytest
import sqlalchemy

from bench.errors import TrackingError
from bench.instances.instance_set import InstanceSet
from bench.journal import manifest, origin
from bench.journal.journal import Journal
from bench.model.instances.instance import Instance
from bench.model.instances.problem import Counts, ProblemStatistics, Range, Sense
from bench.model.instances.reference import Known, Reference
from bench.model.limits import Limits
from bench.model.planned_task import planned_task
from bench.model.results.process_stats import ProcessStats, Sample, Termination
from bench.model.results.result import Result
from bench.model.results.solver_output import SolverOutput, TracePoint
from bench.model.results.verdict import Category, Verdict
from bench.model.results.verification import Level, Quantity, Verification, Violation
from bench.model.setting import Setting
from bench.model.task import Task
from bench.store.experiment import NOTHING_ASKED, ExperimentRequest
from bench.store.failure import RefusedError
from bench.store.run_keys import CAMPAIGN, RESULTS, ExistingRun, RecordId, RunKey, run_key_of
from bench.tracking.orphans import select_surplus
from bench.tracking.records.record import Record
from bench.tracking.ui.overview import Overview
from tests.servers import Postgres
from tests.templates import empty_store

if TYPE_CHECKING:
    from bench.tracking.mlflow_store import MlflowStore

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"

_STARTED_AT = 1_700_000_000.0

MakeResult = Callable[..., Result]
MakeCampaign = Callable[..., Path]
Insert = Callable[..., None]
MakeStore = Callable[..., "MemoryStore"]
T = TypeVar("T")


TABLES = """
import sys
import sqlalchemy
from mlflow.store.tracking.dbmodels import models
made = ("Experiment", "Run", "Tag", "Param", "Metric", "LatestMetric", "Dataset", "Input")
tables = [getattr(models, f"Sql{name}").__table__ for name in made]
models.SqlRun.metadata.create_all(sqlalchemy.create_engine(sys.argv[1]), tables)
"""
INPUT_TAGS = "CREATE TABLE input_tags (input_uuid VARCHAR(36), name TEXT, value TEXT)"
"""As MLflow's migrations make it; its model has a reference that PostgreSQL refuses."""


class Fault(Enum):
    """What becomes of a request."""

    NONE = "none"
    LOST = "it never arrives"
    UNANSWERED = "it is carried out, the answer is lost"
    HALF = "the server dies half-way"
    REFUSED = "the server says no"


@dataclass(slots=True)
class Row:
    """A record."""

    found: ExistingRun
    record: Record


@dataclass(slots=True)
class MemoryStore:
    """Keeps records by id; each request takes the next fault, and none when they have run out."""

    faults: Iterator[Fault] = field(default_factory=lambda: iter(()))
    rows: dict[RecordId, Row] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)
    place: str = "1"
    views: list[Overview] = field(default_factory=list)

    def load_existing(self, campaign_id: str) -> dict[RunKey, ExistingRun]:
        """Return what there is of a campaign, and delete what is half written."""
        return self._request("take over", lambda: self._sorted_out(campaign_id, None))

    def find(self, campaign_id: str, run_key: RunKey) -> ExistingRun | None:
        """Return the record of a token, and delete what is half written of it."""
        return self._request("find", lambda: self._sorted_out(campaign_id, run_key).get(run_key))

    def remove_orphans(self, campaign_id: str, keep: Collection[RecordId]) -> None:
        """Delete the unfinished records of a campaign but for those named."""
        del campaign_id
        for record_id, row in list(self.rows.items()):
            if row.found.status == "RUNNING" and record_id not in keep:
                del self.rows[record_id]

    def close_abandoned(self) -> int:
        """Find nothing."""
        return 0

    def open_setting(self, record: Record, instances: InstanceSet | None = None) -> RecordId:
        """Begin the record of a setting or sweep and return its id."""
        del instances
        return self._request(f"open {record.name}", lambda: self._add(record, "RUNNING", ""))

    def reopen(self, record_id: RecordId, record: Record) -> None:
        """Set such a record running again."""
        self._request(f"reopen {record.name}", lambda: self._change(record_id, record, "RUNNING"))

    def add_task(self, record: Record, parent_id: RecordId | None) -> RecordId:
        """Write the record of a task and return its id."""
        return self._request(
            f"add {record.name}",
            lambda: self._add(record, record.status, parent_id or ""),
            lambda: self._add(record, "RUNNING", parent_id or ""),
        )

    def revise(self, record_id: RecordId, record: Record) -> None:
        """Bring the record of a task up to another verdict."""
        self._request(
            f"revise {record.name}", lambda: self._change(record_id, record, record.status)
        )

    def close_setting(self, record_id: RecordId, record: Record, status: str | None = None) -> None:
        """End the record of a setting or sweep."""
        self._request(
            f"close {record.name}", lambda: self._change(record_id, record, status or record.status)
        )

    def show_views(self, overview: Overview) -> None:
        """Note what they are to show."""
        self.views.append(overview)

    def watch_host(self, record_ids: Collection[RecordId]) -> Callable[[], None]:
        """Note that it is asked for, and when it is over."""
        self.log.append(f"watch {len(record_ids)}")
        return lambda: self.log.append("watch no more")

    def kinds(self) -> list[tuple[str, str, str]]:
        """Return kind, name and status of all records, sorted."""
        return sorted(
            (row.record.tags["bench.kind"], row.record.name, row.found.status)
            for row in self.rows.values()
        )

    def _request(
        self, name: str, whole: Callable[[], T], half: Callable[[], object] | None = None
    ) -> T:
        fault = next(self.faults, Fault.NONE)
        if fault is Fault.REFUSED:
            raise RefusedError("refused")
        if fault is Fault.LOST:
            raise TrackingError("down")
        if fault is Fault.HALF:
            (half or whole)()
            raise TrackingError("down")
        self.log.append(name)
        result = whole()
        if fault is Fault.UNANSWERED:
            raise TrackingError("timed out")
        return result

    def _add(self, record: Record, status: str, parent_id: str) -> RecordId:
        record_id = RecordId(f"record{len(self.rows)}-{len(self.log)}")
        found = ExistingRun(
            record_id=record_id,
            status=status,
            results=record.tags.get(RESULTS, ""),
            parent_id=parent_id,
        )
        self.rows[record_id] = Row(found, record)
        return record_id

    def _change(self, record_id: RecordId, record: Record, status: str) -> None:
        row = self.rows[record_id]
        results = record.tags.get(RESULTS, row.found.results)
        row.found = replace(row.found, status=status, results=results)
        row.record = record

    def _sorted_out(self, campaign_id: str, wanted: RunKey | None) -> dict[RunKey, ExistingRun]:
        runs: dict[RunKey, list[ExistingRun]] = {}
        for row in self.rows.values():
            run_key = run_key_of(row.record.tags)
            of_it = row.record.tags.get(CAMPAIGN) == campaign_id
            if run_key is not None and of_it and wanted in {None, run_key}:
                runs.setdefault(run_key, []).append(row.found)
        kept, surplus = select_surplus(runs)
        self._delete(surplus)
        return kept

    def _delete(self, surplus: Iterable[ExistingRun]) -> None:
        for found in surplus:
            del self.rows[found.record_id]


@pytest.fixture
def make_store() -> MakeStore:
    """Return a maker of stores in memory with the faults of their first requests, by name."""
    return lambda *faults: MemoryStore(iter(Fault[name.upper()] for name in faults))


@pytest.fixture
def make_result(tmp_path: Path) -> MakeResult:
    """Return a maker of results whose files lie in the work folder in ``tmp_path``."""

    def make(
        name: str = "p0033",
        *,
        seed: int = 0,
        category: Category = Category.SOLVED,
        answer: SolverOutput | None = None,
        execution: ProcessStats | None = None,
        setting: Setting | None = None,
    ) -> Result:
        task = Task(
            instance=Instance(name=name, path=Path("/instances") / f"{name}.mps", digest="ab" * 32),
            setting=setting or _setting(),
            solver_version="10.0.2",
            seed=seed,
            limits=Limits(time_s=10.0, nodes=1000),
        )
        folder = tmp_path / "bench-work" / "tasks" / f"{name}-{seed}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "solver.log").write_text("SCIP Status: problem is solved\n", "utf-8")
        (folder / "solverreport.json").write_text("{}", "utf-8")
        return Result(
            task=task,
            answer=answer or _answer(),
            execution=execution or _execution(),
            verdict=Verdict(category, "agrees with the reference 3089"),
            folder=folder,
            reference=Reference(Known.OPTIMAL, 3089.0),
            verification=_verification(),
        )

    return make


@pytest.fixture
def make_campaign(tmp_path: Path, make_result: MakeResult) -> MakeCampaign:
    """Return a maker of campaign folders whose journal has results.

    ``settings`` x ``n_seeds`` tasks are planned, the first ``n_results`` of them executed.
    """

    def make(
        name: str = "cuts",
        *,
        settings: tuple[str, ...] = ("a", "b"),
        n_seeds: int = 3,
        n_results: int | None = None,
        kind: str = "sweep",
        tasks_in_mlflow: bool = True,
    ) -> Path:
        folder = tmp_path / "bench-work" / name
        chosen = {name: replace(_setting(), name=name, params={"x": name}) for name in settings}
        results = [
            make_result(seed=seed, setting=setting, execution=_execution(seed))
            for seed in range(n_seeds)
            for setting in chosen.values()
        ]
        tasks = [result.task for result in results]
        with Journal(folder) as journal:
            manifest.write(folder, _manifest(name, kind, tuple(chosen.values()), tasks))
            origin.begin(
                folder,
                tracking_uri="sqlite:///unknown.db",
                experiment=ExperimentRequest(),
                run_id=None,
                instance_set=InstanceSet.of("visible", [task.instance for task in tasks]),
                tasks=tasks,
                session=origin.RecordedSession(started_at=0.0, provenance={"bench.host": "node7"}),
                tasks_in_mlflow=tasks_in_mlflow,
            )
            for result in results[:n_results]:
                journal.add(result)
        return folder

    return make


Replan = Callable[..., None]


@pytest.fixture
def replan() -> Replan:
    """Return what gives a campaign's folder another plan."""

    def write(folder: Path, tasks: Iterable[Task], *, tasks_in_mlflow: bool = True) -> None:
        tasks = list(tasks)
        chosen = {task.setting.name: task.setting for task in tasks}
        manifest.write(folder, _manifest(folder.name, "sweep", tuple(chosen.values()), tasks))
        origin.begin(
            folder,
            tracking_uri="sqlite:///unknown.db",
            experiment=NOTHING_ASKED,
            run_id=None,
            instance_set=InstanceSet.of("visible", [task.instance for task in tasks]),
            tasks=tasks,
            session=origin.RecordedSession(started_at=0.0, provenance={"bench.host": "node7"}),
            tasks_in_mlflow=tasks_in_mlflow,
        )

    return write


def _manifest(
    name: str, kind: str, settings: tuple[Setting, ...], tasks: list[Task]
) -> manifest.Manifest:
    return manifest.Manifest(
        campaign_id=hashlib.sha256(name.encode()).hexdigest()[:32],
        name=name,
        kind=kind,
        command=("bench", "sweep", "instances/", "-p", "x=a,b"),
        created_at=_STARTED_AT - 1,
        jobs=1,
        instance_set="visible",
        baseline=None,
        settings=settings,
        tasks=tuple(map(planned_task, tasks)),
    )


@pytest.fixture
def result(make_result: MakeResult) -> Result:
    """Return a solved result."""
    return make_result()


@pytest.fixture
def crashed(result: Result) -> Result:
    """Return a result whose solver crashed before anything was read."""
    return replace(
        result,
        answer=SolverOutput(error="killed by SIGSEGV"),
        verification=Verification(level=Level.NONE, skipped="there is no answer"),
        verdict=Verdict(Category.CRASHED, "no answer"),
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


@pytest.fixture(scope="session")
def tables_of_runs(postgres: Postgres) -> str:
    """Return the name of a PostgreSQL database with the tables that runs are in.

    They are made in another process: MLflow's migrations, which other tests execute in this one,
    add the same constraints to its tables again.
    """
    uri = postgres.create_database("tables_of_runs")
    subprocess.run([sys.executable, "-c", TABLES, uri], check=True)
    engine = sqlalchemy.create_engine(uri, poolclass=sqlalchemy.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql(INPUT_TAGS)
    return "tables_of_runs"


@pytest.fixture(
    scope="module",
    params=[
        "sqlite",
        pytest.param("postgresql", marks=pytest.mark.xdist_group("servers")),
    ],
)
def database_uri(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the URI of a database with the tables of MLflow that runs are in, without rows."""
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("data base #") / "a b.db"
        shutil.copyfile(empty_store(tmp_path_factory), path)
        return f"sqlite:///{path}"
    template: str = request.getfixturevalue("tables_of_runs")
    server: Postgres = request.getfixturevalue("postgres")
    return server.create_database(f"bench_{uuid.uuid4().hex}", template)


@pytest.fixture
def insert(database_uri: str) -> Insert:
    """Return a function that adds rows to a table of the database."""
    engine = sqlalchemy.create_engine(database_uri, poolclass=sqlalchemy.NullPool)

    def add(table: str, *rows: Mapping[str, object]) -> None:
        into = sqlalchemy.table(table, *map(sqlalchemy.column, rows[0]))
        with engine.begin() as connection:
            connection.execute(into.insert(), list(rows))

    return add


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


def _answer() -> SolverOutput:
    """Return an answer with everything in it."""
    return SolverOutput(
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


def _verification() -> Verification:
    """Return the check of a solution that holds to 1e-6, because of one row."""
    return Verification(
        level=Level.SOLVER,
        violations=(
            Violation(Quantity.BOUND, 0.0, 0.0),
            Violation(Quantity.INTEGRALITY, 0.0, 0.0),
            Violation(Quantity.ROW, 2e-4, 1e-7, "c12", "c7"),
            Violation(Quantity.OBJECTIVE, 0.0, 0.0),
        ),
        objective=3089.0,
        reader="highs",
        independent=True,
        exact=True,
        notes=("row c7 is off by 0.0002",),
    )


def _execution(n_seconds_later: int = 0) -> ProcessStats:
    """Return an execution that ended normally, with two samples."""
    return ProcessStats(
        termination=Termination.NORMAL,
        evidence="exit code 0",
        started_at=_STARTED_AT + n_seconds_later,
        wall_s=0.75,
        cpu_s=0.6,
        peak_mib=55.0,
        exit_code=0,
        samples=(Sample(0.1, 50.0, 99.0), Sample(0.3, 55.0, 100.0)),
    )
