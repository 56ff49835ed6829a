"""What submitter and hosts leave for each other: orders, claims, spools, chunks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench.errors import UsageError
from bench.execution.cluster import claims, spool, wall_time
from bench.execution.cluster.chunks import chunks
from bench.execution.cluster.orders import HostOrders, TaskOrder, read, read_lines, write
from bench.execution.cluster.orders import write_lines as write_orders
from bench.execution.cluster.spool import HostReport, SpoolReader, SpoolWriter
from bench.execution.cluster.waiting_orders import WaitingOrders
from bench.execution.cluster_options import read_queue_options
from bench.execution.pairs import pair_of
from bench.execution.protocol import ExecutorConfig
from bench.model.instances.instance import Instance
from bench.model.limits import Clock, Limits
from bench.model.results.process_stats import ProcessStats, Sample, Termination
from bench.model.results.result import Outcome
from bench.model.results.solver_output import SolverOutput
from bench.model.results.verification import Level, Verification
from bench.model.setting import Setting
from bench.model.task import Task
from bench.store.run_keys import attempt_of


def task(name: str = "a", seed: int = 0, setting: str = "s", **limits: Any) -> Task:
    """Return a task of the fake solver."""
    return Task(
        instance=Instance(name=name, path=Path(f"/m/{name}.mps"), digest="0" * 64),
        setting=Setting(name=setting, solver="fake", params={"x": 1.5}),
        solver_version="1.0",
        seed=seed,
        limits=Limits(**{"time_s": 60.0, **limits}),
    )


def outcome(of: Task, started_at: float = 1.25) -> Outcome:
    """Return an outcome with what JSON cannot hold, or holds as something else."""
    return Outcome(
        task=of,
        answer=SolverOutput(status="optimal", primal_bound=float("inf"), dual_bound=np.float64(2)),
        execution=ProcessStats(
            termination=Termination.NORMAL,
            evidence="täst",
            started_at=started_at,
            wall_s=float("nan"),
            samples=(Sample(0.5, 1.0, 99.0),),
            noise=("others",),
            machine="node, cpu",
        ),
        folder=Path("/w/tasks/a"),
        verification=Verification(level=Level.NONE, skipped="not asked"),
    )


def report(order: TaskOrder, started_at: float = 1.25) -> HostReport:
    """Return the report on an outcome of an order."""
    return HostReport.of(order, "node", outcome(order.task, started_at))


def test_orders_come_back_as_they_were_written(tmp_path: Path) -> None:
    """With all limits, and with the key that they had."""
    given = [TaskOrder(task=task(seed=n, nodes=5, clock=Clock.CPU), attempt=n + 1) for n in (0, 1)]
    write_orders(tmp_path / "tasks", given)
    found = read_lines(tmp_path / "tasks", TaskOrder)
    assert found == given
    assert [one.name for one in found] == [one.name for one in given]
    orders = HostOrders(tasks_folder=tmp_path, exchange=tmp_path, pass_env=frozenset({"A"}))
    write(tmp_path / "orders", orders)
    assert read(tmp_path / "orders", HostOrders) == orders
    assert not list(tmp_path.glob("*.half"))


def test_a_report_comes_back_as_it_was_written(tmp_path: Path) -> None:
    """Numbers that are not finite, scalars of numpy and letters included."""
    order = TaskOrder(task=task())
    writer = SpoolWriter(tmp_path, "one")
    writer.add(report(order))
    writer.close()
    (found,) = SpoolReader(tmp_path).new()
    assert found.order == order.name
    assert found.executed is not None
    back = found.executed.outcome(order)
    assert repr(back) == repr(
        replace(outcome(order.task), answer=replace(back.answer, dual_bound=2.0))
    )


def test_a_reader_takes_each_line_once_and_none_that_is_torn(tmp_path: Path) -> None:
    """A line that is still being written is read when it is whole."""
    reader = SpoolReader(tmp_path)
    assert list(reader.new()) == []
    line = spool.to_line(report(TaskOrder(task=task())))
    path = tmp_path / spool.FOLDER / "one.jsonl"
    path.parent.mkdir()
    path.write_bytes(line + line[:30])
    assert len(list(reader.new())) == 1
    assert list(reader.new()) == []
    with path.open("ab") as file:
        file.write(line[30:])
    assert len(list(reader.new())) == 1


@pytest.mark.parametrize("damage", [b"optimal", b"node", b'"crc32":"'])
def test_a_line_that_was_changed_is_no_report(tmp_path: Path, damage: bytes) -> None:
    """And those behind it are."""
    line = spool.to_line(report(TaskOrder(task=task())))
    path = tmp_path / spool.FOLDER / "one.jsonl"
    path.parent.mkdir()
    changed = line.replace(damage, damage[:-1] + b"Z", 1)
    path.write_bytes(b"rubbish\n" + changed + line)
    reader = SpoolReader(tmp_path)
    assert len(list(reader.new())) == 1
    assert reader.n_damaged == 2


def test_a_task_is_claimed_twice_at_most(tmp_path: Path) -> None:
    """Each execution under a number of its own; forgotten claims count no more."""
    order = TaskOrder(task=task())
    numbers = [
        made and made.number for made in (claims.claim(tmp_path, order, "me") for _ in range(3))
    ]
    assert numbers == [1, 2, None]
    assert claims.begun(tmp_path) == {order.name}
    other = TaskOrder(task=task(), attempt=2)
    assert claims.count(tmp_path, order) == 2
    assert claims.count(tmp_path, other) == 0
    claims.forget(tmp_path, order)
    assert claims.count(tmp_path, order) == 0


def waiting(
    tmp_path: Path, *recorded: HostReport, n_attempts: Mapping[str, int] | None = None
) -> tuple[WaitingOrders, list[str]]:
    """Return orders that are waited for where the journal has these, and the reasons of losses."""
    lost: list[str] = []
    known = frozenset(
        (one.order[:64], attempt_of(one.executed.execution)) for one in recorded if one.executed
    )
    config = ExecutorConfig(
        folder=tmp_path,
        recorded=known,
        n_attempts=n_attempts or {},
        on_lost=lambda _, reason: lost.append(reason),
    )
    return WaitingOrders(config, tmp_path), lost


def spooled(tmp_path: Path, *reports: HostReport) -> None:
    """Let hosts have written these."""
    writer = SpoolWriter(tmp_path, "host")
    for one in reports:
        writer.add(one)
    writer.close()


def test_an_outcome_that_nobody_waited_for_is_taken_once(tmp_path: Path) -> None:
    """The submitter was killed; two hosts have executed the task."""
    order = TaskOrder(task=task())
    spooled(tmp_path, report(order, 1.0), report(order, 2.0))
    orders, _ = waiting(tmp_path)
    orders.add([order.task])
    (found,) = orders.outcomes()
    assert found.execution.started_at == 1.0
    assert not orders
    assert list(orders.outcomes()) == []


def test_what_the_journal_has_is_never_taken_again(tmp_path: Path) -> None:
    """A task that is executed again waits for another attempt."""
    order = TaskOrder(task=task())
    spooled(tmp_path, report(order))
    orders, _ = waiting(tmp_path, report(order))
    orders.add([order.task])
    assert list(orders.outcomes()) == []
    assert [one.attempt for one in orders] == [2]
    spooled(tmp_path, report(replace(order, attempt=2), 9.0))
    assert [one.execution.started_at for one in orders.outcomes()] == [9.0]


@pytest.mark.parametrize("recorded_at", [1.0, 2.0])
def test_a_second_execution_of_what_the_journal_has_is_no_result(
    tmp_path: Path, recorded_at: float
) -> None:
    """Two engines may have executed it at the same time, before or after a resume with another."""
    order = TaskOrder(task=task())
    spooled(tmp_path, report(order, 1.0), report(order, 2.0))
    orders, _ = waiting(tmp_path, report(order, recorded_at))
    orders.add([order.task])
    assert list(orders.outcomes()) == []
    assert [one.attempt for one in orders] == [2]


def test_what_another_executor_has_recorded_is_no_attempt_of_an_array(tmp_path: Path) -> None:
    """A sweep was detached, and finished on this machine; a retry has a folder of its own."""
    order = TaskOrder(task=task())
    spooled(tmp_path, report(order))
    orders, _ = waiting(tmp_path, n_attempts={order.task.key: 1})
    orders.add([order.task])
    assert list(orders.outcomes()) == []
    assert [one.attempt for one in orders] == [2]


def test_a_task_that_was_lost_gets_another_attempt_by_the_next_command(tmp_path: Path) -> None:
    """In this one it is given up, and the reason is told once."""
    orders, lost = waiting(tmp_path)
    orders.add([task()])
    (order,) = orders
    orders.lose(order, claims.DIED)
    assert list(orders.outcomes()) == []
    assert lost == ["worker died twice"]
    later, lost = waiting(tmp_path)
    later.add([task()])
    assert [one.attempt for one in later] == [2]
    assert lost == []


def test_a_pair_stays_in_one_chunk() -> None:
    """Whatever the chunks are expected to take."""
    orders = [
        TaskOrder(task=task(name, seed, setting))
        for setting in ("s", "t", "u")
        for name in ("a", "b")
        for seed in range(4)
    ]
    made = chunks(orders, lambda _: 100.0, chunk_s=650.0)
    assert sorted(one.name for chunk in made for one in chunk) == sorted(o.name for o in orders)
    assert [len(chunk) for chunk in made] == [6, 6, 6, 6]
    for chunk in made:
        pairs = {pair_of(one.task) for one in chunk}
        assert len(chunk) == 3 * len(pairs)


@pytest.mark.parametrize(
    ("seconds", "n_least", "n_chunks"),
    [(1.0, 1, 1), (1.0, 5, 5), (1.0, 100, 20), (1000.0, 1, 20), (None, 1, 1), (200.0, 1, 7)],
)
def test_chunks_are_as_long_as_is_worth_a_job(
    seconds: float | None, n_least: int, n_chunks: int
) -> None:
    """And as many as there are workers, if there are so many pairs."""
    orders = [TaskOrder(task=task(seed=n)) for n in range(20)]
    assert len(chunks(orders, lambda _: seconds, n_least)) == n_chunks


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30", 1800),
        ("30:15", 1815),
        ("1:30:00", 5400),
        ("2-12", 216000),
        ("1-00:30", 88200),
        ("1-01:01:01", 90061),
    ],
)
def test_a_time_is_read_as_slurm_does(text: str, seconds: int) -> None:
    """Minutes come first, unless there are days or three numbers."""
    assert wall_time.parse(text) == seconds


@pytest.mark.parametrize("value", [3600, 5400.0, True, "soon", "1:2:3:4", ""])
def test_another_time_is_refused(value: object) -> None:
    """YAML makes seconds of 1:00:00 without quotes, sbatch would take them for minutes."""
    with pytest.raises(UsageError, match="queue option time"):
        wall_time.parse(value)


def test_a_wall_time_below_the_time_limit_is_refused() -> None:
    """With what would do."""
    with pytest.raises(UsageError, match=r"a wall time of 00:30 is too short.*ask for 00:03:00"):
        wall_time.check([task(time_s=60.0)], 30.0, "00:30")
    wall_time.check([task(time_s=60.0), task(time_s=None)], 180.0, "3")
    assert wall_time.usual_s([task(time_s=None)]) is None
    assert wall_time.text(130.0) == "00:03:00"
    assert wall_time.text(7200.0) == "02:00:00"


@pytest.mark.parametrize(
    ("text", "why"),
    [("- a", "expected options of the queue"), ("a: [", "not YAML"), ("1: 2", "expected options")],
)
def test_a_file_without_options_is_refused(tmp_path: Path, text: str, why: str) -> None:
    """With its name."""
    path = tmp_path / "q.yaml"
    path.write_text(text)
    with pytest.raises(UsageError, match=why):
        read_queue_options(path)
    with pytest.raises(UsageError, match="cannot be read"):
        read_queue_options(tmp_path / "none.yaml")
