"""Which workers of a cluster are slow or disturbed."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from bench.comparison.compare import compare
from bench.comparison.machines.workers import WorkerRow, rows_of_table, worker_lines, workers
from bench.report.page.conditions import conditions

Make = Callable[..., pd.DataFrame]


def row(
    worker: str,
    seconds: float | None = 0.1,
    spread: float = 0.02,
    kind: str = "Xeon, 8 cores",
    *,
    disturbed: bool = False,
) -> WorkerRow:
    """Return what one result tells of its worker."""
    return WorkerRow(
        worker=worker,
        machine_class=kind,
        reference_s=seconds,
        reference_spread=spread,
        disturbed=disturbed,
    )


def test_a_slow_or_disturbed_worker_is_named() -> None:
    """The others are not."""
    found = workers(
        [
            *(row(f"w{at}") for at in range(4)),
            row("slow", 0.2),
            row("noisy", spread=0.4),
            *(row("busy", disturbed=at < 3) for at in range(4)),
        ]
    )
    lines = worker_lines(found)
    assert len(lines) == 3
    assert lines[0] == "worker busy (4 results): disturbed, 3 of 4 results"
    assert (
        "worker noisy (1 result): noisy, wall times of its reference solve differed by 40%"
        in (lines[1])
    )
    assert (
        "worker slow (1 result): slow, its reference solve took 0.2 CPU seconds, 2 times"
        in (lines[2])
    )


def test_another_class_of_machine_is_not_slow() -> None:
    """It is what it is; a single disturbed result is no sign either."""
    rows = [row("a", 0.1), row("b", 0.3, kind="Atom, 2 cores"), row("c", None, disturbed=True)]
    assert worker_lines(workers(rows)) == ()


def test_of_two_workers_the_slower_one_is_named() -> None:
    """There is no majority."""
    (line,) = worker_lines(workers([row("a", 0.1), row("b", 0.2)]))
    assert line.startswith("worker b ")


def test_many_are_counted() -> None:
    """Five have lines."""
    lines = worker_lines(workers([row(f"w{at}", spread=0.5) for at in range(8)]))
    assert len(lines) == 6
    assert lines[-1] == "3 more of 8 workers are slow or disturbed"


def test_a_comparison_and_a_report_name_them(make: Make) -> None:
    """By the columns of the table; a table without them knows no workers."""
    frame = make({"default": 1.0, "cuts": 0.5}, n=6)
    assert rows_of_table(frame) == []
    frame["worker"] = frame["instance"].map(lambda name: f"job {int(name[1]) % 2}")
    frame["worker_reference_s"] = frame["worker"].map({"job 0": 0.1, "job 1": 0.2})
    frame["machine_class"] = "Xeon"
    notes = compare(frame).notes
    assert [note for note in notes if note.startswith("worker job 1 (18 results): slow")]
    table = frame.assign(
        noise="", started_at=1.0, machine="a", solver="scip", solver_version="1", reference=None,
        memory_limit_mib=None, node_limit=None, gap_limit=None, default_gap=None, n_threads=1,
        clock="wall", permutation=0,
    )  # fmt: skip
    known = dict(conditions(table, [], None))
    assert known["workers"].startswith("2 of a cluster; worker job 1 (18 results): slow")
