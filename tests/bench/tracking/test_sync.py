"""Bringing a campaign to a store."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.errors import TrackingError, UsageError
from bench.journal import manifest
from bench.journal.journal import Journal
from bench.journal.table import TABLE, read_parquet
from bench.model.results.result import Result
from bench.model.results.verdict import Category, Verdict, VerdictKind
from bench.model.task import Task
from bench.store.run_keys import KEY
from bench.tracking.records import record_builder
from bench.tracking.records.details import ENVIRONMENT
from bench.tracking.run_metrics import NoMetrics, RunMetrics
from bench.tracking.sync import CampaignSync

MakeCampaign = Callable[..., Path]
MakeStore = Callable[..., Any]
Replan = Callable[[Path, Iterable[Task]], None]
PATIENCE = st.sampled_from([1, 2, 10])
WHOLE = Counter({("task", "FINISHED"): 6, ("setting", "FINISHED"): 2, ("sweep", "FINISHED"): 1})
FAULTS = st.tuples(
    st.integers(0, 12), st.sampled_from(["lost", "unanswered", "half", "refused"])
).map(lambda pair: [*["none"] * pair[0], pair[1]])


class _Analysis:
    """Counts results."""

    def setting(self, own: Sequence[Result], everything: Sequence[Result]) -> RunMetrics:
        """Return two counts and a curve."""
        metrics = {"n_own": float(len(own)), "n_all": float(len(everything))}
        return RunMetrics(metrics=metrics, series={"curve": [(1, 2.0)]})

    def sweep(self, everything: Sequence[Result]) -> RunMetrics:
        """Return a count."""
        return RunMetrics(metrics={"n_all": float(len(everything))}, headline="a is better")


def _deliver(folder: Path, store: Any, *, begin: bool = False) -> CampaignSync:
    sync = CampaignSync(folder, _Analysis())
    sync.attach(store)
    if begin:
        sync.begin()
    sync.finish(Journal(folder).size())
    return sync


def _kinds(store: Any) -> Counter[tuple[str, str]]:
    return Counter((kind, status) for kind, _, status in store.kinds())


def _records(store: Any, kind: str) -> list[Any]:
    rows = [row.record for row in store.rows.values()]
    return [record for record in rows if record.tags["bench.kind"] == kind]


def test_everything_arrives_once_and_beneath_its_setting(
    make_campaign: MakeCampaign, make_store: MakeStore
) -> None:
    """The sweep, its settings and their tasks."""
    store = make_store()
    sync = _deliver(make_campaign(), store)
    assert (sync.n_new, sync.n_already) == (6, 0)
    assert _kinds(store) == WHOLE
    for row in store.rows.values():
        if row.record.tags["bench.kind"] == "task":
            parent = store.rows[row.found.parent_id].record
            assert parent.name == row.record.params["setting"]


def test_a_campaign_may_have_no_runs_of_tasks(
    make_campaign: MakeCampaign, make_store: MakeStore
) -> None:
    """The tables on the runs of settings have all results, which count as delivered once."""
    store, folder = make_store(), make_campaign(tasks_in_mlflow=False)
    sync = _deliver(folder, store, begin=True)
    assert (sync.n_new, sync.n_already) == (6, 0)
    assert _kinds(store) == Counter({key: n for key, n in WHOLE.items() if key[0] != "task"})
    for record in _records(store, "setting"):
        (table,) = [file for file in record.artifacts if file.name == TABLE]
        assert len(read_parquet(table)) == 3
    again = _deliver(folder, store)
    assert (again.n_new, again.n_already) == (0, 6)


def test_results_that_come_later_are_in_the_table_of_their_setting(
    make_campaign: MakeCampaign, make_store: MakeStore
) -> None:
    """As after an interrupt: the setting was unfinished, and is brought to its end."""
    store, folder = make_store(), make_campaign(tasks_in_mlflow=False, n_results=4)
    assert _deliver(folder, store).n_new == 4
    assert _kinds(store)["setting", "KILLED"] == 2
    make_campaign(tasks_in_mlflow=False)
    _deliver(folder, store)
    assert _kinds(store) == Counter({("setting", "FINISHED"): 2, ("sweep", "FINISHED"): 1})


def test_a_record_is_drafted_once_when_it_begins_and_once_when_it_ends(
    make_campaign: MakeCampaign, make_store: MakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That of a task, which does not begin, once alone: six tasks, two settings, a sweep."""
    drafted: Counter[str] = Counter()

    def counted(kind: str) -> Callable[..., Any]:
        draft: Callable[..., Any] = getattr(record_builder, f"{kind}_record")

        def count(*arguments: Any, **options: Any) -> Any:
            drafted[kind] += 1
            return draft(*arguments, **options)

        return count

    for kind in ("task", "setting", "sweep"):
        monkeypatch.setattr(record_builder, f"{kind}_record", counted(kind))
    _deliver(make_campaign(), make_store(), begin=True)
    assert drafted == {"task": 6, "setting": 2 * 2, "sweep": 2}


def test_views_are_offered_once_for_what_the_settings_differ_in(
    make_campaign: MakeCampaign, make_store: MakeStore
) -> None:
    """As soon as there is a store."""
    store = make_store()
    sync = CampaignSync(make_campaign(), NoMetrics())
    assert sync.place is None
    for _ in range(2):
        sync.attach(store)
    assert len(store.views) == 1
    assert sync.place == store.place


def test_a_sweep_counts_as_of_its_last_task(
    make_campaign: MakeCampaign, make_store: MakeStore
) -> None:
    """So that one which was edited or resumed is the newest again."""
    store, folder = make_store(), make_campaign()
    sync = CampaignSync(folder, _Analysis())
    sync.attach(store)
    sync.finish(Journal(folder).size())
    begun, ended = store.views
    last = max(result.execution.started_at for result in Journal(folder).results())
    assert begun.started_ms == sync.campaign.started_ms < ended.started_ms == round(1000 * last)
    assert (begun.note, ended.note) == ("", "cuts: a is better.")


def test_a_second_delivery_writes_nothing(
    make_campaign: MakeCampaign, make_store: MakeStore
) -> None:
    """One look says that all is there."""
    store, folder = make_store(), make_campaign()
    _deliver(folder, store)
    store.log.clear()
    sync = _deliver(folder, store)
    assert (sync.n_new, sync.n_already) == (0, 6)
    assert store.log == ["take over"]


def test_a_continued_sweep_uses_its_rows_again(
    make_campaign: MakeCampaign, make_store: MakeStore
) -> None:
    """Stopped after two of six tasks, then finished: no second row for any setting."""
    store = make_store()
    all_results = list(Journal(make_campaign("same")).results())
    folder = make_campaign(n_results=2)
    _deliver(folder, store, begin=True)
    assert _kinds(store)["setting", "KILLED"] == 2
    with Journal(folder) as journal:
        for result in all_results[2:]:
            journal.add(result)
    sync = _deliver(folder, store, begin=True)
    assert (sync.n_new, sync.n_already) == (4, 2)
    assert _kinds(store) == WHOLE


def test_a_verdict_that_has_changed_is_corrected_once(
    make_campaign: MakeCampaign, make_store: MakeStore
) -> None:
    """Judged again: the same run, now failed, and all settings that it is compared with anew."""
    store, folder = make_store(), make_campaign()
    _deliver(folder, store)
    with Journal(folder) as journal:
        judged = next(journal.results())
        verdict = Verdict(Category.WRONG, "the optimum is 3000", VerdictKind.OBJECTIVE)
        journal.add(replace(judged, verdict=verdict))
    store.log.clear()
    sync = _deliver(folder, store)
    assert (sync.n_new, sync.n_revised) == (0, 1)
    assert [line.split()[0] for line in store.log] == [
        *("take", "revise"),
        *("reopen", "close") * 3,
    ]
    wrong = [r for r in _records(store, "task") if r.tags["bench.verdict"] == "wrong"]
    assert [record.tags[KEY] for record in wrong] == [judged.task.key]
    assert "the optimum is 3000" in wrong[0].description
    assert _kinds(store)["task", "FAILED"] == 1
    store.log.clear()
    assert _deliver(folder, store).n_revised == 0
    assert store.log == ["take over"]


def test_answers_that_contradict_each_other_are_failed_runs(
    make_campaign: MakeCampaign, make_store: MakeStore
) -> None:
    """They arrive one by one; what they are together is known at the end."""
    store, folder = make_store(), make_campaign()
    with Journal(folder) as journal:
        last = list(journal.results())[-1]
        lower = replace(last.answer, primal_bound=3000.0, dual_bound=3000.0)
        journal.add(replace(last, answer=lower))
    sync = _deliver(folder, store, begin=True)
    assert (sync.n_new, sync.n_revised) == (6, 6)
    assert _kinds(store)["task", "FAILED"] == 6
    verdicts = {record.tags["bench.verdict"] for record in _records(store, "task")}
    assert verdicts == {"wrong"}


def test_only_settings_with_tasks_left_are_shown_as_running(
    make_campaign: MakeCampaign, make_store: MakeStore
) -> None:
    """What was finished yesterday stays as it is."""
    store, folder = make_store(), make_campaign(n_seeds=1, settings=("a", "b"), n_results=1)
    _deliver(folder, store)
    sync = CampaignSync(folder, _Analysis())
    sync.attach(store)
    sync.begin()
    statuses = {name: status for kind, name, status in store.kinds() if kind == "setting"}
    assert statuses == {"a": "FINISHED", "b": "RUNNING"}


def test_curves_come_when_no_task_is_missing(
    make_campaign: MakeCampaign, make_store: MakeStore
) -> None:
    """MLflow cannot replace the points of an unfinished one."""
    unfinished, finished = make_store(), make_store()
    _deliver(make_campaign("half", n_results=4), unfinished)
    _deliver(make_campaign("whole"), finished)
    assert [record.series for record in _records(unfinished, "setting")] == [{}, {}]
    assert all(record.series["curve"] for record in _records(finished, "setting"))
    assert _records(unfinished, "setting")[0].metrics == {"n_own": 2.0, "n_all": 4.0}


def test_another_attempt_at_a_task_is_a_run_of_its_own_and_counts_alone(
    make_campaign: MakeCampaign, make_store: MakeStore
) -> None:
    """Both are there; the aggregates are of the newest."""
    store, folder = make_store(), make_campaign()
    first = next(Journal(folder).results())
    again = replace(first, execution=replace(first.execution, started_at=1_800_000_000.0))
    with Journal(folder) as journal:
        journal.add(again)
    assert _deliver(folder, store).n_new == 7
    assert _kinds(store)["task", "FINISHED"] == 7
    assert {record.metrics["n_own"] for record in _records(store, "setting")} == {3.0}


def test_a_single_task_is_on_the_run_of_its_setting(
    make_campaign: MakeCampaign, make_store: MakeStore
) -> None:
    """One solve is one row, also the second time."""
    store, folder = make_store(), make_campaign(settings=("a",), n_seeds=1, kind="run")
    for counts in ((1, 0), (0, 1)):
        sync = _deliver(folder, store)
        assert (sync.n_new, sync.n_already) == counts
    assert store.kinds() == [("setting", "a", "FINISHED")]
    assert _records(store, "setting")[0].metrics["result/primal_bound"] == 3089.0


def test_a_setting_that_was_changed_under_its_name_gets_a_row_of_its_own(
    make_campaign: MakeCampaign, make_store: MakeStore
) -> None:
    """Old results stay where they were, and count in no mean of the new ones."""
    store, folder = make_store(), make_campaign(n_results=3)
    result = next(Journal(folder).results())
    other = replace(result.task, setting=replace(result.task.setting, params={"x": "other"}))
    with Journal(folder) as journal:
        journal.add(replace(result, task=other))
    _deliver(folder, store)
    assert [name for kind, name, _ in store.kinds() if kind == "setting"] == ["a", "a", "b"]
    metrics = {
        record.tags.get("bench.left_out"): record.metrics for record in _records(store, "setting")
    }
    assert metrics["setting redefined"]["n_all"] == 0.0
    assert metrics[None]["n_all"] == 3.0


def test_results_of_an_earlier_plan_are_in_no_number_and_say_so(
    make_campaign: MakeCampaign, make_store: MakeStore, replan: Replan
) -> None:
    """Their runs stay and are tagged; sweep and setting are finished as the plan is."""
    store, folder = make_store(), make_campaign()
    _deliver(folder, store, begin=True)
    tasks = [result.task for result in Journal(folder).results()]
    replan(folder, [task for task in tasks if task.setting.name == "a" and task.seed < 2])
    sync = _deliver(folder, store, begin=True)
    assert (sync.n_new, sync.n_already, sync.n_revised) == (0, 6, 4)
    assert set(sync.record_ids) == {"a"}
    assert _kinds(store) == WHOLE
    settings = {record.name: record for record in _records(store, "setting")}
    assert settings["a"].metrics == {"n_own": 2.0, "n_all": 2.0}
    assert settings["b"].tags["bench.left_out"] == "setting dropped"
    assert settings["b"].description.startswith("**Left out**: setting dropped; ")
    assert _records(store, "sweep")[0].metrics == {"n_all": 2.0}
    left_out = Counter(one.tags.get("bench.left_out") for one in _records(store, "task"))
    assert left_out == {None: 2, "setting dropped": 3, "seed dropped": 1}


def test_results_of_a_task_that_comes_back_count_again(
    make_campaign: MakeCampaign, make_store: MakeStore, replan: Replan
) -> None:
    """The same runs, without the tag; a further delivery writes nothing."""
    store, folder = make_store(), make_campaign()
    tasks = [result.task for result in Journal(folder).results()]
    for plan in ([task for task in tasks if task.setting.name == "a"], tasks):
        replan(folder, plan)
        _deliver(folder, store, begin=True)
        store.log.clear()
        _deliver(folder, store)
        assert store.log == ["take over"]
    assert _kinds(store) == WHOLE
    assert not any("bench.left_out" in row.record.tags for row in store.rows.values())
    assert {one.metrics["n_own"] for one in _records(store, "setting")} == {3.0}


def test_what_the_present_plan_finishes_is_finished_without_another_result(
    make_campaign: MakeCampaign, make_store: MakeStore, replan: Replan
) -> None:
    """Stopped after two of six tasks; the plan is cut to these, and later grows again."""
    store, all_tasks = make_store(), [one.task for one in Journal(make_campaign("same")).results()]
    folder = make_campaign(n_results=2)
    statuses = []
    for plan in (all_tasks, all_tasks[:2], all_tasks):
        replan(folder, plan)
        _deliver(folder, store)
        statuses.append({status for kind, _, status in store.kinds() if kind != "task"})
    assert statuses == [{"KILLED"}, {"FINISHED"}, {"KILLED"}]


def test_a_setting_left_with_one_task_keeps_the_runs_of_its_tasks(
    make_campaign: MakeCampaign, make_store: MakeStore, replan: Replan
) -> None:
    """It has runs of tasks already, so that its own run is not one of a task, too."""
    store, folder = make_store(), make_campaign(settings=("a",))
    _deliver(folder, store)
    replan(folder, [next(Journal(folder).results()).task])
    _deliver(folder, store)
    assert KEY not in _records(store, "setting")[0].tags
    assert _kinds(store) == {
        ("task", "FINISHED"): 3,
        ("setting", "FINISHED"): 1,
        ("sweep", "FINISHED"): 1,
    }


def test_the_run_of_a_setting_with_one_task_shows_the_task_that_is_planned(
    make_campaign: MakeCampaign, make_store: MakeStore, replan: Replan
) -> None:
    """The earlier content of its only instance has no run beside it."""
    store, folder = make_store(), make_campaign(settings=("a",), n_seeds=1)
    _deliver(folder, store)
    first = next(Journal(folder).results())
    other = replace(first.task, instance=replace(first.task.instance, digest="0" * 64))
    replan(folder, [other])
    with Journal(folder) as journal:
        journal.add(replace(first, task=other))
    _deliver(folder, store)
    (setting,) = _records(store, "setting")
    assert setting.tags[KEY] == other.key
    assert setting.metrics["n_own"] == 1.0
    assert _kinds(store) == {("setting", "FINISHED"): 1, ("sweep", "FINISHED"): 1}


def test_a_journal_alone_is_enough(make_campaign: MakeCampaign, make_store: MakeStore) -> None:
    """Plan and origin are lost or were never written: settings and tasks are there, once."""
    store, folder = make_store(), make_campaign()
    (folder / "sweep.json").unlink()
    (folder / "origin.json").unlink()
    for counts in ((6, 0), (0, 6)):
        sync = _deliver(folder, store)
        assert (sync.n_new, sync.n_already) == counts
    assert _kinds(store) == Counter({("task", "FINISHED"): 6, ("setting", "FINISHED"): 2})
    assert _records(store, "setting")[0].params["seeds"] == "0,1,2"


def test_a_copied_folder_is_the_same_campaign(
    make_campaign: MakeCampaign, make_store: MakeStore, tmp_path: Path
) -> None:
    """Its name on the disk does not count."""
    store, folder = make_store(), make_campaign()
    _deliver(folder, store)
    assert _deliver(folder.rename(tmp_path / "elsewhere"), store).n_already == 6


def test_two_campaigns_with_the_same_tasks_do_not_touch_each_other(
    make_campaign: MakeCampaign, make_store: MakeStore
) -> None:
    """Each has its own rows."""
    store = make_store()
    _deliver(make_campaign("monday"), store)
    _deliver(make_campaign("tuesday"), store)
    assert _kinds(store) == WHOLE + WHOLE


def test_what_the_store_refuses_does_not_keep_the_rest(
    make_campaign: MakeCampaign, make_store: MakeStore
) -> None:
    """It is named, and tried once more at the end."""
    store, folder = make_store(*["none"] * 3, "refused"), make_campaign()
    sync = CampaignSync(folder, NoMetrics())
    sync.attach(store)
    sync.follow(Journal(folder).size())
    assert (sync.n_new, list(sync.refused.values())) == (5, ["refused"])
    sync.finish(Journal(folder).size())
    assert (sync.n_new, sync.refused) == (6, {})
    assert _kinds(store) == WHOLE


def test_a_setting_says_where_and_with_what_it_was_executed(
    make_campaign: MakeCampaign, make_store: MakeStore
) -> None:
    """By its last session, not by who delivers it, months later."""
    store, folder = make_store(), make_campaign()
    tree = json.loads((folder / "origin.json").read_text())
    later = {"started_at": 1_700_000_001.5, "provenance": {"bench.host": "node8"}}
    tree["sessions"].append(later)
    (folder / "origin.json").write_text(json.dumps(tree))
    _deliver(folder, store)
    settings = _records(store, "setting")
    assert all("host,node8" in record.texts[ENVIRONMENT] for record in settings)


def test_the_sweep_run_says_how_to_repeat_the_sweep(
    make_campaign: MakeCampaign, make_store: MakeStore
) -> None:
    """Command, declaration and the table of everything."""
    store, folder = make_store(), make_campaign()
    _deliver(folder, store)
    (sweep,) = _records(store, "sweep")
    assert sweep.tags["bench.command"] == "bench sweep instances/ -p x=a,b"
    assert sweep.params["n_settings"] == "2"
    assert sweep.params["n_tasks"] == "6"
    assert sweep.params["jobs"] == "1"
    assert [path.name for path in sweep.artifacts] == [manifest.MANIFEST, "results.parquet"]


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(faults=st.lists(FAULTS, max_size=6).map(itertools.chain.from_iterable), patience=PATIENCE)
def test_whatever_fails_each_result_arrives_once(
    make_campaign: MakeCampaign, make_store: MakeStore, faults: Iterable[str], patience: int
) -> None:
    """Requests lost, unanswered, half done or refused, and processes that die in between."""
    folder = make_campaign(f"sweep{next(_NUMBERS)}")
    store = make_store(*faults)
    for _ in range(100):
        sync = CampaignSync(folder, NoMetrics())
        if any(_tried(sync, store, folder) for _ in range(patience)):
            break
    assert _kinds(store) == WHOLE
    assert len({record.tags[KEY] for record in _records(store, "task")}) == 6


_NUMBERS = itertools.count()


def _tried(sync: CampaignSync, store: Any, folder: Path) -> bool:
    try:
        sync.attach(store)
        sync.begin()
        sync.finish(Journal(folder).size())
    except TrackingError:
        return False
    return not sync.refused


def test_a_damaged_plan_is_one_clear_error(make_campaign: MakeCampaign) -> None:
    """Delivering under another id would write everything twice."""
    folder = make_campaign()
    (folder / "sweep.json").write_text("{}")
    with pytest.raises(UsageError, match=r"sweep.json: not a campaign"):
        CampaignSync(folder, NoMetrics())


def test_a_task_does_not_repeat_what_the_machine_can_do(
    make_campaign: MakeCampaign, make_store: MakeStore
) -> None:
    """It stands on the runs of its setting and of the sweep."""
    store, folder = make_store(), make_campaign()
    path = folder / "origin.json"
    found = json.loads(path.read_text())
    found["sessions"][0]["provenance"]["bench.enforced.wall"] = "yes"
    path.write_text(json.dumps(found))
    _deliver(folder, store)
    for kind in ("task", "setting", "sweep"):
        for record in _records(store, kind):
            assert ("enforced.wall,yes" in record.texts.get(ENVIRONMENT, "")) is (kind != "task")
            assert not {"bench.host", "bench.enforced.wall"} & record.tags.keys()
