"""Ratio, interval, p-value, rank and conclusion on the runs of settings, and that they stay true.

Whatever happens to a sweep, each setting's run says what ``bench compare`` says of its results.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from bench.comparison.compare import compare
from bench.comparison.integrals import with_integrals
from bench.comparison.options import MEASURES, Options
from bench.comparison.sources import of_folder, of_mlflow
from bench.comparison.summary.standings import standings
from bench.comparison.summary.summaries import SummaryMetrics, compare_with
from bench.journal import manifest
from bench.journal.campaign import Campaign
from bench.journal.journal import Journal
from bench.journal.row_reading import results_of
from bench.journal.table import TABLE, frame, read_parquet
from bench.model.results.result import Result
from bench.model.results.verdict import Category, Verdict, VerdictKind
from bench.model.setting import Setting
from bench.model.task import Task
from bench.store.run_keys import BASELINE, CONCLUSION
from bench.tracking.correction import correct
from bench.tracking.stored_campaigns import StoredCampaign, StoredRun
from bench.tracking.sync import CampaignSync

if TYPE_CHECKING:
    from bench.tracking.mlflow_store import MlflowStore

MakeResult = Callable[..., Result]
MakeStore = Callable[..., Any]
Replan = Callable[..., None]
STANDING = ("ratio", "ratio_low", "ratio_high", "p_adjusted", "rank")
SPEED = {"stock": 1.0, "fast": 0.5, "slow": 2.5}
N_INSTANCES = 10


@pytest.fixture
def results(make_result: MakeResult) -> list[Result]:
    """Return the results of three settings on ten instances."""
    return [_result(make_result, name, n) for n in range(N_INSTANCES) for name in SPEED]


def _result(make_result: MakeResult, name: str, n: int) -> Result:
    result = make_result(f"i{n}", setting=Setting(name=name, solver="scip", params={"x": name}))
    task = replace(result.task, instance=replace(result.task.instance, digest=f"{n:064x}"))
    seconds = (3.0 + n) * SPEED[name] * (1.0 + 0.01 * ((7 * n + len(name)) % 5))
    return replace(result, task=task, answer=replace(result.answer, solve_time_s=seconds))


class Sweep:
    """A sweep in a folder, and a store in memory that it is delivered to."""

    def __init__(self, folder: Path, replan: Replan, store: Any) -> None:
        """Plan nothing yet."""
        folder.mkdir(parents=True)
        self.folder, self.store, self._replan = folder, store, replan

    def plan(self, tasks: Iterable[Task], baseline: str | None = "stock") -> None:
        """Write the plan."""
        self._replan(self.folder, tasks, tasks_in_mlflow=False)
        path = self.folder / manifest.MANIFEST
        path.write_text(json.dumps(json.loads(path.read_text()) | {"baseline": baseline}))

    def add(self, results: Iterable[Result]) -> None:
        """Write results into the journal, and bring all of it to the store."""
        with Journal(self.folder) as journal:
            for result in results:
                journal.add(result)
        plan = Campaign.read(self.folder).manifest
        assert plan is not None
        sync = CampaignSync(self.folder, SummaryMetrics(compare_with(plan.baseline)))
        sync.attach(self.store)
        sync.finish(Journal(self.folder).size())

    def recorded(self) -> dict[str, dict[str, Any]]:
        """Return what the runs of settings say, by the settings' names."""
        return {row.record.name: _standing(row.record) for row in _settings(self.store)}


def _settings(store: Any) -> list[Any]:
    return [row for row in store.rows.values() if row.record.tags.get("bench.kind") == "setting"]


def _standing(record: Any) -> dict[str, Any]:
    metrics = {name: record.metrics[name] for name in STANDING if name in record.metrics}
    return metrics | {
        name: record.tags[name] for name in (CONCLUSION, BASELINE) if name in record.tags
    }


def _expected(results: Sequence[Result], baseline: str = "stock") -> dict[str, dict[str, Any]]:
    """Return what a comparison of these results says, rounded as metrics are."""
    found = compare(frame(results), Options(baseline=baseline))
    return {
        name: {key: float(f"{value:.6g}") for key, value in standing.metrics.items()}
        | {CONCLUSION: standing.conclusion, BASELINE: baseline}
        for name, standing in standings(found).items()
    }


@pytest.fixture
def sweep(tmp_path: Path, replan: Replan, make_store: MakeStore, results: list[Result]) -> Sweep:
    """Return the sweep, planned."""
    found = Sweep(tmp_path / "bench-work" / "cuts", replan, make_store())
    found.plan([one.task for one in results])
    return found


def test_each_setting_says_where_it_stands(sweep: Sweep, results: list[Result]) -> None:
    """In numbers, and in a few words that one can read in a column."""
    sweep.add(results)
    found = sweep.recorded()
    assert found == _expected(results)
    assert sorted(found, key=lambda name: found[name]["rank"]) == ["fast", "stock", "slow"]
    for name in ("fast", "slow"):
        assert found[name].keys() >= set(STANDING)
    assert found["stock"].keys() & set(STANDING) == {"ratio", "rank"}
    assert found["stock"][CONCLUSION] == "baseline"
    told = r"%s: \d+ %% %s \(\d+\.\.\d+ %%\), p=0\.\d+"
    assert re.fullmatch(told % ("better", "faster"), found["fast"][CONCLUSION])
    assert re.fullmatch(told % ("worse", "slower"), found["slow"][CONCLUSION])
    assert found["fast"]["ratio_low"] < found["fast"]["ratio"] < found["fast"]["ratio_high"]


def test_a_resumed_sweep_changes_the_standing_of_finished_settings(
    sweep: Sweep, results: list[Result]
) -> None:
    """Also of those that have got no result since."""
    some = [one for one in results if one.task.setting.name in {"stock", "fast"}]
    sweep.add(some)
    assert sweep.recorded() == _expected(some)
    sweep.add([one for one in results if one not in some])
    assert sweep.recorded() == _expected(results)


def test_another_baseline_changes_every_standing(sweep: Sweep, results: list[Result]) -> None:
    """Although not one result is new; the sweep's run has its comparison anew, too."""
    sweep.add(results)
    sweep.store.log.clear()
    sweep.plan([one.task for one in results], "slow")
    sweep.add([])
    assert sweep.recorded() == _expected(results, "slow")
    assert "close cuts" in sweep.store.log
    sweep.store.log.clear()
    sweep.add([])
    assert sweep.store.log == ["take over"]


def test_an_edited_sweep_is_compared_by_its_present_plan(
    sweep: Sweep, results: list[Result]
) -> None:
    """Instances and a setting are dropped and come back; what is dropped stands nowhere."""
    sweep.add(results)
    kept = [
        one
        for one in results
        if one.task.setting.name != "slow" and one.task.instance.name not in {"i1", "i2"}
    ]
    sweep.plan([one.task for one in kept])
    sweep.add([])
    assert sweep.recorded() == _expected(kept) | {"slow": {}}
    sweep.plan([one.task for one in results])
    sweep.add([])
    assert sweep.recorded() == _expected(results)


def test_a_second_sweep_leaves_the_first_as_it_is(
    sweep: Sweep, results: list[Result], replan: Replan, tmp_path: Path
) -> None:
    """Each is ranked by its own results; beside each other in an experiment."""
    sweep.add(results)
    second = Sweep(tmp_path / "bench-work" / "more", replan, sweep.store)
    others = [one for one in results if one.task.setting.name != "fast"]
    second.plan([one.task for one in others], "slow")
    second.add(others)
    ranks = [row.record.metrics["rank"] for row in _settings(sweep.store)]
    assert sorted(ranks) == [1.0, 1.0, 2.0, 2.0, 3.0]
    sweep.add([])
    assert sorted(row.record.metrics["rank"] for row in _settings(sweep.store)) == sorted(ranks)


def test_standings_are_corrected_where_there_is_no_journal(
    sweep: Sweep, results: list[Result]
) -> None:
    """``bench check`` finds a wrong answer: every setting is compared anew with the baseline."""
    sweep.add(results)
    runs = [
        StoredRun(
            record_id=row.found.record_id,
            name=row.record.name,
            status=row.found.status,
            ended_ms=2,
            description=row.record.description,
            tags=row.record.tags,
            table=read_parquet(next(f for f in row.record.artifacts if f.name == TABLE)),
        )
        for row in _settings(sweep.store)
    ]
    campaign = StoredCampaign(name="cuts", runs=runs, is_running=False)
    wrong = Verdict(Category.WRONG, "too good", VerdictKind.OBJECTIVE)
    now = [
        replace(one, verdict=wrong)
        if (one.task.setting.name, one.task.instance.name) == ("fast", "i3")
        else one
        for run in runs
        for one in results_of(run.table)
    ]
    builder = SummaryMetrics(compare_with(campaign.baseline))
    assert correct(campaign, now, lambda: sweep.store, lambda _: {}, builder) == []
    rows = (sweep.store.rows[run.record_id] for run in runs)
    found = {row.record.name: _standing(row.record) for row in rows}
    assert found == _expected(now)
    assert found["fast"]["rank"] == len(SPEED)


def test_a_store_alone_gives_the_numbers_that_the_journal_gives(
    sweep: Sweep, results: list[Result], store: MlflowStore
) -> None:
    """To the last digit, although what MLflow's pages show is rounded; baseline included."""
    sweep.store = store
    sweep.plan([one.task for one in results], "slow")
    sweep.add(results)
    runs = store.load_existing(Campaign.read(sweep.folder).campaign_id)
    ids = [run.record_id for run_key, run in runs.items() if run_key.kind == "setting"]
    from_journal, from_store = of_folder(sweep.folder), of_mlflow(store.uri, None, ids)
    assert from_store.baseline == from_journal.baseline == "slow"
    tables = [with_integrals(from_journal.table, from_journal.results), from_store.table]
    columns = ["verdict", *(each.column for each in MEASURES.values())]
    journal, stored = (table.set_index("key").sort_index()[columns] for table in tables)
    pd.testing.assert_frame_equal(stored, journal, check_exact=True, check_dtype=False)
    times = journal["solve_time_s"]
    assert (times != times.map(lambda value: float(f"{value:.6g}"))).any()
    compared = [compare(table, Options(baseline="slow")).tables for table in tables]
    assert compared[0] == compared[1]


def test_too_few_instances_are_named_as_the_cause(results: list[Result]) -> None:
    """In a column of MLflow there is no sentence beside it."""
    few = [one for one in results if one.task.instance.name in {"i0", "i1"}]
    found = standings(compare(frame(few), Options(baseline="stock")))
    assert found["fast"].conclusion.startswith("too few instances: ratio 0.5")
