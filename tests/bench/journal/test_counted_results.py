"""Which results of a campaign count."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from bench.journal.counted_results import Cause, counted_results, left_out_lines
from bench.journal.journal import Journal
from bench.journal.origin import ORIGIN
from bench.model.results.result import Result
from bench.model.results.verdict import Category
from bench.model.task import Task

MakeCampaign = Callable[..., Path]
Replan = Callable[[Path, Iterable[Task]], None]
Change = Callable[[Task], Task]


def _add(folder: Path, change: Change) -> Result:
    """Add to the journal the result of a task that differs from a planned one."""
    first = next(Journal(folder).results())
    result = replace(first, task=change(first.task))
    with Journal(folder) as journal:
        journal.add(result)
    return result


def _setting(**changes: object) -> Change:
    return lambda task: replace(task, setting=replace(task.setting, **changes))  # type: ignore[arg-type]


def _instance(**changes: object) -> Change:
    return lambda task: replace(task, instance=replace(task.instance, **changes))  # type: ignore[arg-type]


def _limits(**changes: object) -> Change:
    return lambda task: replace(task, limits=replace(task.limits, **changes))  # type: ignore[arg-type]


CHANGES: list[tuple[Change, Cause, str]] = [
    (_setting(name="fast"), Cause.SETTING_DROPPED, "fast"),
    (_setting(params={"x": "other"}), Cause.SETTING_REDEFINED, "a"),
    (_setting(solver="highs"), Cause.SETTING_REDEFINED, "a"),
    (_limits(time_s=7.0), Cause.LIMIT_CHANGED, "a"),
    (_limits(memory_mib=77.0), Cause.LIMIT_CHANGED, "a"),
    (_limits(nodes=7), Cause.LIMIT_CHANGED, "a"),
    (lambda task: replace(task, solver_version="0.1"), Cause.SOLVER_CHANGED, "a"),
    (_instance(name="gone"), Cause.INSTANCE_DROPPED, "gone"),
    (_instance(digest="0" * 64), Cause.CONTENT_CHANGED, "p0033"),
    (lambda task: replace(task, seed=77), Cause.SEED_DROPPED, "77"),
    (lambda task: replace(task, permutation=7), Cause.PERMUTATION_DROPPED, "7"),
]


@pytest.mark.parametrize(("change", "cause", "what"), CHANGES)
def test_a_result_of_an_earlier_plan_does_not_count_and_says_why(
    make_campaign: MakeCampaign, change: Change, cause: Cause, what: str
) -> None:
    """One of seven is left out, whatever has become of its task."""
    folder = make_campaign()
    planned = list(Journal(folder).results())
    _add(folder, change)
    found = counted_results(folder)
    assert [one.task.key for one in found.results] == [one.task.key for one in planned]
    assert found.counts == {cause: 1}
    line = f"cuts: 1 result of an earlier plan is left out: 1 {cause} ({what})"
    assert found.lines == left_out_lines(folder) == (line,)


@pytest.mark.parametrize(("change", "cause", "what"), CHANGES)
def test_the_cause_is_known_without_the_origin(
    make_campaign: MakeCampaign, change: Change, cause: Cause, what: str
) -> None:
    """But a newer solver, which only the origin tells from other limits."""
    del what
    folder = make_campaign()
    _add(folder, change)
    (folder / ORIGIN).unlink()
    expected = Cause.LIMIT_CHANGED if cause is Cause.SOLVER_CHANGED else cause
    assert counted_results(folder).counts == {expected: 1}


def test_results_count_again_when_their_tasks_come_back(
    make_campaign: MakeCampaign, replan: Replan
) -> None:
    """The plan decides, and nothing else."""
    folder = make_campaign()
    tasks = [one.task for one in Journal(folder).results()]
    replan(folder, [task for task in tasks if task.setting.name == "a" and task.seed < 2])
    less = counted_results(folder)
    assert less.counts == {Cause.SETTING_DROPPED: 3, Cause.SEED_DROPPED: 1}
    (line,) = less.lines
    assert line.startswith("cuts: 4 results of an earlier plan are left out: ")
    assert line.endswith(": 3 setting dropped (b), 1 seed dropped (2)")
    replan(folder, tasks)
    again = counted_results(folder)
    assert (len(again.results), again.lines, left_out_lines(folder)) == (6, (), ())


def test_without_a_plan_all_results_count(make_campaign: MakeCampaign) -> None:
    """A journal alone says nothing of a plan."""
    folder = make_campaign()
    _add(folder, _instance(name="gone"))
    (folder / "sweep.json").unlink()
    assert len(counted_results(folder).results) == 7
    assert left_out_lines(folder) == ()


def test_what_is_left_out_accuses_nobody(make_campaign: MakeCampaign) -> None:
    """A contradiction with a result of an earlier plan changes no verdict."""
    folder = make_campaign()
    other = _add(folder, _setting(name="fast"))
    lower = replace(other.answer, primal_bound=1.0, dual_bound=1.0)
    with Journal(folder) as journal:
        journal.add(replace(other, answer=lower))
    assert {one.verdict.category for one in counted_results(folder).results} == {Category.SOLVED}


def test_a_repeated_task_of_an_earlier_plan_is_counted_once(make_campaign: MakeCampaign) -> None:
    """As everywhere, its last result stands for it."""
    folder = make_campaign()
    for _ in range(2):
        _add(folder, lambda task: replace(task, seed=77))
    assert counted_results(folder).counts == {Cause.SEED_DROPPED: 1}


def test_long_lists_of_names_are_cut(make_campaign: MakeCampaign) -> None:
    """Three names are enough for a line."""
    folder = make_campaign()
    for seed in range(70, 75):
        _add(folder, lambda task, seed=seed: replace(task, seed=seed))  # type: ignore[misc]
    assert counted_results(folder).lines[0].endswith("5 seed dropped (70, 71, 72, and 2 more)")
