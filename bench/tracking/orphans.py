"""Orphan runs: unfinished runs of earlier processes in an experiment, found and repaired."""

from __future__ import annotations

import gc
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol

from bench.store.run_keys import (
    CAMPAIGN,
    KEY,
    KIND,
    RESULTS,
    ExistingRun,
    RecordId,
    RunKey,
    former_name,
    having,
    run_key_of,
    tag_of,
)
from bench.tracking.writer_process import WRITER, host, is_dead

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

_PAGE = 200
_RUNNING = "attributes.status = 'RUNNING'"
_PARENT = "mlflow.parentRunId"


class Client(Protocol):
    """The methods of MLflow's client that are used."""

    def search_runs(self, *args: Any, **options: Any) -> Any:
        """Return a page of runs."""

    def delete_run(self, *args: Any, **options: Any) -> Any:
        """Mark a run as deleted."""

    def set_terminated(self, *args: Any, **options: Any) -> Any:
        """End a run."""


class OrphanRuns:
    """The runs of one experiment. Errors of MLflow are passed on."""

    def __init__(self, client: Client, experiment_id: str) -> None:
        """Look at nothing yet."""
        self._client = client
        self._experiment_id = experiment_id

    def load_existing(self, campaign_id: str) -> dict[RunKey, ExistingRun]:
        """Return the existing records of a campaign, each token once, and delete the rest of it."""
        runs: dict[RunKey, list[ExistingRun]] = {}
        gc.disable()  # a page has so many objects that collecting them took two thirds of the time
        try:
            for run_key, found in self._found(having(CAMPAIGN, campaign_id)):
                runs.setdefault(run_key, []).append(found)
        finally:
            gc.enable()
        return self._delete_surplus(runs)

    def find(self, campaign_id: str, run_key: RunKey) -> ExistingRun | None:
        """Return the run of a token, and delete other runs with it."""
        filters = list(having(CAMPAIGN, campaign_id))
        if run_key.kind == "task":
            filters = [
                " and ".join(one) for one in zip(filters, having(KEY, run_key.name), strict=True)
            ]
        of_kind = [f"{each} and tags.`{KIND}` = '{run_key.kind}'" for each in filters]
        same = [found for each, found in self._found(of_kind) if each == run_key]
        return self._delete_surplus({run_key: same}).get(run_key)

    def remove_orphans(self, campaign_id: str, keep: Collection[RecordId]) -> None:
        """Delete the running runs of a campaign except for the given ones."""
        running = [f"{each} and {_RUNNING}" for each in having(CAMPAIGN, campaign_id)]
        for _, found in list(self._found(running)):
            if found.record_id not in keep:
                self._client.delete_run(found.record_id)

    def close_abandoned(self) -> int:
        """End as KILLED the running runs of dead processes on this host; return their number."""
        n_closed = 0
        wanted = [
            f"{_RUNNING} and tags.`{name}` LIKE '{host()} %'"
            for name in (WRITER, former_name(WRITER))
        ]
        for run in self._search(wanted):
            if is_dead(tag_of(run.data.tags, WRITER)):
                with suppress(Exception):
                    self._client.set_terminated(run.info.run_id, "KILLED")
                    n_closed += 1
        return n_closed

    def _delete_surplus(
        self, runs: Mapping[RunKey, Sequence[ExistingRun]]
    ) -> dict[RunKey, ExistingRun]:
        kept, surplus = select_surplus(runs)
        for found in surplus:
            self._client.delete_run(found.record_id)
        return kept

    def _found(self, filters: Sequence[str]) -> Iterator[tuple[RunKey, ExistingRun]]:
        for run in self._search(filters):
            tags = run.data.tags
            run_key = run_key_of(tags)
            if run_key is not None:
                yield (
                    run_key,
                    ExistingRun(
                        record_id=RecordId(run.info.run_id),
                        status=run.info.status,
                        results=tag_of(tags, RESULTS),
                        parent_id=tags.get(_PARENT, ""),
                    ),
                )

    def _search(self, filters: Sequence[str]) -> Iterator[Any]:
        """Yield the runs that match at least one of the filters, each once."""
        known: set[str] = set()
        for wanted in filters:
            page: str | None = ""
            while page is not None:
                runs = self._client.search_runs(
                    [self._experiment_id], wanted, max_results=_PAGE, page_token=page or None
                )
                yield from (run for run in runs if run.info.run_id not in known)
                known |= {run.info.run_id for run in runs}
                page = runs.token


def select_surplus(
    runs: Mapping[RunKey, Sequence[ExistingRun]],
) -> tuple[dict[RunKey, ExistingRun], list[ExistingRun]]:
    """Return one run of each token, and the runs to delete.

    A task's run is kept only if it was written completely; of a setting's or sweep's runs, the one
    with the most task runs below it is kept.
    """
    beneath = Counter(found.parent_id for same in runs.values() for found in same)
    kept: dict[RunKey, ExistingRun] = {}
    surplus: list[ExistingRun] = []
    for run_key, same in runs.items():
        usable = [found for found in same if run_key.kind != "task" or found.terminated]
        if usable:
            kept[run_key] = max(usable, key=lambda found: beneath[found.record_id])
        surplus += [found for found in same if found is not kept.get(run_key)]
    return kept, surplus
