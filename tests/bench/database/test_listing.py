"""A listing of runs straight from the database, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy

from bench.database import database
from bench.database.listing import RunFilter, listing
from bench.errors import TrackingError, UsageError
from bench.store.experiment import ExperimentError, ExperimentRequest

Insert = Callable[..., None]
N_TASKS = 1500


@pytest.fixture(scope="module")
def filled(database_uri: str) -> str:
    """Return the URI of a database with a setting, its tasks, a deleted run and a foreign one."""
    experiments = [
        {"experiment_id": n, "name": name, "lifecycle_stage": stage}
        for n, name, stage in ((1, "cuts", "active"), (2, "other", "active"), (3, "old", "deleted"))
    ]
    runs = [_run("setting", 0), _run("foreign", 1, experiment_id=2)]
    runs += [_run("deleted", 2, lifecycle_stage="deleted"), _run("strange", None)]
    runs += [_run(f"task{n}", 10 + n) for n in range(N_TASKS)]
    tags = [_tag("setting", "bench.kind", "setting"), _tag("setting", "bench.setting", "a")]
    tags += [_tag(f"task{n}", "bench.kind", "task") for n in range(N_TASKS)]
    tags += [_tag("task7", "bench.verdict", "solved")]
    metrics = [_metric("setting", "time_sgm1_s", 2.5), _metric("setting", "solved", 7)]
    metrics += [_metric("task7", "time/solve_s", 0.5), _metric("task7", "par10_s", 9)]
    metrics += [{**_metric("task7", "search/n_nodes", 0), "is_nan": True}]
    engine = sqlalchemy.create_engine(database_uri, poolclass=sqlalchemy.NullPool)
    with engine.begin() as connection:
        for table, rows in (
            ("experiments", experiments),
            ("runs", runs),
            ("tags", tags),
            ("latest_metrics", metrics),
        ):
            into = sqlalchemy.table(table, *map(sqlalchemy.column, rows[0]))
            connection.execute(into.insert(), rows)
    return database_uri


def _run(name: str, start: int | None, **others: object) -> dict[str, object]:
    start_time = None if start is None else 1_700_000_000_000 + 1000 * start
    run = {"run_uuid": name, "name": f"run {name}", "status": "FINISHED", "start_time": start_time}
    return run | {"lifecycle_stage": "active", "experiment_id": 1} | others


def _tag(run_id: str, key: str, value: str) -> dict[str, object]:
    return {"run_uuid": run_id, "key": key, "value": value}


def _metric(run_id: str, key: str, value: float) -> dict[str, object]:
    one = {"run_uuid": run_id, "key": key, "value": value, "is_nan": False}
    return one | {"step": 0, "timestamp": 0}


def rows(uri: str, **wanted: Any) -> dict[str, dict[str, Any]]:
    """Return the rows of a listing by run."""
    with database.reading(uri) as connection:
        found = listing(connection, RunFilter(**wanted))
        return {row[0]: dict(zip(found.names, row, strict=True)) for row in found.rows}


def test_a_row_has_what_the_run_is_and_what_came_of_it(filled: str) -> None:
    """A setting shows its means, a task its own numbers, a number that is none is left out."""
    found = rows(filled, metrics=("par10_s",))
    assert found["task7"] == {
        "run_id": "task7",
        "name": "run task7",
        "experiment": "cuts",
        "status": "FINISHED",
        "start": "2023-11-14T22:13:37+00:00",
        "kind": "task",
        "setting": None,
        "verdict": "solved",
        "solved": None,
        "time_s": 0.5,
        "nodes": None,
        "par10_s": 9,
    }
    setting = found["setting"]
    assert (setting["setting"], setting["solved"], setting["time_s"]) == ("a", 7, 2.5)
    assert found["strange"]["start"] is None


def test_all_active_runs_come_newest_first(filled: str) -> None:
    """Each once, in blocks that nobody notices."""
    found = [run for run in rows(filled) if run != "strange"]
    assert found == [*(f"task{n}" for n in reversed(range(N_TASKS))), "foreign", "setting"]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"experiment": ExperimentRequest(name="other")}, {"foreign"}),
        ({"kind": "setting"}, {"setting"}),
        ({"deleted": True}, {"deleted"}),
        ({"kind": "task", "limit": 2}, {f"task{N_TASKS - 1}", f"task{N_TASKS - 2}"}),
    ],
)
def test_runs_can_be_chosen(filled: str, wanted: dict[str, Any], expected: set[str]) -> None:
    """By experiment, kind, number, and whether they are deleted."""
    assert set(rows(filled, **wanted)) == expected


def test_an_unknown_experiment_names_a_near_one(filled: str) -> None:
    """Or else some that there are."""
    with pytest.raises(UsageError, match="no experiment 'cut'; known: 'cuts'"):
        rows(filled, experiment=ExperimentRequest(name="cut"))
    with pytest.raises(UsageError, match="no experiment 'zzz'; known: 'cuts', 'old', 'other'"):
        rows(filled, experiment=ExperimentRequest(name="zzz"))
    with pytest.raises(UsageError, match="no experiment '7'"):
        rows(filled, experiment=ExperimentRequest(experiment_id="7"))


def test_an_experiment_is_chosen_by_its_id(filled: str) -> None:
    """A name has to agree with it."""
    found = rows(filled, experiment=ExperimentRequest(experiment_id="2"))
    assert set(found) == {"foreign"}
    with pytest.raises(ExperimentError, match="is experiment 'other', but the experiment name is"):
        rows(filled, experiment=ExperimentRequest(name="cuts", experiment_id="2"))


def test_a_deleted_experiment_is_named_as_deleted(filled: str) -> None:
    """Its deleted runs can be listed."""
    asked = ExperimentRequest(name="old")
    with pytest.raises(ExperimentError, match=r"was deleted; .* restore --experiment-id 3"):
        rows(filled, experiment=asked)
    assert rows(filled, experiment=asked, deleted=True) == {}


def test_another_programs_database_is_no_database_of_mlflow(tmp_path: Path) -> None:
    """It can be queried, but there are no runs in it."""
    (tmp_path / "empty.db").touch()
    with pytest.raises(TrackingError, match="not a database of MLflow"):
        rows(f"sqlite:///{tmp_path}/empty.db")
