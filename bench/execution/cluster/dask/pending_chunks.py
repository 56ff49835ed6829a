"""The chunks that no worker executes yet, and which of them a worker gets."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Mapping

from bench.execution.cluster.begun_pairs import by_machine, may_continue
from bench.execution.cluster.orders import TaskOrder
from bench.execution.pairs import Machine, Pair, pair_of

PATIENCE_S = 30.0
"""The time for which the rest of a pair waits for a machine like the one that began it."""

Chunk = tuple[TaskOrder, ...]


class PendingChunks:
    """Chunks in the order in which they are sent.

    The rest of a pair goes to the machine that began it, or one of its class, as long as a worker
    runs there; an order that a worker's machine could not execute goes to another worker.
    """

    def __init__(self, begun: Mapping[Pair, Machine]) -> None:
        """Begin without chunks; ``begun`` is kept up to date by the caller."""
        self._begun = begun
        self._chunks: list[Chunk] = []
        self._failed_on: dict[str, str] = {}
        self._unmatched_since: dict[str, float] = {}

    def __len__(self) -> int:
        """Return the number of chunks."""
        return len(self._chunks)

    def __iter__(self) -> Iterator[Chunk]:
        """Iterate over the chunks."""
        return iter(self._chunks)

    def append(self, chunks: Iterable[Chunk]) -> None:
        """Send these after all others."""
        for chunk in chunks:
            self._chunks += self._parts(chunk)

    def put_first(self, chunk: Chunk) -> None:
        """Send the rest of a chunk before all others."""
        self._chunks[:0] = self._parts(chunk)

    def remove(self, names: Collection[str]) -> None:
        """Send none of the orders with these names."""
        rest = (tuple(one for one in chunk if one.name not in names) for chunk in self._chunks)
        self._chunks = [chunk for chunk in rest if chunk]

    def fail(self, order: TaskOrder, address: str) -> None:
        """Send an order to other workers than this one, if there are any."""
        self._failed_on[order.name] = address

    def take(self, address: str, machine: Machine, workers: Mapping[str, Machine]) -> Chunk:
        """Return a chunk for a worker, empty if there is none for it.

        ``workers`` are the machines of all workers. A pair that was begun on another class of
        machine is the last choice, after no machine of that class was there for a while.
        """
        unmatched = None
        for at, chunk in enumerate(self._chunks):
            failed_on = self._failed_on.get(chunk[0].name)
            others = [one for name, one in workers.items() if name != failed_on]
            if failed_on == address and others:
                continue
            fits = may_continue(self.began(chunk), machine, others or [machine])
            if fits:
                return self._chunks.pop(at)
            if fits is None and unmatched is None and self._has_waited(chunk):
                unmatched = at
        return () if unmatched is None else self._chunks.pop(unmatched)

    def began(self, chunk: Chunk) -> Machine | None:
        """Return the machine that began the pairs of a chunk, None if none did."""
        return self._begun.get(pair_of(chunk[0].task))

    def _has_waited(self, chunk: Chunk) -> bool:
        """Return whether no machine like the one that began a pair was there for long enough."""
        now = time.monotonic()
        return now - self._unmatched_since.setdefault(chunk[0].name, now) >= PATIENCE_S

    def _parts(self, chunk: Chunk) -> list[Chunk]:
        """Return a chunk divided by the machines that began its pairs."""
        return [part for _, part in by_machine(chunk, self._begun)]
