"""The work of the server: a limited number of solves, each ended when its client has gone."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from bench.app.solve import SolveConfig, SolveRequest, solve
from bench.errors import BenchError


class BusyError(BenchError):
    """All slots are busy; retry a little later."""


class StoppingError(BenchError):
    """The server is stopping."""


class ClientGoneError(BenchError):
    """The client has disconnected."""


class SolveService:
    """Solves requests with one setting, at most one in each slot; further ones get BusyError.

    The event loop's thread creates and calls it; each solve has a thread that waits for it.
    """

    def __init__(self, config: SolveConfig, cpu_slots: Sequence[frozenset[int]]) -> None:
        """Take the setting and its limits, and the cores of each simultaneous solve."""
        self.config = config
        self._free = list(cpu_slots)
        self._threads = ThreadPoolExecutor(len(cpu_slots), thread_name_prefix="bench-solve")
        self._stops: set[threading.Event] = set()
        self._stopping = False

    async def solve(
        self,
        requests: Sequence[SolveRequest],
        began: float,
        gone: Callable[[], Coroutine[Any, Any, None]],
    ) -> list[dict[str, Any]]:
        """Solve requests one after the other and return their answers as objects of strict JSON.

        They share the timeout, which counts from ``began`` (monotonic seconds). Raise BusyError if
        no slot is free; StoppingError or ClientGoneError (once ``gone`` returns) after the solve
        has ended; otherwise the errors of `bench.app.solve.solve`.
        """
        if self._stopping:
            raise StoppingError("the server is being stopped")
        if not self._free:
            raise BusyError("the server is busy; ask again a little later")
        cores, stop = self._free.pop(0), threading.Event()
        self._stops.add(stop)

        def run() -> list[dict[str, Any]]:
            return [
                solve(each, self.config.with_time_since(began), cores=cores, stop=stop).to_object()
                for each in requests
            ]

        def release(ended: asyncio.Future[list[dict[str, Any]]]) -> None:
            ended.exception()  # a waiting caller, if there is one, gets it too
            self._stops.discard(stop)
            self._free.append(cores)

        solving = asyncio.get_running_loop().run_in_executor(self._threads, run)
        solving.add_done_callback(release)
        leaving = asyncio.create_task(gone())
        try:
            either: set[asyncio.Future[Any]] = {solving, leaving}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not solving.done():
                stop.set()
                await asyncio.wait({solving})
                raise ClientGoneError("the client disconnected")
            if stop.is_set():
                raise StoppingError("the server is being stopped")
            return solving.result()
        finally:
            stop.set()
            leaving.cancel()

    def stop(self) -> None:
        """Accept no more requests, and end the running solves with an error for their callers."""
        self._stopping = True
        for each in self._stops:
            each.set()

    def close(self) -> None:
        """Wait until no solve is running."""
        self._threads.shutdown()
