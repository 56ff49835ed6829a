"""Records of tasks and settings."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bench.instances.instance_set import InstanceSet
from bench.model.limits import Limits
from bench.model.results.result import Result
from bench.model.results.verdict import Category, VerdictKind
from bench.model.setting import Setting
from bench.model.task import Task
from bench.store.run_keys import ATTEMPT, CAMPAIGN_NAME, CONCLUSION, HIDDEN, KEY
from bench.store.truncation import truncate_tags
from bench.tracking.records.details import DETAILS
from bench.tracking.records.fields import outdated_tags, verdict_tags
from bench.tracking.records.record import (
    Record,
    mark_left_out,
    merge,
    setting_record,
    sweep_record,
    task_record,
)
from bench.tracking.records.set_title import set_title
from tests.full_result import full_result

MakeResult = Callable[..., Result]


def _setting_record(results: list[Result], finished: int | None = None) -> Record:
    tasks = [result.task for result in results]
    return setting_record(
        tasks[0].setting,
        tasks,
        results[:finished],
        {"solved": 2.0, "time_sgm1_s": float("inf")},
        instance_set=InstanceSet.of("visible", (task.instance for task in tasks)),
        started_ms=1_600_000_000_000,
        series={"cactus/within seconds": [(1, 0.5), (2, 0.7)]},
        artifacts=(Path("results.parquet"),),
        provenance={"bench.host": "here"},
    )


def test_a_task_run_has_the_params_one_compares_by(result: Result) -> None:
    """Knobs and problem sizes stand under exactly these names."""
    params = task_record(result).params
    expected = {
        "alpha": "0.15",
        "l1_ratio": "0.001",
        "n_bins": "33",
        "n_ints": "0",
        "n_conss": "16",
    }
    assert expected.items() <= params.items()


def test_a_task_run_says_what_was_executed(result: Result) -> None:
    """Instance, setting, seed, changed parameters by the solver's names, and limits."""
    params = task_record(result).params
    expected = {
        "instance": "p0033",
        "setting": "alpha=0.15",
        "solver": "scip",
        "seed": "0",
        "permutation": "0",
        "separating/maxrounds": "5",
        "time_limit_s": "10",
        "memory_limit_mib": "4096",
        "node_limit": "1000",
        "clock": "wall",
    }
    assert expected.items() <= params.items()


def test_an_unlimited_limit_is_no_param(result: Result) -> None:
    """There is no number for it."""
    task = replace(result.task, limits=Limits(time_s=None))
    params = task_record(replace(result, task=task)).params
    assert params.keys().isdisjoint({"time_limit_s", "node_limit", "gap_limit"})


def test_only_constraint_classes_that_occur_are_details(result: Result) -> None:
    """Seventeen mostly empty lines help nobody; a table costs less than params and charts."""
    record = task_record(result)
    details = record.texts[DETAILS].splitlines()
    assert details[0] == "name,value"
    assert {"problem/class/knapsack,12", "status,optimal"} <= set(details)
    assert "general" not in record.texts[DETAILS]
    assert not [name for name in record.metrics if name.startswith("problem/")]


def test_a_parameter_that_is_called_like_one_of_ours_keeps_its_value(
    make_result: MakeResult,
) -> None:
    """HiGHS has an option named solver."""
    setting = Setting(name="ipm", solver="highs", params={"solver": "ipm"})
    params = task_record(make_result(setting=setting)).params
    assert (params["solver"], params["param/solver"]) == ("highs", "ipm")


def test_metrics_are_grouped_by_prefix(result: Result) -> None:
    """The prefix is the section in the charts of the UI."""
    metrics = task_record(result).metrics
    expected = {
        "result/primal_bound": 3089.0,
        "result/solved": 1.0,
        "time/solve_s": 0.5,
        "time/wall_s": 0.75,
        "search/n_nodes": 12.0,
        "memory/peak_mib": 55.0,
    }
    assert expected.items() <= metrics.items()
    assert "time/deterministic" not in metrics


def test_the_trace_has_true_times_and_counts_its_points(result: Result) -> None:
    """Times count from the start of the solve; a missing bound leaves a gap in the steps."""
    series = task_record(result).series
    assert series["bounds/primal_bound"] == [
        (1_700_000_000_350, 1, 4000.0),
        (1_700_000_000_600, 2, 3089.0),
    ]
    assert [value for _, _, value in series["bounds/gap"]] == [1.0, 0.25, 0.0]


def test_without_the_start_of_the_solve_there_is_no_trace(result: Result) -> None:
    """Wrong times would be worse than none."""
    answer = replace(result.answer, solve_started_at=None)
    assert not [
        name for name in task_record(replace(result, answer=answer)).series if "bounds" in name
    ]


def test_samples_are_system_metrics_with_true_times(result: Result) -> None:
    """The UI shows the prefix ``system/`` on a page of its own."""
    series = task_record(result).series
    assert series["system/process_rss_mib"] == [
        (1_700_000_000_100, 0, 50.0),
        (1_700_000_000_300, 1, 55.0),
    ]
    assert len(series["system/process_cpu_percent"]) == 2


def test_tags_say_what_one_filters_by(result: Result) -> None:
    """Key, verdict, termination, and the campaign; the machine is in a table of its setting's."""
    tags = task_record(result, {"bench.host": "here", CAMPAIGN_NAME: "cuts"}).tags
    expected = {
        "bench.kind": "task",
        KEY: result.task.key,
        ATTEMPT: "1700000000000",
        "bench.verdict": "solved",
        "bench.termination": "normal",
        CAMPAIGN_NAME: "cuts",
    }
    assert "bench.host" not in tags
    assert expected.items() <= tags.items()
    assert "bench.error" not in tags


def test_the_description_of_a_task_is_four_lines(result: Result) -> None:
    """Verdict, claim, check and measurement."""
    record = task_record(result)
    lines = record.description.splitlines()
    assert lines[0].startswith("**solved**: agrees with the reference 3089")
    assert "optimal, primal bound 3089" in lines[1]
    solution = "Its solution is feasible to 1e-6 (exact arithmetic, instance read by highs)."
    assert lines[2].rstrip() == solution
    assert "exit code 0" in lines[3]
    assert len(lines) == 4


@pytest.mark.parametrize("category", list(Category))
def test_a_wrong_or_failed_task_is_a_failed_run(
    make_result: MakeResult, category: Category
) -> None:
    """A limit is no failure."""
    status = task_record(make_result(category=category)).status
    good = {Category.SOLVED, Category.UNCONFIRMED, Category.LIMIT}
    assert (status == "FAILED") == (category not in good)


def test_a_crash_is_recorded_with_what_is_known(crashed: Result) -> None:
    """Without a problem or bounds there is still a run with the error."""
    record = task_record(crashed)
    assert record.tags["bench.error"] == "killed by SIGSEGV"
    assert record.params["alpha"] == "0.15"
    assert record.metrics["result/solved"] == 0.0
    assert "result/primal_bound" not in record.metrics


def test_a_run_is_named_by_what_differs_between_tasks(make_result: MakeResult) -> None:
    """The UI cuts names at 16 characters."""
    result = make_result(seed=3)
    assert task_record(result).name == "p0033 s3"
    permuted = replace(result, task=replace(result.task, permutation=2))
    assert task_record(permuted).name == "p0033 s3 p2"


def test_the_files_of_a_task_are_those_worth_keeping(result: Result) -> None:
    """What its process handed over is in the record itself."""
    names = [path.name for path in task_record(result).artifacts]
    statistics = ["statistics.json", "statistics.json.gz"]
    named = ["solver.log", "solution.sol", *statistics, "changed.set", "verification.json"]
    assert names == named


def test_a_setting_run_says_what_its_tasks_have_in_common(make_result: MakeResult) -> None:
    """Knobs, parameters, limits, seeds and the instance set."""
    record = _setting_record([make_result(), make_result(seed=2), make_result("p0201")])
    expected = {
        "alpha": "0.15",
        "l1_ratio": "0.001",
        "separating/maxrounds": "5",
        "seeds": "0,2",
        "n_instances": "2",
        "time_limit_s": "10",
    }
    assert expected.items() <= record.params.items()
    assert record.params["instance_set"].startswith("visible: 2 instances, 10 s, 4096 MiB, 1000 ")
    assert record.tags["instance_set"] == record.params["instance_set"]
    assert re.fullmatch("[0-9a-f]{32}", record.params["instance_set_digest"])
    assert record.name == "alpha=0.15"
    assert record.tags["bench.kind"] == "setting"


def test_a_setting_run_has_finite_aggregates_and_stepped_series(result: Result) -> None:
    """A mean that is infinite is left out."""
    record = _setting_record([result])
    assert record.metrics == {"solved": 2.0}
    assert [point[1:] for point in record.series["cactus/within seconds"]] == [(1, 0.5), (2, 0.7)]


def test_a_setting_can_be_recorded_before_its_first_result(result: Result) -> None:
    """Its run is opened when the sweep begins."""
    record = _setting_record([result], finished=0)
    assert (record.started_ms, record.ended_ms) == (1_600_000_000_000,) * 2
    assert "nothing finished" in record.description


def test_one_wrong_result_marks_the_setting(make_result: MakeResult) -> None:
    """It is seen at a glance in the list of runs."""
    results = [make_result(), make_result(seed=1, category=Category.WRONG)]
    assert _setting_record(results[:1]).status == "FINISHED"
    assert _setting_record(results).status == "FAILED"


def test_a_single_task_and_its_setting_make_one_run(result: Result) -> None:
    """It is found as a setting and has everything of the task."""
    setting, task = _setting_record([result]), task_record(result)
    record = merge(setting, task)
    assert record.tags["bench.kind"] == "setting"
    assert record.tags[KEY] == result.task.key
    assert record.params["n_bins"] == "33"
    assert record.params["seeds"] == "0"
    assert record.metrics.keys() == setting.metrics.keys() | task.metrics.keys()
    assert record.series.keys() == setting.series.keys() | task.series.keys()
    assert set(record.artifacts) == {*setting.artifacts, *task.artifacts}
    assert record.texts.keys() == setting.texts.keys() | task.texts.keys()
    assert record.description == f"{task.description}\n\n{setting.description}"


def test_a_single_failed_task_makes_the_one_run_failed(crashed: Result) -> None:
    """Merging hides nothing."""
    assert merge(_setting_record([crashed], finished=0), task_record(crashed)).status == "FAILED"


def test_noise_is_a_tag_of_a_task_and_its_cores_a_detail(result: Result) -> None:
    """To filter by: what disturbed the measurement, in words, or none."""
    noisy = replace(
        result, execution=replace(result.execution, cores=(2, 3), noise=("load 5", "throttled"))
    )
    record = task_record(noisy)
    assert record.tags["bench.noise"] == "load 5; throttled"
    assert 'cores,"2,3"' in record.texts[DETAILS]
    assert task_record(result).tags["bench.noise"] == "none"


def test_a_sweep_says_what_it_consists_of(make_result: MakeResult) -> None:
    """Limits only where they are the same everywhere."""
    tasks = [make_result(seed=seed).task for seed in range(3)]
    other = replace(tasks[0], limits=Limits(time_s=99.0), setting=Setting(name="b", solver="scip"))
    instances = InstanceSet.of("visible", [tasks[0].instance])

    def params(*of: Task) -> dict[str, str]:
        return sweep_record(
            "cuts",
            of,
            command="bench sweep",
            params={"order": "given", "baseline": None},
            instance_set=instances,
            started_ms=0,
        ).params

    assert params(*tasks) == {
        "n_settings": "1",
        "n_tasks": "3",
        "seeds": "0,1,2",
        "permutations": "0",
        "time_limit_s": "10",
        "memory_limit_mib": "4096",
        "node_limit": "1000",
        "clock": "wall",
        "n_threads": "1",
        "n_instances": "1",
        "instance_set": set_title(instances, tasks[0].limits, ""),
        "instance_set_digest": instances.digest,
        "order": "given",
    }
    assert "time_limit_s" not in params(*tasks, other)


def test_a_tag_that_another_verdict_does_not_have_is_outdated(result: Result) -> None:
    """Not every verdict has a kind, a reference, or a word of ipet's; nothing else is touched."""
    named = replace(result.verdict, kind=VerdictKind.TIME, ipet="ok")
    former = {"bench.verdict_kind": "time", "bench.reference": "opt 1"}
    known = truncate_tags(verdict_tags(replace(result, verdict=named))) | former | {"mine": "kept"}
    wanted = truncate_tags(verdict_tags(replace(result, reference=None)))
    assert outdated_tags(wanted, known) == list(former)
    assert outdated_tags(wanted, known | {CONCLUSION: "better"}) == [CONCLUSION, *former]
    assert outdated_tags({"mine": "new"}, known) == []


def test_a_page_has_at_most_ten_visible_tags() -> None:
    """Also where everything is there that can be, and the setting has one task only."""
    result = full_result()
    task, setting = task_record(result, {CAMPAIGN_NAME: "cuts"}), _setting_record([result])
    setting = replace(setting, tags={**setting.tags, CAMPAIGN_NAME: "cuts"})
    for record in (task, setting, merge(setting, task)):
        left_out = mark_left_out(record, [result], "instance dropped")
        assert len([name for name in left_out.tags if not name.startswith(HIDDEN)]) <= 10


def test_metrics_and_series_have_six_significant_digits(make_result: MakeResult) -> None:
    """MLflow shows all digits that a metric has; the table keeps the exact value."""
    result = make_result()
    answer = replace(result.answer, primal_bound=1281.9999999999998, n_nodes=12_345_678)
    record = task_record(replace(result, answer=answer))
    assert record.metrics["result/primal_bound"] == 1282.0
    assert record.metrics["search/n_nodes"] == 12_345_700
    values = [value for points in record.series.values() for _, _, value in points]
    assert all(value == float(f"{value:.6g}") for value in values)


def test_violations_of_zero_are_no_metrics(result: Result) -> None:
    """Eight flat charts say no more than the verdict."""
    assert 0.0 not in {
        value for name, value in task_record(result).metrics.items() if "violation" in name
    }
