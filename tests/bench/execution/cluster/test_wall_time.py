"""All settings of a pair are measured by one job, as far as its time allows."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.execution.cluster import wall_time
from bench.execution.cluster.orders import TaskOrder
from bench.model.instances.instance import Instance
from bench.model.limits import Limits
from bench.model.setting import Setting
from bench.model.task import Task

HOUR = 3600.0


def pair(name: str, n_settings: int, time_s: float | None = HOUR) -> list[Task]:
    """Return the tasks of an instance, one a setting."""
    return [
        Task(
            instance=Instance(name=name, path=Path(f"/m/{name}.mps"), digest="0" * 64),
            setting=Setting(name=f"s{at}", solver="fake"),
            solver_version="1.0",
            limits=Limits(time_s=time_s, grace_s=10),
        )
        for at in range(n_settings)
    ]


def begun(tasks: list[Task], wall_s: float | None, each_s: float) -> list[str]:
    """Return the instances of the tasks that a job begins, if each takes so long."""
    clock = iter(range(1000))
    orders = [TaskOrder(task=task) for task in tasks]
    fitting = wall_time.orders_that_fit(orders, wall_s, 0.0, lambda: next(clock) * each_s)
    return [order.task.instance.name for order in fitting]


@pytest.mark.parametrize(
    ("wall_s", "each_s", "expected"),
    [
        (None, HOUR, "aaabbb"),
        (4 * HOUR, 60.0, "aaabbb"),
        (4 * HOUR, HOUR, "aaa"),
        (4 * HOUR, 1300.0, "aaa"),
        (2 * HOUR, 0.5 * HOUR, "aa"),
        (2 * HOUR, 60.0, "aaabbb"),
        (0.9 * HOUR, 60.0, ""),
    ],
)
def test_a_pair_is_begun_where_all_of_it_fits(
    wall_s: float | None, each_s: float, expected: str
) -> None:
    """One that fits into no job is begun all the same, and no task that does not fit."""
    assert "".join(begun([*pair("a", 3), *pair("b", 3)], wall_s, each_s)) == expected


def test_unasked_a_job_is_long_enough_for_a_pair() -> None:
    """Up to a day, and always for the longest task; in it, the pair is begun."""
    tasks = pair("a", 10)
    asked = wall_time.usual_s(tasks)
    assert asked == 10 * (HOUR + 10) + 2 * wall_time.SPARE_S
    assert begun(tasks, asked, 60.0) == ["a"] * 10
    assert wall_time.split_warning(tasks, asked) == ""
    assert wall_time.usual_s(pair("a", 100)) == 24 * HOUR + wall_time.SPARE_S
    assert (wall_time.usual_s(pair("a", 2, 48 * HOUR)) or 0) > 48 * HOUR
    assert wall_time.usual_s(pair("a", 2, None)) is None


def test_a_shorter_job_gets_a_warning() -> None:
    """With what would do."""
    warning = wall_time.split_warning(pair("a", 10), 2 * HOUR)
    assert "with a seed may take 10:04:00, and a job lasts 02:00:00" in warning
    assert wall_time.split_warning(pair("a", 10, None), 2 * HOUR) == ""
    assert wall_time.split_warning(pair("a", 10), None) == ""
