"""The origin of results."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.errors import TrackingError
from bench.instances.instance_set import InstanceSet
from bench.journal import origin
from bench.journal.origin import ORIGIN, Origin, RecordedSession, begin, read
from bench.model.results.result import Result
from bench.store.experiment import ExperimentRequest, KnownExperiment

Begin = Callable[..., Origin]


@pytest.fixture
def begun(tmp_path: Path, make_result: Callable[..., Result]) -> Begin:
    """Return a function that begins a session in ``tmp_path``."""

    def start(started_at: float = 1.0, host: str = "node7", **changes: Any) -> Origin:
        tasks = [make_result(seed=seed).task for seed in range(3)]
        facts: dict[str, Any] = {
            "tracking_uri": "http://me:secret@server:5000",
            "experiment": ExperimentRequest(name="scip"),
            "run_id": None,
            "instance_set": InstanceSet.of("visible", [task.instance for task in tasks]),
            "tasks": tasks,
            "session": RecordedSession(started_at=started_at, provenance={"bench.host": host}),
        }
        return begin(tmp_path, **(facts | changes))

    return start


def test_what_was_written_is_read_again(begun: Begin, tmp_path: Path) -> None:
    """With one task of each setting only."""
    declared = tmp_path / "a.yaml"
    declared.write_text("grid: {}")
    written = begun(params={"order": "given", "shuffle_seed": 3}, files=[declared])
    assert read(tmp_path) == written
    assert len(written.templates) == 1


def test_the_declaration_is_kept_as_it_was(begun: Begin, tmp_path: Path) -> None:
    """The sweep file lies anywhere and is edited later; `bench sync` records what was executed."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "sweep.yaml").write_text("grid: {alpha: 1}")
    begun(files=[elsewhere / "sweep.yaml"])
    (elsewhere / "sweep.yaml").write_text("grid: {alpha: 2}")
    (file,) = _files(tmp_path)
    assert file.name == "sweep.yaml"
    assert file.read_text() == "grid: {alpha: 1}"


def test_credentials_are_not_written_down(begun: Begin, tmp_path: Path) -> None:
    """The folder may be handed on."""
    begun()
    assert "secret" not in (tmp_path / ORIGIN).read_text()
    assert begun().tracking_uri == "http://server:5000"


def test_a_result_belongs_to_the_session_that_was_going_on(begun: Begin) -> None:
    """A continued sweep may run on another machine, with another commit."""
    begun(1.0, "first")
    found = begun(10.0, "second")
    hosts = [found.provenance_at(moment)["bench.host"] for moment in (1.0, 9.9, 10.0, 99.0)]
    assert hosts == ["first", "first", "second", "second"]


def test_a_moment_before_all_sessions_has_what_is_known(begun: Begin) -> None:
    """A clock was set back."""
    assert begun(10.0, "only").provenance_at(1.0) == {"bench.host": "only"}


def test_a_run_of_mlflow_stays_the_campaigns_own(begun: Begin) -> None:
    """A continued campaign does not forget which run was adopted."""
    begun(run_id="abc")
    assert begun().run_id == "abc"


def test_the_experiment_that_was_used_is_kept_as_long_as_the_same_is_asked_for(
    begun: Begin, tmp_path: Path
) -> None:
    """It may have another name by then; another store or name leads to another experiment."""
    begun()
    origin.remember_experiment(tmp_path, used := KnownExperiment("3", 1234))
    assert begun().experiment_request == ExperimentRequest(name="scip", used_before=used)
    for other in (
        {"tracking_uri": "http://other:5000"},
        {"experiment": ExperimentRequest(name="other")},
        {"experiment": ExperimentRequest(name="scip", experiment_id="3")},
    ):
        origin.remember_experiment(tmp_path, used)
        assert begun(**other).used_experiment is None
        begun()


@pytest.mark.parametrize("content", ["", "{}", "no json"])
def test_a_damaged_file_is_as_good_as_none(tmp_path: Path, content: str) -> None:
    """Results can be delivered without it."""
    (tmp_path / ORIGIN).write_text(content)
    assert read(tmp_path) is None


def test_infinite_parameters_survive(begun: Begin, result: Result, tmp_path: Path) -> None:
    """SCIP's limits know infinity."""
    setting = replace(result.task.setting, params={"limits/time": float("inf")})
    written = begun(tasks=[replace(result.task, setting=setting)])
    assert read(tmp_path) == written


def test_a_folder_that_cannot_be_written_is_one_clear_error(begun: Begin, tmp_path: Path) -> None:
    """Before the first task, not after the last."""
    (tmp_path / ORIGIN).mkdir()
    with pytest.raises(TrackingError, match=r"cannot write .*origin.json"):
        begun()
    assert [path.name for path in tmp_path.glob("origin*")] == [origin.ORIGIN]


def test_a_file_outside_the_work_folder_is_no_file_of_the_campaign(
    begun: Begin, tmp_path: Path
) -> None:
    """A folder from somebody else would make `bench sync` record any file of this machine."""
    work_dir = tmp_path / "bench-work"
    folder = work_dir / "theirs"
    folder.mkdir(parents=True)
    secret = tmp_path / "secret"
    secret.write_text("key")
    (folder / "link").symlink_to(secret)
    (folder / "linked").symlink_to(tmp_path)
    begun()
    text = json.loads((tmp_path / ORIGIN).read_text())
    for path in (secret, "../../secret", "link", "linked/secret", "/etc/hostname"):
        (folder / ORIGIN).write_text(json.dumps(text | {"files": [str(path)]}))
        assert _files(folder) == ()


def _files(folder: Path) -> tuple[Path, ...]:
    found = read(folder)
    assert found is not None
    return found.files


def test_whether_tasks_have_runs_stays_as_it_was_until_it_is_said(begun: Begin) -> None:
    """At first they have; so they had in files of earlier versions."""
    said = (None, False, None, True, None)
    assert [begun(tasks_in_mlflow=one).tasks_in_mlflow for one in said] == [
        *(True, False, False, True, True)
    ]
