"""Patience: how long a command waits for a store that still answers slowly.

A limit for the parts of an answer does not limit the whole answer: a server may send a byte now and
then.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Self, TypeVar

from bench.errors import TrackingError
from bench.store.uri import mask, sqlite_path

T = TypeVar("T")
QUIET_S = 90.0
"""The time without any recorded result: three times MLflow's time limit for parts of an answer."""
PER_RESULT_S = 0.05
"""The additional time per result for summaries and the report, during which nothing is recorded."""
TOTAL_PER_RESULT_S = 5.0
READING_S = 600.0
"""The total time that a command may read from a server, for any number of answers."""
_POLL_S = 0.1


class SlowServerError(TrackingError):
    """A server was given up because it answers too slowly; ``uri`` is its address."""

    def __init__(self, reason: str, uri: str) -> None:
        """Take the reason in one line, and the address."""
        super().__init__(reason)
        self.uri = uri


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """The number of seconds without progress of a store, and the number of seconds in total."""

    uri: str
    quiet_s: float
    total_s: float

    @property
    def reason(self) -> str:
        """The message when the patience has run out, with the next step."""
        return (
            f"MLflow at {mask(self.uri)}: the server answers too slowly, and bench gave up; "
            "check the server and the network"
        )

    @classmethod
    def with_reading(cls, uri: str, total_s: float = READING_S) -> Self | None:
        """Return how long to wait for data from a server; None for no limit."""
        if sqlite_path(uri) is not None:
            return None
        return cls(uri=uri, quiet_s=QUIET_S, total_s=total_s)

    @classmethod
    def with_server(cls, uri: str, n_results: int) -> Self | None:
        """Return how long to wait for a server to accept results; None for no limit.

        A SQLite database has limits of its own.
        """
        if sqlite_path(uri) is not None:
            return None
        return cls(
            uri=uri,
            quiet_s=QUIET_S + PER_RESULT_S * n_results,
            total_s=QUIET_S + TOTAL_PER_RESULT_S * n_results,
        )


class PatientClient:
    """An MLflow client with time limits for single answers and for all of them."""

    def __init__(self, client: object, uri: str) -> None:
        """Take the client, and the address of its server."""
        self._client = client
        self._uri = uri
        self._end = time.monotonic() + READING_S

    def __getattr__(self, name: str) -> Any:
        """Return an attribute of the client; slow methods raise SlowServerError."""
        found = getattr(self._client, name)
        return partial(self._call, found) if callable(found) else found

    def _call(self, ask: Callable[..., T], *arguments: Any, **options: Any) -> T:
        left_s = max(0.0, self._end - time.monotonic())
        patience = Patience(uri=self._uri, quiet_s=QUIET_S, total_s=left_s)
        return result_within(patience, partial(ask, *arguments, **options))


def result_within(patience: Patience | None, read: Callable[[], T]) -> T:
    """Return the result of reading; SlowServerError if it takes too long."""
    found: list[T] = []
    work_within(patience, lambda: found.append(read()))
    return found[0]


def wait(
    thread: threading.Thread,
    n_steps: Callable[[], int],
    patience: Patience | None,
    poll: Callable[[], object] = lambda: None,
) -> bool:
    """Wait for a thread and return True; False if it did not end in time.

    ``n_steps`` returns its progress; ``poll`` is called repeatedly meanwhile.
    """
    began = last = time.monotonic()
    known = n_steps()
    while thread.is_alive():
        poll()
        thread.join(_POLL_S)
        now = time.monotonic()
        if n_steps() != known:
            known, last = n_steps(), now
        if patience and (now - last > patience.quiet_s or now - began > patience.total_s):
            return not thread.is_alive()
    poll()
    return True


def work_within(
    patience: Patience | None,
    work: Callable[[], object],
    n_steps: Callable[[], int] = lambda: 0,
    stop: Callable[[], object] = lambda: None,
) -> None:
    """Do the work, in a thread if there is a limit, and raise its exceptions.

    If it takes too long, it is told to stop, and SlowServerError is raised: the present request
    cannot be cancelled, but no further one is sent.
    """
    if patience is None:
        work()
        return
    errors: list[BaseException] = []

    def attempt() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - raised below
            errors.append(error)

    thread = threading.Thread(target=attempt, name="bench-delivery", daemon=True)
    thread.start()
    in_time = False
    try:
        in_time = wait(thread, n_steps, patience)
    finally:
        if not in_time:
            stop()
    if not in_time:
        raise SlowServerError(patience.reason, patience.uri)
    for error in errors:
        raise error
