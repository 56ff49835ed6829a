"""Write the records of one campaign to a store, each exactly once despite failures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.store.run_keys import RESULTS, ExistingRun, RecordId, RunKey

if TYPE_CHECKING:
    from bench.instances.instance_set import InstanceSet
    from bench.tracking.record_store import RecordStore
    from bench.tracking.records.record import Record


class StoppedError(Exception):
    """Nothing more may be written."""


class IdempotentWriter:
    """The known records of a campaign, and methods to write them; ``n_written`` counts them.

    A write that failed may have been carried out: its token is looked up before the write is
    repeated. The caller makes sure that no other process writes records of this campaign.
    """

    def __init__(self, campaign_id: str) -> None:
        """Start without knowledge; `attach` comes first."""
        self._campaign_id = campaign_id
        self._place: str | None = None
        self._existing: dict[RunKey, ExistingRun] = {}
        self._open: dict[RunKey, RecordId] = {}
        self._unconfirmed: set[RunKey] = set()
        self._was_unconfirmed = False
        self._stopped = False
        self.n_written = 0

    def stop(self) -> None:
        """Write only the current record: every later attempt raises StoppedError."""
        self._stopped = True

    def attach(self, store: RecordStore) -> bool:
        """Write to this store from now on; return whether it is another place than before.

        In that case, one search finds the existing records and ends those of dead processes.
        """
        self._check()
        self._store = store
        if self._place == store.place:
            return False
        self._existing = store.load_existing(self._campaign_id)
        store.close_abandoned()
        self._open.clear()
        self._place = store.place
        return True

    @property
    def place(self) -> str | None:
        """The place of the records, None before `attach`."""
        return self._place

    @property
    def open_record_ids(self) -> tuple[RecordId, ...]:
        """The records of settings and the sweep that this process has opened and not closed."""
        return tuple(self._open.values())

    def open_record_id(self, run_key: RunKey) -> RecordId | None:
        """Return the record of a setting or sweep if this process has opened it."""
        return self._open.get(run_key)

    def record_id(self, run_key: RunKey) -> RecordId | None:
        """Return the record of a token, None if it does not exist."""
        found = self._existing.get(run_key)
        return found.record_id if found else None

    def has(self, run_key: RunKey, results: str | None = None, status: str | None = None) -> bool:
        """Return whether a record exists and is finished, with these results and status."""
        found = self._existing.get(run_key)
        if found is None or found.status == "RUNNING":
            return False
        return results in {None, found.results} and status in {None, found.status}

    def open(self, run_key: RunKey, record: Record, instances: InstanceSet | None) -> RecordId:
        """Return the record of a setting or sweep, which is being written now."""
        if run_key in self._open:
            return self._open[run_key]
        self._check()
        found = self._existing.get(run_key) or self._look_up(run_key)
        self._mark_unconfirmed(run_key)
        if found:
            record_id = found.record_id
            self._store.reopen(record_id, record)
        else:
            record_id = self._store.open_setting(record, instances)
        self._unconfirmed.discard(run_key)
        self.n_written += 1
        self._open[run_key] = record_id
        self._existing[run_key] = ExistingRun(record_id=record_id, status="RUNNING")
        return record_id

    def add_task(self, run_key: RunKey, record: Record, parent_id: RecordId) -> None:
        """Write the record of a task that does not exist yet."""
        self._check()
        found = self._look_up(run_key)
        if found is None:
            self._mark_unconfirmed(run_key)
            record_id = self._store.add_task(record, parent_id)
            found = _written(record_id, record)
        self._unconfirmed.discard(run_key)
        self.n_written += 1
        self._existing[run_key] = found

    def revise(self, run_key: RunKey, record: Record) -> None:
        """Update the existing record of a task to another verdict."""
        self._check()
        record_id = self._existing[run_key].record_id
        self._store.revise(record_id, record)
        self.n_written += 1
        self._existing[run_key] = _written(record_id, record)

    def close(self, run_key: RunKey, record: Record, status: str) -> None:
        """End the record of a setting or sweep that was opened before."""
        self._check()
        record_id = self._open[run_key]
        self._store.close_setting(record_id, record, status)
        self.n_written += 1
        del self._open[run_key]
        results = record.tags.get(RESULTS, "")
        self._existing[run_key] = ExistingRun(record_id=record_id, status=status, results=results)

    def delete_orphans(self) -> None:
        """Delete records that a request created after it was given up, if there are any."""
        self._check()
        if self._was_unconfirmed:
            self._store.remove_orphans(self._campaign_id, self.open_record_ids)

    def _check(self) -> None:
        if self._stopped:
            raise StoppedError

    def _mark_unconfirmed(self, run_key: RunKey) -> None:
        self._unconfirmed.add(run_key)

    def _look_up(self, run_key: RunKey) -> ExistingRun | None:
        if run_key not in self._unconfirmed:
            return None
        self._was_unconfirmed = True
        return self._store.find(self._campaign_id, run_key)


def _written(record_id: RecordId, record: Record) -> ExistingRun:
    results = record.tags.get(RESULTS, "")
    return ExistingRun(record_id=record_id, status=record.status, results=results)
