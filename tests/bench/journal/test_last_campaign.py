"""The campaign that is meant where none is named."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from bench.errors import UsageError
from bench.journal.journal import JOURNAL
from bench.journal.last_campaign import (
    ANY,
    RESULTS,
    SEVERAL_SETTINGS,
    UNFINISHED,
    Need,
    last_campaign,
    named_or_last,
    of_setting,
    of_task,
)
from bench.journal.manifest import MANIFEST
from tests.bench.conftest import MakeCampaign


def aged(folder: Path, seconds: float) -> Path:
    """Let the files of a campaign be so old, and return its folder."""
    for path in folder.iterdir():
        moment = path.stat().st_mtime - seconds
        os.utime(path, (moment, moment))
    return folder


def test_the_last_one_is_by_its_last_result(make_campaign: MakeCampaign) -> None:
    """Not by when it was planned."""
    first, second = aged(make_campaign("first"), 100), aged(make_campaign("second"), 200)
    assert last_campaign(first.parent).folder == first
    (second / JOURNAL).touch()
    assert last_campaign(first.parent).folder == second


@pytest.mark.parametrize(
    ("need", "newer"),
    [
        (SEVERAL_SETTINGS, {"settings": ("a",)}),
        (SEVERAL_SETTINGS, {"n_results": 1}),
        (RESULTS, {"n_results": 0}),
        (of_setting("b"), {"settings": ("a",)}),
        (of_task("p0033"), {"n_seeds": 0}),
    ],
)
def test_what_cannot_answer_is_passed_over(
    make_campaign: MakeCampaign, need: Need, newer: dict[str, object]
) -> None:
    """And the line says which one that was."""
    sweep = aged(make_campaign("cuts"), 100)
    make_campaign("run-1", kind="run", **newer)
    found = last_campaign(sweep.parent, need)
    assert found.folder == sweep
    assert found.line == f"using cuts, the last one {need.words} (run-1 is newer)"
    assert last_campaign(sweep.parent, ANY).line == "using run-1, the last one worked on"


def test_what_is_not_finished_is_found(make_campaign: MakeCampaign) -> None:
    """A finished one that is newer has nothing to continue."""
    sweep = aged(make_campaign("cuts", n_results=1), 100)
    make_campaign("done")
    assert last_campaign(sweep.parent, UNFINISHED).folder == sweep


def test_needs_are_tried_one_after_the_other(make_campaign: MakeCampaign) -> None:
    """Where no campaign has several settings, one with results is better than none."""
    run = aged(make_campaign("run-1", settings=("a",)), 100)
    make_campaign("run-2", settings=("a",), n_results=0)
    found = last_campaign(run.parent, SEVERAL_SETTINGS, RESULTS)
    assert found.folder == run
    assert found.line == (
        "using run-1, because there is no sweep with results of several settings; "
        "name several, e.g. run-1 run-2"
    )


@pytest.mark.parametrize("damage", [b"{", b""])
def test_a_damaged_campaign_never_stands_in_the_way(
    make_campaign: MakeCampaign, damage: bytes
) -> None:
    """Be it the plan or the journal."""
    sweep = aged(make_campaign("cuts"), 100)
    plan, journal = make_campaign("plan"), make_campaign("journal")
    (plan / MANIFEST).write_bytes(damage)
    (journal / JOURNAL).write_bytes(b"damaged\n")
    assert last_campaign(sweep.parent, SEVERAL_SETTINGS).folder == sweep


def test_a_name_is_taken_at_its_word(make_campaign: MakeCampaign) -> None:
    """Nothing is told, whatever it lacks."""
    folder = make_campaign("run-1", settings=("a",))
    told: list[str] = []
    assert named_or_last(folder.parent, "run-1", SEVERAL_SETTINGS, tell=told.append) == folder
    assert not told
    named_or_last(folder.parent, None, SEVERAL_SETTINGS, tell=told.append)
    assert told == ["Note: using run-1, the last one worked on"]


def test_an_empty_work_folder_says_what_to_do(tmp_path: Path) -> None:
    """Also one that is not there."""
    shutil.rmtree(tmp_path / "none", ignore_errors=True)
    with pytest.raises(
        UsageError, match="there is no sweep in this folder yet; see bench sweep -h"
    ):
        last_campaign(tmp_path / "none")
