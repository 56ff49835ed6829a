"""What lies in the work folder: listed, continued, deleted."""

from __future__ import annotations

import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest

from bench.app.campaign.session import put_aside
from bench.app.work_folder.clean import CleanOptions, find_removable, remove
from bench.app.work_folder.list_campaigns import ListOptions, damage_lines, entry, list_campaigns
from bench.app.work_folder.resume import ResumeOptions, find_resumable
from bench.errors import BenchError, UsageError
from bench.execution.cluster import array_folder, slurm
from bench.execution.cluster.array_folder import ArrayFolder
from bench.execution.cluster.orders import HostOrders, exchange_of
from bench.execution.cluster.slurm import QueuedElement
from bench.journal import delivered, manifest
from bench.journal.journal import JOURNAL, Journal
from bench.journal.manifest import MANIFEST
from bench.report.terminal.campaigns import CampaignKind, CampaignState
from tests.bench.conftest import MakeCampaign
from tests.bench.journal.test_last_campaign import aged

DAY_S = 86400.0


def replanned(folder: Path, **changes: object) -> Path:
    """Change the plan of a campaign, and return its folder."""
    plan = manifest.read(folder)
    assert plan is not None
    manifest.write(folder, replace(plan, **changes))  # type: ignore[arg-type]
    return folder


def sent(folder: Path) -> Path:
    """Note that MLflow has all results of a campaign, and return its folder."""
    delivered.remember(folder, "postgresql://user:secret@db/mlflow", time.time())
    return folder


def test_campaigns_are_listed_with_how_far_they_are(make_campaign: MakeCampaign) -> None:
    """The last one worked on first; kind, state and what MLflow lacks."""
    run = sent(aged(make_campaign("run-1", kind="run", settings=("a",)), 100))
    stopped = replanned(aged(make_campaign("cuts", n_results=2), 50), directory="/")
    other = replanned(make_campaign("old"), command=("bench", "import", "x.csv"))
    found = list_campaigns(ListOptions(work_dir=run.parent))
    assert [
        (one.name, one.kind, one.state, one.n_finished, one.n_undelivered) for one in found
    ] == [
        ("old", CampaignKind.IMPORT, CampaignState.DONE, 6, None),
        ("cuts", CampaignKind.SWEEP, CampaignState.STOPPED, 2, 2),
        ("run-1", CampaignKind.RUN, CampaignState.DONE, 3, 0),
    ]
    assert found[2].tracking_uri == "postgresql://db/mlflow"
    with Journal(stopped):
        assert entry(stopped).state is CampaignState.RUNNING
    assert entry(other).owner


@pytest.mark.parametrize(("name", "content"), [(MANIFEST, "{"), (JOURNAL, "damaged\n")])
def test_a_damaged_campaign_is_listed_with_its_problem(
    make_campaign: MakeCampaign, name: str, content: str
) -> None:
    """And hides no other."""
    folder = make_campaign("cuts")
    (folder / name).write_text(content)
    make_campaign("fine")
    found = {one.name: one for one in list_campaigns(ListOptions(work_dir=folder.parent))}
    assert found["cuts"].state is CampaignState.DAMAGED
    assert str(folder / name) in found["cuts"].problem
    assert found["fine"].state is CampaignState.DONE


def test_a_start_that_was_refused_is_not_listed(tmp_path: Path) -> None:
    """It has opened the journal, and planned nothing."""
    with Journal(tmp_path / "cuts"):
        pass
    assert list_campaigns(ListOptions(work_dir=tmp_path)) == []
    assert damage_lines(tmp_path) == []


def test_what_came_after_the_delivery_is_missing(make_campaign: MakeCampaign) -> None:
    """A journal that was replaced by a shorter one says nothing."""
    folder = sent(make_campaign("cuts"))
    assert delivered.n_undelivered(folder) == 0
    with Journal(folder) as journal:
        journal.add(next(journal.results()))
    assert delivered.n_undelivered(folder) == 1
    (folder / JOURNAL).write_text("")
    assert delivered.n_undelivered(folder) == 0
    (folder / JOURNAL).write_text("x\n")
    assert delivered.n_undelivered(folder) is None
    (folder / delivered.DELIVERED).write_text("{")
    assert delivered.read(folder) is None


def test_the_last_unfinished_campaign_is_resumed(make_campaign: MakeCampaign) -> None:
    """By the words after bench, without what would begin it anew, where they were typed."""
    folder = make_campaign("cuts", n_results=2)
    replanned(folder, command=("bench", "sweep", "a b.mps", "--fresh"), directory=str(folder))
    make_campaign("done")
    found = find_resumable(ResumeOptions(work_dir=folder.parent))
    assert found.arguments == ("sweep", "a b.mps")
    assert (found.folder, found.directory) == (folder, folder)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"command": ("bench", "import", "a.csv")}, "cuts: an import cannot be resumed"),
        ({"command": ()}, "started from Python; call the same function again"),
        (
            {"command": ("bench", "sweep", "--tracking-uri", "http://***@host")},
            "the recorded command has no password",
        ),
        ({"directory": "/none"}, "/none, where it was started, no longer exists"),
    ],
)
def test_what_cannot_be_resumed_says_what_to_do(
    make_campaign: MakeCampaign, changes: dict[str, object], message: str
) -> None:
    """One line each."""
    folder = replanned(make_campaign("cuts", n_results=2), **changes)
    with pytest.raises(UsageError, match=message.replace("*", r"\*")):
        find_resumable(ResumeOptions("cuts", work_dir=folder.parent))


def test_what_goes_on_or_is_finished_is_not_resumed(make_campaign: MakeCampaign) -> None:
    """A finished sweep may have other options, a finished run has nothing left."""
    run = make_campaign("run-1", kind="run", settings=("a",))
    with pytest.raises(UsageError, match=r"run-1: all of its tasks are finished \(3\)"):
        find_resumable(ResumeOptions("run-1", work_dir=run.parent))
    sweep = make_campaign("cuts", n_results=1)
    with Journal(sweep), pytest.raises(UsageError, match="another process is executing it"):
        find_resumable(ResumeOptions("cuts", work_dir=sweep.parent))


def test_old_runs_that_mlflow_has_are_deleted(make_campaign: MakeCampaign) -> None:
    """Not young ones, not sweeps, not what MLflow lacks; put aside sweeps are old runs."""
    old = sent(aged(make_campaign("run-old", kind="run"), 40 * DAY_S))
    aged(old, 40 * DAY_S)
    aside = aged(sent(make_campaign("cuts-until-20260101-120000-ab12")), 40 * DAY_S)
    lacking = aged(make_campaign("run-lacking", kind="run"), 40 * DAY_S)
    kept = [
        sent(make_campaign("run-young", kind="run")),
        aged(sent(make_campaign("cuts")), 40 * DAY_S),
        lacking,
    ]
    options = CleanOptions(work_dir=old.parent)
    found = find_removable(options)
    assert {one.entry.name: one.obstacle for one in found} == {
        "run-old": "",
        "cuts-until-20260101-120000-ab12": "",
        "run-lacking": "it is unknown whether MLflow has its results",
    }
    assert all(one.size > 1000 for one in found)
    assert remove(found, old.parent) == 2
    assert not old.exists()
    assert not aside.exists()
    assert all(folder.exists() for folder in kept)
    assert not list(old.parent.glob(".deleted*"))


def test_a_name_is_enough_for_a_sweep(make_campaign: MakeCampaign) -> None:
    """What MLflow lacks needs one word more, and what goes on is never deleted."""
    folder = make_campaign("cuts")
    options = CleanOptions(names=("cuts",), work_dir=folder.parent)
    assert remove(find_removable(options), folder.parent) == 0
    willing = replace(options, unrecorded=True)
    with Journal(folder):
        assert find_removable(willing)[0].obstacle == "another process is executing it"
    found = find_removable(willing)
    with Journal(folder), pytest.raises(BenchError, match="not deleted"):
        remove(found, folder.parent)
    assert folder.exists()
    assert remove(found, folder.parent) == 1
    assert not folder.exists()
    with pytest.raises(UsageError, match="no run or sweep 'cuts'"):
        find_removable(options)


def test_attempts_at_a_task_count_once_among_what_mlflow_lacks(make_campaign: MakeCampaign) -> None:
    """With and without an earlier upload; nobody knows the task of a damaged line."""
    folder = replanned(make_campaign("cuts"), directory="/")
    path = folder / JOURNAL
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([*lines, *lines]))
    assert entry(folder).n_undelivered == entry(folder).n_finished == len(lines)
    sent(folder)
    path.write_text("".join([*lines, *lines, *lines[:2], *lines[:1], "{damaged\n"]))
    assert entry(folder).n_undelivered == 3


def _array(folder: Path) -> ArrayFolder:
    """Return an array of jobs that were sent from the folder of a campaign, or perhaps were not."""
    exchange = exchange_of(folder)
    orders = HostOrders(tasks_folder=folder / "tasks", exchange=exchange)
    return array_folder.make(exchange, orders, [[]])


@pytest.mark.parametrize("n_elements", [1, 0])
def test_a_folder_to_which_jobs_write_stays_where_it_is(
    make_campaign: MakeCampaign, monkeypatch: pytest.MonkeyPatch, n_elements: int
) -> None:
    """Neither --fresh nor bench clean takes it from jobs of an array that go on alone."""
    folder = make_campaign("cuts")
    _array(folder).set_job("93")
    running = QueuedElement(index=0, state="RUNNING", reason="None")
    monkeypatch.setattr(slurm, "elements", lambda _: [running] * n_elements)
    options = CleanOptions(names=("cuts",), work_dir=folder.parent, unrecorded=True)
    (found,) = find_removable(options)
    if n_elements:
        assert found.obstacle.endswith("wait until they end, or end them with: scancel 93")
        with pytest.raises(UsageError, match="cannot be put aside: Slurm still has jobs of it"):
            put_aside(folder)
    else:
        assert not found.obstacle
        put_aside(folder)
    assert folder.exists() == (n_elements > 0)


def test_jobs_without_a_known_number_are_looked_for_by_their_name(
    make_campaign: MakeCampaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command may have been killed before it knew the number."""
    folder = make_campaign("cuts")
    name = _array(folder).job_name
    assert name.startswith("bench-cuts-")
    running = QueuedElement(index=0, state="RUNNING", reason="None")
    monkeypatch.setattr(slurm, "elements", lambda job: [running] if job == "94" else [])
    monkeypatch.setattr(slurm, "find", {name: "94"}.get)
    with pytest.raises(UsageError, match="end them with: scancel 94"):
        put_aside(folder)
    monkeypatch.setattr(slurm, "find", lambda _: None)
    put_aside(folder)


@pytest.mark.parametrize("number", ["93", None])
def test_a_folder_stays_where_it_is_while_nobody_can_ask_for_its_jobs(
    make_campaign: MakeCampaign, monkeypatch: pytest.MonkeyPatch, number: str | None
) -> None:
    """The refusal names the jobs, and what the user executes who knows that they have ended."""
    folder = make_campaign("cuts")
    array = _array(folder)
    if number is not None:
        array.set_job(number)
    monkeypatch.setenv("PATH", str(folder))
    options = CleanOptions(names=("cuts",), work_dir=folder.parent, unrecorded=True)
    (found,) = find_removable(options)
    assert f"may still have jobs of it ({number or array.job_name}): squeue was" in found.obstacle
    with pytest.raises(UsageError, match="repeat this where Slurm answers") as refused:
        put_aside(folder)
    said = str(refused.value)
    monkeypatch.undo()
    subprocess.run(said[said.index("touch ") :], shell=True, check=True)
    assert not find_removable(options)[0].obstacle
    put_aside(folder)
