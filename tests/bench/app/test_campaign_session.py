"""Opening a sweep's folder: whatever has become of its plan, its name can be continued."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bench.app.campaign.session import CampaignSession, continue_sweep
from bench.errors import UsageError
from bench.journal import manifest, origin
from bench.journal.last_campaign import last_campaign
from tests.bench.conftest import MakeCampaign


def opened(folder: Path, name: str = "cuts") -> CampaignSession:
    """Return what the command of a sweep finds in its folder, closed again."""
    session = continue_sweep(folder.parent, name, fresh=False)
    session.journal.close()
    return session


def _delete(path: Path) -> None:
    path.unlink()


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:300])


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _garbage(path: Path) -> None:
    path.write_bytes(b"\xff\x00{]")


def _folder(path: Path) -> None:
    path.unlink()
    (path / "more").mkdir(parents=True)


DAMAGES: list[Callable[[Path], None]] = [_delete, _cut, _empty, _garbage, _folder]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_plan_that_is_gone_is_made_again(
    make_campaign: MakeCampaign, damage: Callable[[Path], None]
) -> None:
    """The results stay, and so does the id that MLflow knows, which is kept twice."""
    folder = make_campaign()
    plan = manifest.read(folder)
    assert plan is not None
    _identify(folder, plan)
    damage(folder / "sweep.json")
    session = opened(folder)
    assert (session.campaign_id, session.created_at) == (plan.campaign_id, plan.created_at)
    assert session.notice.endswith("is written again; 6 results are kept")
    manifest.write(folder, plan)
    assert opened(folder).notice == ""


def _identify(folder: Path, plan: manifest.Manifest) -> None:
    known = origin.read(folder)
    assert known is not None
    origin.begin(
        folder,
        tracking_uri=known.tracking_uri,
        experiment=known.experiment_request,
        run_id=None,
        instance_set=known.instance_set,
        tasks=known.templates,
        session=known.sessions[0],
        identity=origin.CampaignIdentity(
            campaign_id=plan.campaign_id,
            name=plan.name,
            kind=plan.kind,
            command=plan.command,
            created_at=plan.created_at,
        ),
    )


def test_an_id_that_is_kept_nowhere_else_is_found_in_what_is_left(
    make_campaign: MakeCampaign,
) -> None:
    """Else it is made of the first result, and is the same each time."""
    folder = make_campaign()
    plan = manifest.read(folder)
    assert plan is not None
    _cut(folder / "sweep.json")
    assert opened(folder).campaign_id == plan.campaign_id
    _delete(folder / "sweep.json")
    assert opened(folder).campaign_id == opened(folder).campaign_id != plan.campaign_id


def test_what_was_damaged_is_kept(make_campaign: MakeCampaign) -> None:
    """Somebody may want to look at it."""
    folder = make_campaign()
    (folder / "sweep.json").write_text("half")
    assert "was damaged (kept as sweep.json.damaged)" in opened(folder).notice
    assert (folder / "sweep.json.damaged").read_text() == "half"


def test_a_sweep_of_another_name_is_not_taken_over(make_campaign: MakeCampaign) -> None:
    """Its name is known without its plan."""
    folder = make_campaign()
    plan = manifest.read(folder)
    assert plan is not None
    _identify(folder, plan)
    _delete(folder / "sweep.json")
    with pytest.raises(UsageError, match="holds the sweep 'cuts'"):
        opened(folder.rename(folder.with_name("yours")), "yours")


@pytest.mark.parametrize(
    "left",
    [
        [],
        ["journal.lock"],
        ["journal.lock", "journal.jsonl", "sweep.4711"],
        ["journal.lock", "tmp"],
    ],
)
def test_a_start_that_was_killed_is_continued(tmp_path: Path, left: list[str]) -> None:
    """After each file that a start writes."""
    folder = tmp_path / "bench-work" / "cuts"
    folder.mkdir(parents=True)
    for name in left:
        (folder / name).write_text("")
    session = opened(folder)
    assert (session.results, session.notice) == ({}, "")


@pytest.mark.parametrize("name", ["notes.txt", "sweep.json"])
def test_what_is_no_sweep_stays_untouched(tmp_path: Path, name: str) -> None:
    """A folder of the user's own, also with a file of this name."""
    folder = tmp_path / "bench-work" / "cuts"
    folder.mkdir(parents=True)
    (folder / name).write_text("mine")
    with pytest.raises(UsageError):
        opened(folder)
    assert [(path.name, path.read_text()) for path in folder.iterdir()] == [(name, "mine")]


@pytest.mark.parametrize("damage", DAMAGES)
def test_the_sweep_last_worked_on_is_one_with_a_sound_plan(
    make_campaign: MakeCampaign, damage: Callable[[Path], None]
) -> None:
    """A damaged one is found by its name alone, and then it is said what to do."""
    other = make_campaign("other")
    folder = make_campaign("cuts")
    damage(folder / "sweep.json")
    assert last_campaign(folder.parent).folder == other
    with pytest.raises(UsageError, match="writes it again"):
        manifest.read(manifest.folder_of(folder.parent, "cuts"))
