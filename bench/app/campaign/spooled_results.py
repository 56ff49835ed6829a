"""Results that a cluster has saved without a submitter: write them to the journal, exactly once."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bench.app.campaign.execute import judge_and_record
from bench.execution.cluster.orders import exchange_of, read_lines, write_lines
from bench.execution.cluster.waiting_orders import WaitingOrders
from bench.execution.protocol import ExecutorConfig
from bench.instances.references import References
from bench.journal.attempts import numbers_of_attempts
from bench.journal.journal import Journal
from bench.model.instances.reference import Reference
from bench.model.task import Task
from bench.store.run_keys import attempt

REFERENCES, TASKS = "references.jsonl", "tasks.jsonl"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class KnownReference:
    """The reference of an instance, which is known by its path and digest."""

    path: Path
    digest: str
    reference: Reference


def keep_plan(folder: Path, tasks: Iterable[Task], references: References) -> None:
    """Write the tasks and the known references of instances, for judging results later."""
    exchange = exchange_of(folder)
    exchange.mkdir(parents=True, exist_ok=True)
    known = (KnownReference(*key, reference) for key, reference in references.known.items())
    write_lines(exchange / REFERENCES, known)
    write_lines(exchange / TASKS, tasks)


def record_spooled(folder: Path) -> int:
    """Write the saved results of a cluster to the journal, and return their number.

    Nothing is done if a process is working on the campaign, because it does this itself. Raise
    TrackingError if the journal cannot be read or written.
    """
    exchange = exchange_of(folder)
    journal = Journal(folder)
    if not exchange.is_dir() or journal.writer() is not None:
        return 0
    with journal:
        return _record(folder, exchange, journal)


def _record(folder: Path, exchange: Path, journal: Journal) -> int:
    recorded = list(journal.results())
    config = ExecutorConfig(
        folder=folder / "tasks",
        n_attempts=numbers_of_attempts(recorded),
        recorded=frozenset((one.task.key, attempt(one)) for one in recorded),
    )
    waiting = WaitingOrders(config, exchange)
    waiting.add(_read(exchange / TASKS, Task))
    known = _read(exchange / REFERENCES, KnownReference)
    references = References({(one.path, one.digest): one.reference for one in known})
    n_new = 0
    for outcome in waiting.outcomes():
        judge_and_record(outcome, references, journal)
        n_new += 1
    return n_new


def _read(path: Path, kind: type[T]) -> list[T]:
    """Return the stored plan, nothing if it is unreadable after a crash."""
    with suppress(OSError, ValueError):
        return read_lines(path, kind)
    return []
