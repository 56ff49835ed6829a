"""The runs of a store brought up to other verdicts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from bench.errors import TrackingError
from bench.journal.row_reading import results_of
from bench.journal.table import frame
from bench.model.results.result import Result
from bench.model.results.verdict import Category, Verdict, VerdictKind
from bench.model.setting import Setting
from bench.store.run_keys import task_run_key
from bench.tracking.correction import correct
from bench.tracking.records.record import Record, task_record
from bench.tracking.run_metrics import NoMetrics, RunMetrics
from bench.tracking.stored_campaigns import StoredCampaign, StoredRun

MakeResult = Callable[..., Result]
MakeStore = Callable[..., Any]

SETTING = {"bench.kind": "setting"}
WRONG = Verdict(Category.WRONG, "too good", VerdictKind.OBJECTIVE)


class Recorded:
    """A setting with two tasks in a store in memory, and their results with other verdicts."""

    def __init__(self, store: Any, results: list[Result], status: str = "FINISHED") -> None:
        """Record them."""
        self.store = store
        opening = Record(name="a", params={}, metrics={}, tags=SETTING, started_ms=1, ended_ms=2)
        self.setting = store.open_setting(opening)
        self.tasks = {
            task_run_key(r): store.add_task(task_record(r), self.setting) for r in results
        }
        run = StoredRun(
            record_id=self.setting,
            name="a",
            status=status,
            ended_ms=2,
            description="**scip**  \n3 tasks.  \nFinished: 2 (2 solved).",
            tags=SETTING,
            table=frame(results),
        )
        self.campaign = StoredCampaign(name="cuts", runs=[run], is_running=False)
        self.now = [replace(one, verdict=WRONG) for one in results_of(run.table)]
        store.log.clear()

    def correct(self, now: list[Result] | None = None) -> list[str]:
        """Correct the store, and return what it refused."""
        wanted = self.now if now is None else now
        analysis = NoMetrics()
        return correct(self.campaign, wanted, lambda: self.store, lambda _: self.tasks, analysis)


@pytest.fixture
def results(make_result: MakeResult) -> list[Result]:
    """Return two solved results of one setting."""
    return [make_result(seed=seed) for seed in (1, 2)]


def test_only_what_has_changed_is_written(make_store: MakeStore, results: list[Result]) -> None:
    """The task, and its setting with all else that its description says."""
    recorded = Recorded(make_store(), results, status="KILLED")
    assert recorded.correct(recorded.campaign.results) == []
    assert recorded.store.log == []
    assert recorded.correct([recorded.campaign.results[0], recorded.now[1]]) == []
    assert recorded.store.log == ["revise p0033", "close a"]
    row = recorded.store.rows[recorded.setting]
    assert row.found.status == "KILLED"
    assert row.record.description == ("**scip**  \n3 tasks.  \nFinished: 2 (1 solved, 1 wrong).")


def test_what_was_interrupted_is_done_by_the_next(
    make_store: MakeStore, results: list[Result]
) -> None:
    """A task run that somebody has deleted is nobody's business."""
    recorded = Recorded(make_store(*["none"] * 4, "lost"), results)
    with pytest.raises(TrackingError, match="down"):
        recorded.correct()
    del recorded.tasks[task_run_key(results[0])]
    assert recorded.correct() == []
    verdicts = [row.record.tags.get("bench.verdict") for row in recorded.store.rows.values()]
    assert verdicts == [None, "wrong", "wrong"]


def test_what_the_store_refuses_is_told(make_store: MakeStore, results: list[Result]) -> None:
    """And the next one is tried all the same."""
    recorded = Recorded(make_store(*["none"] * 3, "refused"), results)
    assert recorded.correct() == ["refused"]


class Compared(NoMetrics):
    """Says of each setting how many results it was compared with."""

    def setting(self, subset: Sequence[Result], all_results: Sequence[Result]) -> RunMetrics:
        """Return a metric, a tag and a sentence."""
        del subset
        wrong = sum(one.verdict.category is Category.WRONG for one in all_results)
        told = f"{wrong} of {len(all_results)} wrong"
        return RunMetrics(metrics={"rank": 1.0}, tags={"conclusion": told}, description=told)


def test_where_a_verdict_changes_all_settings_are_compared_anew(
    make_store: MakeStore, make_result: MakeResult
) -> None:
    """Those that have not changed themselves first: an interruption leaves nothing undone."""
    store = make_store()
    runs = [
        StoredRun(
            record_id=store.open_setting(
                Record(name=name, params={}, metrics={}, tags=SETTING, started_ms=1, ended_ms=2)
            ),
            name=name,
            status="FINISHED",
            ended_ms=2,
            description=f"old\n\n**{name}**  \nFinished: 1 (1 solved).",
            tags={**SETTING, "mlflow.bench.baseline": "b"},
            table=frame([make_result(setting=Setting(name=name, solver="scip"))]),
        )
        for name in "ab"
    ]
    campaign = StoredCampaign(name="cuts", runs=runs, is_running=False)
    assert campaign.baseline == "b"
    first, second = campaign.results
    now = [replace(first, verdict=WRONG), second]
    store.log.clear()
    assert correct(campaign, now, lambda: store, lambda _: {}, Compared()) == []
    assert store.log == ["close b", "close a"]
    records = [store.rows[run.record_id].record for run in runs]
    assert [record.tags["conclusion"] for record in records] == ["1 of 2 wrong"] * 2
    assert [record.description.partition("\n")[0] for record in records] == ["1 of 2 wrong"] * 2
    assert correct(campaign, campaign.results, lambda: store, lambda _: {}, Compared()) == []
