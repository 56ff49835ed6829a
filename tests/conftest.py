"""Fixtures that many tests share."""

from __future__ import annotations

import gc
import os
import shutil
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import hypothesis
import pytest
from xdist.remote import Producer

from bench.__main__ import FEW_COLLECTIONS
from bench.errors import SolverError
from bench.execution.host import leases
from bench.execution.process.fork_servers import workers
from bench.execution.process.fork_servers.fork_server import prepare
from bench.instances.generators.families import generate
from bench.instances.generators.linear_model import to_mps
from bench.model.instances.instance import Instance
from bench.model.limits import Limits
from bench.model.setting import Setting
from bench.model.task import Task
from bench.solvers.environments import environment, make
from bench.store import connectivity
from tests import leftovers
from tests.commands import PRELOADED, Ended, Run, in_process, typed
from tests.forked import Loaded
from tests.registered import register_settings
from tests.scheduling import Scheduling, tell_alone
from tests.servers import Postgres, postgres_programs
from tests.templates import copied, empty_store, made_once

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared" / "data"
LONGEST_ID = 60
BEGIN_WITH = ("xdist_group", "slow")
"""The marks of the tests that are executed first."""

# imported before any test: late, it warns of random number generators that are gone by then
hypothesis.settings.register_profile("any machine", deadline=None)
hypothesis.settings.load_profile("any machine")

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"] = "false"  # seven more processes a server
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # else each command compiles bench, or all, again
sys.dont_write_bytecode = False  # and pytest each test module
gc.set_threshold(*FEW_COLLECTIONS)  # as the commands that are executed here do
OF_TESTS = {"BENCH_SCREENSHOTS", "BENCH_REQUIRE_BROWSER", leftovers.SESSION}
for name in set(os.environ) - OF_TESTS:
    if name.startswith(("BENCH_", "MLFLOW_RUN", "MLFLOW_T")):
        del os.environ[name]


def pytest_configure(config: pytest.Config) -> None:
    """Give all that this session starts a mark and a folder for temporary files."""
    if not hasattr(config, "workerinput"):
        leftovers.begin()


def pytest_xdist_auto_num_workers() -> int:
    """Return how many workers ``-n auto`` means: many tests wait, so that cores can be shared."""
    n_cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return 1 + (n_cores or 1)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling | None:
    """Give out tests as `tests.scheduling` does, unless another way is asked for."""
    return Scheduling(config, log) if config.getvalue("dist") == "loadgroup" else None


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name a long text by its beginning: the names of all tests go to and from each worker."""
    if isinstance(val, str | bytes) and len(val) > LONGEST_ID:
        return f"{val[:LONGEST_ID]!a}..."
    return None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with groups and then slow tests, so that no core waits for them at the end."""
    items.sort(key=lambda item: [item.get_closest_marker(mark) is None for mark in BEGIN_WITH])
    if hasattr(config, "workerinput"):
        tell_alone(config, items)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail where a process or a temporary file of the tests is left."""
    if hasattr(session.config, "workerinput"):
        return
    for line in leftovers.end():
        session.config.get_terminal_writer().line(f"\nleft by the tests: {line}", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture
def own_temp() -> Iterator[dict[str, str]]:
    """Return the variable of a folder for temporary files of processes that cannot tidy up.

    The folder of the test itself has too long a name for a socket.
    """
    with TemporaryDirectory() as folder:
        yield {"TMPDIR": folder}


@pytest.fixture(scope="session")
def registered_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a store that has registered settings, to be copied."""
    return made_once(tmp_path_factory, "registered", register_settings)


@pytest.fixture
def registered(registered_once: Path, tmp_path: Path) -> Path:
    """Return the folder of the test, with a store of its own that has registered settings."""
    return copied(registered_once, tmp_path)


@pytest.fixture
def bench(tmp_path: Path) -> Run:
    """Return a function that executes ``bench ...`` in an empty folder, as a user would."""
    return partial(in_process, tmp_path)


@pytest.fixture
def without_mlflow(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Let commands record nothing in MLflow, which is most of their work, unless it is looked at.

    A module asks for it; a test of it that looks there has the mark ``recorded``.
    """
    if request.node.get_closest_marker("recorded") is None:
        monkeypatch.setenv("BENCH_NO_MLFLOW", "1")


@pytest.fixture(scope="session")
def shell() -> Callable[..., Ended]:
    """Return a function that executes a line in a folder as a user types it."""
    return lambda line, folder, code=0: typed(folder, line, code)


@pytest.fixture(scope="session", autouse=True)
def _new_databases_have_their_tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let a new SQLite store begin as a copy of one whose tables MLflow has made once for all.

    All else about a first use stays: who may create it, when it gets its name.
    """
    first_use = connectivity.first_use

    @contextmanager
    def from_template(database: Path) -> Iterator[Path | None]:
        with first_use(database) as new:
            if new is not None:
                shutil.copyfile(empty_store(tmp_path_factory), new)
            yield new

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connectivity, "first_use", from_template)
        yield


@pytest.fixture(scope="session", autouse=True)
def _cores_are_leased_from_the_own_commands_alone(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[None]:
    """Let no test wait for cores that another process of the tests, or somebody else, has."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(leases.VARIABLE, str(tmp_path_factory.mktemp("leases") / leases.NAME))
        yield


@pytest.fixture(scope="session", autouse=True)
def _the_users_cache_is_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep what libraries say of themselves in a folder of this session."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session", autouse=True)
def _solver_environments(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let environments of solvers be those of the tests, made once for all of their processes."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(environment.VARIABLE, str(shared / "solvers"))
        yield
    workers.end_all()


@pytest.fixture(scope="session")
def scip_9() -> str:
    """Return the name of SCIP 9.2.4 in an environment of its own; skip where it cannot be made."""
    try:
        return make.add_version("scip==9.2.4", lambda _: None).name
    except SolverError as error:
        pytest.skip(f"the environment of another SCIP cannot be made here: {error}")


@pytest.fixture(scope="session")
def own_scip() -> str:
    """Return the name of the SCIP beside bench as a solver in an interpreter of its own."""
    return make.add_python("mine", Path(sys.executable), solver="scip").name


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the folder of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of shared real data; skip the test where it does not exist."""
    if not SHARED.is_dir():
        pytest.skip("the shared real data is not installed on this machine")
    return SHARED


@pytest.fixture(scope="session")
def hard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an instance that takes hours, with a solution and a dual bound at once."""
    path = tmp_path_factory.mktemp("hard") / "hard.mps"
    sizes = {"resources": 10, "items": 250, "tightness": 50}
    path.write_text(to_mps(generate("multidimensional_knapsack", sizes, seed=1)))
    return path


@pytest.fixture(scope="session")
def fork_server() -> None:
    """Start the fork server once, with all solvers loaded."""
    prepare(PRELOADED)


KNAPSACK = """\
NAME knapsack
ROWS
 N cost
 L room
COLUMNS
 M1 'MARKER' 'INTORG'
 a cost -5 room 4
 b cost -4 room 3
 c cost -3 room 2
 M2 'MARKER' 'INTEND'
RHS
 RHS room 6
BOUNDS
 UP BND a 1
 UP BND b 1
 UP BND c 1
ENDATA
"""
"""Optimum -8 with a = c = 1."""


@pytest.fixture(scope="session")
def knapsack_text() -> str:
    """Return a tiny problem whose optimal value is -8, as MPS."""
    return KNAPSACK


@pytest.fixture
def knapsack(tmp_path: Path, knapsack_text: str) -> Path:
    """Return a tiny problem file whose optimal value is -8."""
    path = tmp_path / "knapsack.mps"
    path.write_text(knapsack_text)
    return path


def task(path: Path, *, seed: int = 0, limits: Limits | None = None, **params: Any) -> Task:
    """Return a task of SCIP on a file; params with ``__`` for ``/``."""
    return Task(
        instance=Instance(name=path.name, path=path, digest="0" * 64),
        setting=Setting(
            name="test",
            solver="scip",
            params={name.replace("__", "/"): value for name, value in params.items()},
        ),
        solver_version="10",
        seed=seed,
        limits=limits or Limits(time_s=60),
    )


@pytest.fixture(scope="session")
def scip_task() -> Callable[..., Task]:
    """Return the function that makes tasks of SCIP."""
    return task


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Return a running PostgreSQL; skip without one, but not with REQUIRE_POSTGRESQL.

    Its folder is not pytest's, which nobody but the user of the tests may enter.
    """
    programs = postgres_programs()
    if programs is None:
        if os.environ.get("REQUIRE_POSTGRESQL"):
            pytest.fail("CI has no PostgreSQL; see .ci/run")
        pytest.skip("PostgreSQL is not installed (apt-get install postgresql)")
    with TemporaryDirectory(prefix="bench-postgres-") as folder:
        server = Postgres(Path(folder), programs)
        server.create()
        server.start()
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture(scope="session")
def loaded() -> Iterator[Loaded]:
    """Return what starts processes that have loaded MLflow and bench already."""
    first = Loaded()
    yield first
    first.end()


@pytest.fixture(scope="module")
def postgresql(postgres: Postgres) -> str:
    """Return the URI of a new and empty PostgreSQL database."""
    return postgres.create_database(f"bench_{uuid.uuid4().hex}")
