"""The writer: one thread that brings records to MLflow, so that no campaign waits for it."""

from __future__ import annotations

import math
import queue
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from bench.errors import TrackingError

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.tracking.instance_set import InstanceSet
    from bench.tracking.record import Record

_PAUSES_S = (1.0, 3.0)
_POLL_S = 0.1


class RunStore(Protocol):
    """What the writer needs of a store; see `bench.tracking.mlflow_store.MlflowStore`."""

    def open_setting(self, record: Record) -> str:
        """Begin the run of a setting and return its id."""
        ...

    def add_task(self, record: Record, parent_id: str | None) -> str:
        """Write the run of a task and return its id."""
        ...

    def close_setting(self, run_id: str, record: Record, status: str | None = None) -> None:
        """End the run of a setting."""
        ...

    def log_dataset(self, run_id: str, instances: InstanceSet) -> None:
        """Show an instance set as the dataset of a run."""
        ...


@dataclass(slots=True)
class SettingRun:
    """The run of a setting; ``run_id`` is None until the writer has come to open it."""

    record: Record
    run_id: str | None = None


class Writer:
    """Does jobs in order, in a thread of its own that also connects (the import takes seconds).

    A job that fails is tried three times with pauses, then given up and named in `failures`; the
    next ones are tried all the same. What is given up here is still in the journal.
    """

    def __init__(
        self,
        connect: Callable[[], RunStore],
        on_failure: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Start the thread; ``on_failure`` hears (in it) the reason of the first failure only."""
        self._connect = connect
        self._on_failure = on_failure
        self._store: RunStore | None = None
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._n_put = 0
        self._n_finished = 0
        self._failures: list[str] = []
        self._heard = False
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="bench-mlflow", daemon=True)
        self._thread.start()

    @property
    def failures(self) -> tuple[str, ...]:
        """What was given up so far, each with its reason, in one line."""
        return tuple(self._failures)

    @property
    def n_waiting(self) -> int:
        """How many jobs are not finished yet."""
        return self._n_put - self._n_finished

    def open_setting(self, record: Record, instances: InstanceSet | None = None) -> SettingRun:
        """Ask for the run of a setting; it is tried again with its tasks if it cannot be opened."""
        run = SettingRun(record)
        self._put(record.name, lambda store: _opened(store, run))
        if instances is not None:
            self._put(
                f"instance set {instances.name}",
                lambda store: store.log_dataset(_opened(store, run), instances),
            )
        return run

    def add_task(self, record: Record, parent: SettingRun | None = None) -> None:
        """Ask for the run of a task, below its setting's run if given."""
        self._put(
            record.name,
            lambda store: store.add_task(record, _opened(store, parent) if parent else None),
        )

    def close_setting(self, run: SettingRun, record: Record, status: str | None = None) -> None:
        """Ask for the end of a setting's run."""
        self._put(
            record.name, lambda store: store.close_setting(_opened(store, run), record, status)
        )

    def close(
        self, timeout_s: float | None = None, progress: Callable[[int], None] = lambda _: None
    ) -> int:
        """Finish what was asked for and return how many jobs were not, for failure or timeout.

        ``progress`` hears of the number still waiting whenever it changes. From here on a job
        is tried once only. Nothing may be asked for afterwards.
        """
        deadline = math.inf if timeout_s is None else time.monotonic() + timeout_s
        self._closing.set()
        self._jobs.put(None)
        waiting = None
        while self._thread.is_alive() and time.monotonic() < deadline:
            if waiting != self.n_waiting:
                waiting = self.n_waiting
                progress(waiting)
            self._thread.join(_POLL_S)
        if waiting != self.n_waiting:
            progress(self.n_waiting)
        return len(self._failures) + self.n_waiting

    def _put(self, name: str, work: Callable[[RunStore], object]) -> None:
        self._n_put += 1
        self._jobs.put(_Job(name, work))

    def _serve(self) -> None:
        self._attempt(lambda _: None)
        while (job := self._jobs.get()) is not None:
            reason = self._try(job)
            if reason is not None:
                self._failures.append(f"{job.name}: {reason}")
            self._n_finished += 1

    def _try(self, job: _Job) -> str | None:
        reason = self._attempt(job.work)
        for pause_s in _PAUSES_S:
            if reason is None or self._closing.wait(pause_s):
                break
            reason = self._attempt(job.work)
        return reason

    def _attempt(self, work: Callable[[RunStore], object]) -> str | None:
        try:
            if self._store is None:
                self._store = self._connect()
            work(self._store)
        except Exception as error:  # noqa: BLE001 - whatever it is, the campaign goes on
            reason = str(error) if isinstance(error, TrackingError) else repr(error)
            if not self._heard:
                self._heard = True
                self._on_failure(reason)
            return reason
        return None


@dataclass(frozen=True, slots=True)
class _Job:
    name: str
    work: Callable[[RunStore], object]


def mlflow_connection(
    uri: str | None, experiment: str | None, run_id: str | None = None
) -> Callable[[], RunStore]:
    """Return what connects a `Writer` to MLflow; mlflow is imported when it is called."""

    def connect() -> RunStore:
        from bench.tracking.mlflow_store import MlflowStore  # noqa: PLC0415 - takes seconds

        return MlflowStore(uri, experiment, run_id)

    return connect


def _opened(store: RunStore, run: SettingRun) -> str:
    if run.run_id is None:
        run.run_id = store.open_setting(run.record)
    return run.run_id
