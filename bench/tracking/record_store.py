"""The port through which records of campaigns get into a tracking store."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from bench.instances.instance_set import InstanceSet
from bench.store.experiment import KnownExperiment
from bench.store.run_keys import ExistingRun, RecordId, RunKey
from bench.tracking.records.record import Record
from bench.tracking.ui.overview import Overview


class RecordStore(Protocol):
    """Holds the records of campaigns: of sweeps, beneath them of settings, beneath these of tasks.

    Every method may raise TrackingError: called again later, or on a new connection, it may
    succeed. RefusedError means that this record will not be accepted.
    """

    @property
    def place(self) -> str:
        """Where records go; in another place there are other records."""
        ...

    @property
    def experiment(self) -> KnownExperiment:
        """The experiment that records go to, as it is found again later."""
        ...

    @property
    def notice(self) -> str:
        """What the user should know of where records go, or empty."""
        ...

    def load_existing(self, campaign_id: str) -> dict[RunKey, ExistingRun]:
        """Return what there is of a campaign, and delete what is half written."""
        ...

    def find(self, campaign_id: str, run_key: RunKey) -> ExistingRun | None:
        """Return the record of a token, and delete what is half written of it."""
        ...

    def remove_orphans(self, campaign_id: str, keep: Collection[RecordId]) -> None:
        """Delete the unfinished records of a campaign but for those named."""
        ...

    def close_abandoned(self) -> int:
        """End what dead processes have left unfinished; return how many that were."""
        ...

    def open_setting(self, record: Record, instances: InstanceSet | None = None) -> RecordId:
        """Begin the record of a setting or sweep and return its id."""
        ...

    def reopen(self, record_id: RecordId, record: Record) -> None:
        """Go on with such a record, which an earlier process has begun."""
        ...

    def add_task(self, record: Record, parent_id: RecordId | None) -> RecordId:
        """Write the record of a task and return its id."""
        ...

    def revise(self, record_id: RecordId, record: Record) -> None:
        """Bring the record of a task up to another verdict."""
        ...

    def close_setting(self, record_id: RecordId, record: Record, status: str | None = None) -> None:
        """End the record of a setting or sweep, with the record's own status if not given."""
        ...

    def show_views(self, overview: Overview) -> None:
        """Offer ready-made views of the records that show this; never fails."""
        ...

    def watch_host(self, record_ids: Sequence[RecordId]) -> Callable[[], None]:
        """Add measures of the machine to records until the result is called."""
        ...
