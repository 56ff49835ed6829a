"""Real faults: processes killed, a server stopped, a database locked, read-only or fought over."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient
from sqlalchemy import event
from sqlalchemy.engine import Engine

from bench.app.campaign.delivery import _connection, connect_to_mlflow
from bench.app.campaign.target import Target
from bench.errors import TrackingError
from bench.journal.journal import Journal
from bench.report.listener import Listener
from bench.store.experiment import NOTHING_ASKED
from bench.store.run_keys import ATTEMPT, KEY
from bench.tracking import background_sync as courier_module
from bench.tracking.background_sync import BackgroundSync, mlflow_connection
from bench.tracking.mlflow_store import MlflowStore
from bench.tracking.run_metrics import NoMetrics
from bench.tracking.sync import CampaignSync
from tests.waiting import until

MakeCampaign = Callable[..., Path]

_KILLED_AGAIN_AND_AGAIN = """
import os, random, signal, sys, time
from pathlib import Path
from bench.tracking.sync import CampaignSync
from bench.journal.journal import Journal
from bench.tracking.mlflow_store import MlflowStore
from bench.tracking.run_metrics import NoMetrics

folder, uri = Path(sys.argv[1]), sys.argv[2]

def deliver():
    delivery = CampaignSync(folder, NoMetrics())
    delivery.attach(MlflowStore(uri, None))
    delivery.begin()
    delivery.finish(Journal(folder).size())
    return delivery

moments = random.Random()
killed = 0
for longest in [1.5] + [0.4] * (int(sys.argv[3]) - 1):
    child = os.fork()
    if child == 0:
        deliver()
        os._exit(0)
    time.sleep(moments.uniform(0.05, longest))
    os.kill(child, signal.SIGKILL)
    killed += os.WIFSIGNALED(os.waitpid(child, 0)[1])
delivery = deliver()
print(killed, delivery.n_new + delivery.n_already)
"""


_AT_ONCE = """
import os, sys
from pathlib import Path
from bench.tracking.sync import CampaignSync
from bench.journal.journal import Journal
from bench.tracking.mlflow_store import MlflowStore
from bench.tracking.run_metrics import NoMetrics
import mlflow.store.tracking.sqlalchemy_store

def deliver(uri, folder):
    delivery = CampaignSync(folder, NoMetrics())
    delivery.attach(MlflowStore(uri, None))
    delivery.finish(Journal(folder).size())
    os.write(1, b"%d\\n" % delivery.n_new)

children = []
for folder in sys.argv[2:]:
    children.append(os.fork())
    if children[-1] == 0:
        deliver(sys.argv[1], Path(folder))
        os._exit(0)
sys.exit(any([os.waitpid(child, 0)[1] for child in children]))
"""
"""MLflow is loaded once for all of them."""


@pytest.fixture
def uri(tmp_path: Path) -> str:
    """Return the address of a database that does not exist yet."""
    return f"sqlite:///{tmp_path}/mlflow.db"


def _rows(uri: str) -> list[tuple[str, str, str | None, str | None]]:
    """Return kind, status, key and attempt of all runs that are not deleted."""
    runs = MlflowClient(uri).search_runs(["0"])
    tags = [(run.info.status, run.data.tags) for run in runs]
    return [(tags["bench.kind"], status, tags.get(KEY), tags.get(ATTEMPT)) for status, tags in tags]


def _assert_each_once(uri: str, folder: Path) -> None:
    rows = _rows(uri)
    expected = Counter(
        (result.task.key, str(round(1000 * result.execution.started_at)))
        for result in Journal(folder).results()
    )
    assert Counter((key, attempt) for kind, _, key, attempt in rows if kind == "task") == expected
    others = Counter((kind, status) for kind, status, _, _ in rows if kind != "task")
    assert others == {("setting", "FINISHED"): 2, ("sweep", "FINISHED"): 1}
    assert "RUNNING" not in {status for _, status, _, _ in rows}


@pytest.mark.slow
@pytest.mark.parametrize(("n", "n_seeds"), [(2, 8), pytest.param(20, 30, marks=pytest.mark.soak)])
def test_a_process_killed_again_and_again_delivers_each_result_once(
    make_campaign: MakeCampaign, uri: str, n: int, n_seeds: int, own_temp: dict[str, str]
) -> None:
    """Whenever it is killed, even while the database is being made."""
    folder = make_campaign(n_seeds=n_seeds)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _KILLED_AGAIN_AND_AGAIN, folder, uri, str(n)],
        env=os.environ | own_temp,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    killed, delivered = map(int, done.stdout.split())
    assert killed >= n // 2
    assert delivered == 2 * n_seeds
    _assert_each_once(uri, folder)


@pytest.mark.slow
def test_processes_on_a_new_database_all_deliver(make_campaign: MakeCampaign, uri: str) -> None:
    """The tables are made once, the others wait."""
    folders = [str(make_campaign(f"sweep{number}", n_seeds=2)) for number in range(4)]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _AT_ONCE, uri, *folders],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["4"] * 4
    kinds = Counter((kind, status) for kind, status, _, _ in _rows(uri))
    assert kinds == {
        ("task", "FINISHED"): 16,
        ("setting", "FINISHED"): 8,
        ("sweep", "FINISHED"): 4,
    }


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have locks reported after 0.1 s instead of 20 s, and pauses shortened."""
    monkeypatch.setattr(courier_module, "_FIRST_PAUSE_S", 0.05)
    monkeypatch.setattr(courier_module, "_LAST_PAUSES_S", (0.1, 0.1))

    @event.listens_for(Engine, "before_cursor_execute", retval=True)
    def hurry(*call: Any) -> tuple[str, Any]:
        return call[2].replace("busy_timeout = 20000", "busy_timeout = 100"), call[3]

    yield
    event.remove(Engine, "before_cursor_execute", hurry)


@pytest.mark.usefixtures("impatient")
def test_a_database_locked_for_a_while_gets_everything_when_it_is_free(
    make_campaign: MakeCampaign, uri: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """The sweep goes on, says so once in one line, and says when it is over."""
    MlflowStore(uri, None)
    folder = make_campaign()
    heard: list[str] = []
    with closing(sqlite3.connect(uri.removeprefix("sqlite:///"))) as other:
        other.execute("BEGIN EXCLUSIVE")
        background_sync = BackgroundSync(
            folder,
            mlflow_connection(uri, None),
            NoMetrics(),
            on_failure=heard.append,
            on_recovery=lambda: heard.append("recovered"),
        )
        until(lambda: bool(heard))
        time.sleep(0.5)
        other.rollback()
    assert background_sync.close() == 0
    assert heard[0].endswith("another program keeps the database locked")
    assert heard[1:] == ["recovered"]
    _assert_each_once(uri, folder)
    assert capfd.readouterr() == ("", "")


@pytest.mark.usefixtures("impatient")
def test_a_database_locked_to_the_end_is_given_up_and_synced_later(
    make_campaign: MakeCampaign, uri: str
) -> None:
    """Closing does not hang; the number that is missing is told."""
    MlflowStore(uri, None)
    folder = make_campaign()
    with closing(sqlite3.connect(uri.removeprefix("sqlite:///"))) as other:
        other.execute("BEGIN EXCLUSIVE")
        background_sync = BackgroundSync(folder, mlflow_connection(uri, None), NoMetrics())
        assert background_sync.close() == 7
        assert "keeps the database locked" in background_sync.failures[0]
    _deliver(folder, uri)
    _assert_each_once(uri, folder)


@pytest.fixture
def read_only() -> Iterator[None]:
    """Have every new connection refuse to write, as SQLite does where the file may not be."""

    def forbid(connection: sqlite3.Connection, _: object) -> None:
        connection.execute("PRAGMA query_only=1")

    event.listen(Engine, "connect", forbid)
    yield
    event.remove(Engine, "connect", forbid)


@pytest.mark.usefixtures("read_only")
def test_a_read_only_database_is_one_clear_error(
    make_campaign: MakeCampaign, mlflow_uri: str, tmp_path: Path, uri: str
) -> None:
    """Nothing is written, and nothing of the journal is lost."""
    _copy(mlflow_uri, tmp_path / "mlflow.db")
    with pytest.raises(TrackingError, match="the database is read-only"):
        _deliver(make_campaign(), uri)
    assert _rows(uri) == []


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("replaced", [False, True])
def test_a_database_deleted_or_replaced_in_the_middle_is_noticed_and_nothing_lost(
    make_campaign: MakeCampaign, mlflow_uri: str, uri: str, *, replaced: bool
) -> None:
    """No other is made in its place before somebody asks for it; then it gets everything."""
    path = Path(uri.removeprefix("sqlite:///"))
    _copy(mlflow_uri, path)
    folder = make_campaign(n_results=0)
    results = list(Journal(make_campaign("same")).results())
    heard: list[str] = []
    connected = _connection(folder, Target(uri, NOTHING_ASKED), connect_to_mlflow, Listener())
    with Journal(folder) as journal:
        background_sync = BackgroundSync(folder, connected, NoMetrics(), on_failure=heard.append)
        for number, result in enumerate(results):
            journal.add(result)
            background_sync.notify()
            if number == 2:
                until(lambda: background_sync.n_waiting == 1)
                path.unlink()
                if replaced:
                    _copy(mlflow_uri, path.with_suffix(".new"))
                    path.with_suffix(".new").replace(path)
        until(lambda: bool(heard))
        assert background_sync.close() > 0
    what = "was replaced by another file" if replaced else "was deleted"
    assert [f"the database {what}" in reason for reason in background_sync.failures] == [True]
    assert path.exists() is replaced
    _deliver(folder, uri)
    _assert_each_once(uri, folder)


def test_a_new_database_does_not_get_the_log_of_a_deleted_one(
    make_campaign: MakeCampaign, uri: str
) -> None:
    """SQLite would write into it what the other one had not written down yet."""
    path = Path(uri.removeprefix("sqlite:///"))
    other = path.with_name("other.db")
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE foreign_table (x)")
        connection.commit()
        shutil.copyfile(f"{other}-wal", f"{path}-wal")
    folder = make_campaign()
    _deliver(folder, uri)
    _assert_each_once(uri, folder)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    assert "foreign_table" not in names


def _copy(uri: str, path: Path) -> None:
    with (
        closing(sqlite3.connect(uri.removeprefix("sqlite:///"))) as there,
        closing(sqlite3.connect(path)) as here,
    ):
        there.backup(here)


def test_a_deleted_experiment_is_told_and_after_its_return_all_is_delivered(
    make_campaign: MakeCampaign, store: MlflowStore, mlflow_uri: str
) -> None:
    """What was refused meanwhile is tried again at the end."""
    client = MlflowClient(mlflow_uri)
    folder = make_campaign()
    sync = CampaignSync(folder, NoMetrics())
    sync.attach(store)
    client.delete_experiment(store.experiment_id)
    sync.follow(Journal(folder).size())
    assert len(sync.refused) == 6
    assert "must be in the 'active' state" in next(iter(sync.refused.values()))
    client.restore_experiment(store.experiment_id)
    sync.finish(Journal(folder).size())
    assert (sync.n_new, sync.refused) == (6, {})


def _deliver(folder: Path, uri: str) -> None:
    sync = CampaignSync(folder, NoMetrics())
    sync.attach(MlflowStore(uri, None))
    sync.finish(Journal(folder).size())
