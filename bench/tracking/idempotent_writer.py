"""Once: the runs of one campaign in a store, each written exactly once whatever fails."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from bench.instances.instance_set import InstanceSet
from bench.store.run_keys import RESULTS, Found, Token
from bench.tracking.records.record import Record
from bench.tracking.ui.view_tags import Choices


class RunStore(Protocol):
    """What a delivery needs of a store; see `bench.tracking.mlflow_store.MlflowStore`."""

    experiment_id: str

    def take_over(self, campaign_id: str) -> dict[Token, Found]:
        """Return what there is of a campaign, and delete what is half written."""
        ...

    def find(self, campaign_id: str, token: Token) -> Found | None:
        """Return the run of a token, and delete what is half written of it."""
        ...

    def remove_orphans(self, campaign_id: str, keep: Collection[str]) -> None:
        """Delete the running runs of a campaign but for those named."""
        ...

    def close_abandoned(self) -> int:
        """End what dead processes have left running."""
        ...

    def open_setting(self, record: Record, instances: InstanceSet | None = None) -> str:
        """Begin the run of a setting or sweep and return its id."""
        ...

    def reopen(self, run_id: str, record: Record) -> None:
        """Set such a run running again."""
        ...

    def add_task(self, record: Record, parent_id: str | None) -> str:
        """Write the run of a task and return its id."""
        ...

    def revise(self, run_id: str, record: Record) -> None:
        """Bring the run of a task up to another verdict."""
        ...

    def close_setting(self, run_id: str, record: Record, status: str | None = None) -> None:
        """End the run of a setting or sweep."""
        ...

    def show_views(self, choices: Choices) -> None:
        """Offer ready-made views of the experiment, for these choices; never fails."""
        ...

    def watch_host(self, run_ids: Sequence[str]) -> Callable[[], None]:
        """Log metrics of the machine to runs until the result is called."""
        ...


class Once:
    """What is known of a campaign's runs, and the way to write them.

    A write that failed may have been carried out all the same: its token is looked up before it
    is repeated. The caller sees to it that nobody else writes runs of this campaign.
    """

    def __init__(self, campaign_id: str) -> None:
        """Know nothing yet; `attach` comes first."""
        self._campaign_id = campaign_id
        self._place: str | None = None
        self._there: dict[Token, Found] = {}
        self._open: dict[Token, str] = {}
        self._doubted: set[Token] = set()
        self._ever_doubted = False

    def attach(self, store: RunStore) -> bool:
        """Write to this store from now on; return whether it is another place than before.

        Then one search finds out what is there, and what dead processes have left is ended.
        """
        self._store = store
        if self._place == store.experiment_id:
            return False
        self._there = store.take_over(self._campaign_id)
        store.close_abandoned()
        self._open.clear()
        self._place = store.experiment_id
        return True

    @property
    def experiment_id(self) -> str | None:
        """The experiment that is written to, None before `attach`."""
        return self._place

    @property
    def open_run_ids(self) -> tuple[str, ...]:
        """The runs of settings and the sweep that this process has opened and not closed."""
        return tuple(self._open.values())

    def open_run_id(self, token: Token) -> str | None:
        """Return the run of a setting or sweep if this process has opened it."""
        return self._open.get(token)

    def run_id(self, token: Token) -> str | None:
        """Return the run of a token, None if it is not there."""
        found = self._there.get(token)
        return found.run_id if found else None

    def has(self, token: Token, results: str | None = None) -> bool:
        """Whether a run is there to its end, and if they are given with just these results."""
        found = self._there.get(token)
        if found is None or found.status == "RUNNING":
            return False
        return results is None or found.results == results

    def open(self, token: Token, record: Record, instances: InstanceSet | None) -> str:
        """Return the run of a setting or sweep, which is running now."""
        if token in self._open:
            return self._open[token]
        found = self._there.get(token) or self._look_up(token)
        self._doubt(token)
        if found:
            run_id = found.run_id
            self._store.reopen(run_id, record)
        else:
            run_id = self._store.open_setting(record, instances)
        self._doubted.discard(token)
        self._open[token] = run_id
        self._there[token] = Found(run_id=run_id, status="RUNNING")
        return run_id

    def add_task(self, token: Token, record: Record, parent_id: str) -> None:
        """Write the run of a task that is not there yet."""
        found = self._look_up(token)
        if found is None:
            self._doubt(token)
            run_id = self._store.add_task(record, parent_id)
            found = _written(run_id, record)
        self._doubted.discard(token)
        self._there[token] = found

    def revise(self, token: Token, record: Record) -> None:
        """Bring the run of a task that is there up to another verdict."""
        run_id = self._there[token].run_id
        self._store.revise(run_id, record)
        self._there[token] = _written(run_id, record)

    def close(self, token: Token, record: Record, status: str) -> None:
        """End the run of a setting or sweep that was opened before."""
        run_id = self._open[token]
        self._store.close_setting(run_id, record, status)
        del self._open[token]
        results = record.tags.get(RESULTS, "")
        self._there[token] = Found(run_id=run_id, status=status, results=results)

    def tidy(self) -> None:
        """Delete what a request that was given up has made later on, if there was any."""
        if self._ever_doubted:
            self._store.remove_orphans(self._campaign_id, self.open_run_ids)

    def _doubt(self, token: Token) -> None:
        self._doubted.add(token)

    def _look_up(self, token: Token) -> Found | None:
        if token not in self._doubted:
            return None
        self._ever_doubted = True
        return self._store.find(self._campaign_id, token)


def _written(run_id: str, record: Record) -> Found:
    results = record.tags.get(RESULTS, "")
    return Found(run_id=run_id, status=record.status, results=results)
