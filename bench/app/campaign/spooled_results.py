"""Results that a cluster has left while nobody waited for them: into the journal, exactly once."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bench.app.campaign.execute import judge_and_record
from bench.execution.cluster import array_folder
from bench.execution.cluster.orders import exchange_of, read_lines, write_lines
from bench.execution.cluster.waiting_orders import WaitingOrders
from bench.execution.protocol import ExecutorConfig
from bench.instances.references import References
from bench.journal.attempts import numbers_of_attempts
from bench.journal.journal import Journal
from bench.model.instances.reference import Reference
from bench.model.task import Task
from bench.store.run_keys import attempt

REFERENCES = "references.jsonl"


@dataclass(frozen=True, slots=True)
class KnownReference:
    """The reference of an instance, which is known by its path and digest."""

    path: Path
    digest: str
    reference: Reference


def keep_references(folder: Path, references: References) -> None:
    """Write down what is known of the instances, for whoever judges results later."""
    exchange = exchange_of(folder)
    exchange.mkdir(parents=True, exist_ok=True)
    known = (KnownReference(*key, reference) for key, reference in references.known.items())
    write_lines(exchange / REFERENCES, known)


def record_spooled(folder: Path) -> int:
    """Put in the journal what a cluster has left for a campaign, and return how many results.

    Nothing where a process is at work on the campaign, which does it by itself. TrackingError
    where the journal cannot be read or written.
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
    waiting.add(_sent(exchange))
    references = _references(exchange)
    n_new = 0
    for outcome in waiting.outcomes():
        judge_and_record(outcome, references, journal)
        n_new += 1
    return n_new


def _sent(exchange: Path) -> Iterable[Task]:
    """Return all tasks that were sent to the cluster, each once."""
    tasks = (order.task for one in array_folder.arrays(exchange) for order in one.tasks())
    return {task.key: task for task in tasks}.values()


def _references(exchange: Path) -> References:
    known: list[KnownReference] = []
    with suppress(OSError, ValueError):
        known = read_lines(exchange / REFERENCES, KnownReference)
    return References({(one.path, one.digest): one.reference for one in known})
