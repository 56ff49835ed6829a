"""The interface (port) between records of campaigns and a tracking store."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from bench.instances.instance_set import InstanceSet
from bench.store.experiment import KnownExperiment
from bench.store.run_keys import ExistingRun, RecordId, RunKey
from bench.tracking.records.record import Record
from bench.tracking.ui.overview import Overview


class RecordStore(Protocol):
    """Holds the records of campaigns: of sweeps, below them of settings, below these of tasks.

    Every method may raise TrackingError; it may succeed when called later, or on a new connection.
    RefusedError means that this record will not be accepted.
    """

    @property
    def place(self) -> str:
        """The address of the records; stores with different addresses have different records."""
        ...

    @property
    def experiment(self) -> KnownExperiment:
        """The experiment of the records, in a form that finds it again later."""
        ...

    @property
    def notice(self) -> str:
        """A message for the user about the place of the records, or empty."""
        ...

    def load_existing(self, campaign_id: str) -> dict[RunKey, ExistingRun]:
        """Return the existing records of a campaign, and delete partial ones."""
        ...

    def find(self, campaign_id: str, run_key: RunKey) -> ExistingRun | None:
        """Return the record of a token, and delete partial ones."""
        ...

    def remove_orphans(self, campaign_id: str, keep: Collection[RecordId]) -> None:
        """Delete the unfinished records of a campaign except for the given ones."""
        ...

    def close_abandoned(self) -> int:
        """End the unfinished records of dead processes; return their number."""
        ...

    def open_setting(self, record: Record, instances: InstanceSet | None = None) -> RecordId:
        """Begin the record of a setting or sweep and return its id."""
        ...

    def reopen(self, record_id: RecordId, record: Record) -> None:
        """Continue a record that an earlier process has begun."""
        ...

    def add_task(self, record: Record, parent_id: RecordId | None) -> RecordId:
        """Write the record of a task and return its id."""
        ...

    def revise(self, record_id: RecordId, record: Record) -> None:
        """Update the record of a task to another verdict."""
        ...

    def close_setting(self, record_id: RecordId, record: Record, status: str | None = None) -> None:
        """End the record of a setting or sweep, by default with the record's own status."""
        ...

    def show_views(self, overview: Overview) -> None:
        """Write the ready-made views for this overview; never fails."""
        ...

    def watch_host(self, record_ids: Sequence[RecordId]) -> Callable[[], None]:
        """Add measurements of the machine to records until the result is called."""
        ...
