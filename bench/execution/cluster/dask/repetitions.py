"""Which orders are sent again after their worker died or its machine failed, and which are lost."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from bench.execution.cluster import claims
from bench.execution.cluster.orders import TaskOrder
from bench.execution.cluster.waiting_orders import WaitingOrders

SETTLE_S = 2.0
"""The time until files of a dead worker are visible on a shared folder."""
MOST_STILLBORN = 3
MOST_FAULTS = 2
"""So often an execution of an order may fail because of a machine."""


class Repetitions:
    """Counts the failures of orders; those that fail too often are lost."""

    def __init__(self, exchange: Path, waiting: WaitingOrders) -> None:
        """Begin without failures."""
        self._exchange, self._waiting = exchange, waiting
        self._n_deaths: Counter[str] = Counter()
        self._n_faults: Counter[str] = Counter()
        self._settling: list[tuple[float, tuple[TaskOrder, ...], str]] = []

    def worker_died(self, orders: tuple[TaskOrder, ...], reason: str) -> None:
        """Wait briefly for files of the dead worker on the shared folder."""
        self._settling.append((time.monotonic() + SETTLE_S, orders, reason))

    def settled(self) -> Iterator[tuple[TaskOrder, ...]]:
        """Yield orders of dead workers that are to be sent again; an order that kills two is lost.

        So is one that no worker can begin.
        """
        now = time.monotonic()
        due = [one for one in self._settling if one[0] <= now]
        self._settling = [one for one in self._settling if one[0] > now]
        for _, orders, reason in due:
            left = [order for order in orders if order.name in self._waiting]
            was_begun = any(claims.count(self._exchange, order) for order in orders)
            for order in left:
                self._n_deaths[order.name] += 1
                if claims.count(self._exchange, order) >= claims.MOST:
                    self._waiting.lose(order, claims.DIED)
                elif not was_begun and self._n_deaths[order.name] >= MOST_STILLBORN:
                    self._waiting.lose(order, f"no worker could begin it: {reason}")
            yield tuple(order for order in left if order.name in self._waiting)

    def machine_failed(self, orders: tuple[TaskOrder, ...], fault: str) -> tuple[TaskOrder, ...]:
        """Return the orders for other machines, after one has failed at the first of them.

        An order at which machines fail twice is lost.
        """
        first = orders[0]
        self._n_faults[first.name] += 1
        if self._n_faults[first.name] < MOST_FAULTS:
            return orders
        self._waiting.lose(first, fault)
        return orders[1:]
