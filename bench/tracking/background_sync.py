"""Background sync: a thread that uploads a campaign's results as they appear in its journal."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from bench.errors import BenchError
from bench.journal.journal import Journal
from bench.store.connectivity import NobodyListensError, check_server
from bench.store.experiment import ExperimentRequest
from bench.store.run_keys import RecordId
from bench.store.uri import resolve_uri
from bench.tracking.idempotent_writer import StoppedError
from bench.tracking.patience import Patience, wait

if TYPE_CHECKING:
    from bench.tracking.record_store import RecordStore
    from bench.tracking.run_metrics import MetricsBuilder
    from bench.tracking.sync import CampaignSync

_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 30.0
_LAST_PAUSES_S = (1.0, 3.0)
_LAST_PAUSES_OF_NOBODY_S = (0.3,)
"""The pauses if nothing listens at the address, where retrying has little chance."""
PATIENCE_S = 5.0
"""How long to wait for the current record when an upload is abandoned."""
HEAD_START_S = 1.0
"""Nothing of the store is loaded before this time, so that short campaigns are not slowed down."""


class BackgroundSync:
    """Follows the journal of a campaign; no campaign waits for it before `close`.

    If the store cannot be reached, it retries after 1 s, 2 s, 4 s and so on up to 30 s, and then
    continues where it stopped; it stores no results itself. `bench sync` can upload the rest later,
    exactly once.
    """

    def __init__(  # noqa: PLR0913 - two of them are only heard
        self,
        folder: Path,
        connect: Callable[[], RecordStore],
        metrics_builder: MetricsBuilder,
        *,
        on_failure: Callable[[str], None] = lambda _: None,
        on_recovery: Callable[[], None] = lambda: None,
        system_metrics: bool = False,
        head_start_s: float = 0.0,
    ) -> None:
        """Start the thread, which also connects (the import takes seconds).

        It begins after ``head_start_s``, or when the campaign has ended.

        The folder has plan and origin, and its journal is open for writing in this process.
        ``on_failure`` is called (in the thread) with the reason if the store cannot be reached,
        ``on_recovery`` when it can be again. ``system_metrics`` adds the store's own measurements
        of the whole machine to the records of settings and sweep.
        """
        self._folder = folder
        self._connect = connect
        self._metrics_builder = metrics_builder
        self._on_failure = on_failure
        self._on_recovery = on_recovery
        self._system_metrics = system_metrics
        self._head_start_s = head_start_s
        self._stop_watch: Callable[[], None] | None = None
        self._journal = Journal(folder)
        self._end = self._journal.size()
        self._n_results = self._journal.count()
        self._sync: CampaignSync | None = None
        self._attached = False
        self._begun = False
        self._done = False
        self._reason = ""
        self._is_refused = False
        self._news = threading.Event()
        self._closing = threading.Event()
        self._abandoned = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="bench-mlflow", daemon=True)
        self._thread.start()

    @property
    def folder(self) -> Path:
        """The folder of the campaign."""
        return self._folder

    @property
    def n_waiting(self) -> int:
        """The number of results that are not uploaded yet, plus one for the end of the campaign."""
        delivered = self._sync.n_delivered if self._sync else 0
        return 0 if self._done else self._n_results - delivered + 1

    @property
    def failures(self) -> tuple[str, ...]:
        """Why results are not uploaded, one line each; final after `close`."""
        refused = tuple(self._sync.refused.values()) if self._sync else ()
        return ((self._reason,) if self._reason else ()) + refused

    @property
    def place(self) -> str | None:
        """The place of the records, None if the store was never reached."""
        return self._sync.place if self._sync else None

    @property
    def record_ids(self) -> dict[str, RecordId]:
        """The records of the settings by their names, if they exist."""
        return self._sync.record_ids if self._sync else {}

    def notify(self) -> None:
        """Take note of a new result in the journal; never waits."""
        self._end = self._journal.size()
        self._n_results += 1
        self._news.set()

    def close(
        self, patience: Patience | None = None, progress: Callable[[int], None] = lambda _: None
    ) -> int:
        """Upload the rest, end the records, and return the number of missing results.

        If the store cannot be reached, it is tried twice more within some seconds and then given up
        (only once more, at once, if nothing listens at its address). A store that answers too
        slowly is given up too. ``progress`` is called with the number of waiting results whenever
        it changes.
        """
        self._closing.set()
        self._news.set()
        waiting = None

        def tell() -> None:
            nonlocal waiting
            if waiting != self.n_waiting:
                waiting = self.n_waiting
                progress(waiting)

        if not wait(self._thread, self._n_steps, patience, tell) and patience:
            self._stop()
            self._reason = patience.reason
        return self.n_waiting + len(self._sync.refused if self._sync else ())

    def abandon(self, patience_s: float = PATIENCE_S) -> int:
        """Upload only the current record; return the number of missing results.

        Wait this many seconds for the record, so that nothing writes to the store when the caller
        releases the journal's lock or ends this process.
        """
        self._stop()
        self._closing.set()
        self._news.set()
        self._thread.join(patience_s)
        return self.n_waiting

    def _stop(self) -> None:
        self._abandoned.set()
        if self._sync is not None:
            self._sync.stop()

    def _n_steps(self) -> int:
        return self._sync.n_steps if self._sync else 0

    def _serve(self) -> None:
        self._closing.wait(self._head_start_s)
        pause_s, n_last = _FIRST_PAUSE_S, 0
        while not (self._done or self._abandoned.is_set()):
            self._news.clear()
            if self._tried():
                pause_s, n_last = _FIRST_PAUSE_S, 0
                if not self._done:
                    self._news.wait()
            elif self._closing.is_set():
                last_pauses_s = _LAST_PAUSES_OF_NOBODY_S if self._is_refused else _LAST_PAUSES_S
                if n_last >= len(last_pauses_s):
                    break
                self._abandoned.wait(last_pauses_s[n_last])
                n_last += 1
            else:
                self._closing.wait(pause_s)
                pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
        self._unwatch()

    def _tried(self) -> bool:
        try:
            self._work(closing=self._closing.is_set())
        except StoppedError:
            return False
        except Exception as error:  # noqa: BLE001 - whatever it is, the campaign goes on
            self._attached = False
            if self._abandoned.is_set():
                return False
            reason = str(error) if isinstance(error, BenchError) else repr(error)
            first, self._reason = not self._reason, reason
            self._is_refused = isinstance(error, NobodyListensError)
            if first:
                self._on_failure(reason)
            return False
        if self._reason:
            self._reason = ""
            self._on_recovery()
        return True

    def _work(self, *, closing: bool) -> None:
        end = self._end
        if self._sync is None:
            from bench.tracking.sync import CampaignSync  # noqa: PLC0415 - behind the first task

            self._sync = CampaignSync(self._folder, self._metrics_builder)
        if not self._attached:
            self._attach(self._sync)
        self._sync.follow(end, self._check)
        if closing:
            self._unwatch()
            self._sync.finish(end)
            self._done = True

    def _check(self) -> None:
        if self._abandoned.is_set():
            raise StoppedError

    def _attach(self, sync: CampaignSync) -> None:
        store = self._connect()
        gc.freeze()  # else every full collection searches MLflow's million objects, for 200 ms
        sync.attach(store)
        if not self._begun:
            sync.begin()
            self._begun = True
        if self._system_metrics and self._stop_watch is None and sync.open_record_ids:
            self._stop_watch = store.watch_host(sync.open_record_ids)
        self._attached = True

    def _unwatch(self) -> None:
        if self._stop_watch is not None:
            self._stop_watch()
            self._stop_watch = None


def mlflow_connection(
    uri: str | None,
    experiment: ExperimentRequest | str | None,
    run_id: str | None = None,
    campaign_id: str | None = None,
) -> Callable[[], RecordStore]:
    """Return a function that connects to MLflow; it imports mlflow.

    It detects a server that does not answer before the import. ``run_id`` and ``campaign_id`` are
    those of `MlflowStore <bench.tracking.mlflow_store.MlflowStore>`.
    """

    def connect() -> RecordStore:
        check_server(resolve_uri(uri))
        from bench.tracking.mlflow_store import MlflowStore  # noqa: PLC0415 - takes seconds

        return MlflowStore(uri, experiment, run_id, campaign_id)

    return connect
