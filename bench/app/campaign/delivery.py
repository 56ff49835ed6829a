"""The one way from a campaign's folder to MLflow: while it goes on, and afterwards."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TypeVar

from bench.app.campaign.target import Target
from bench.journal import delivered, manifest
from bench.journal.campaign import SWEEP
from bench.journal.journal import Journal
from bench.journal.origin import forget_run, read, remember_experiment
from bench.report.listener import Listener
from bench.report.sweep_report import ReportBuilder
from bench.store.experiment import NOTHING_ASKED, ExperimentRequest
from bench.store.sqlite_file import SqliteFile
from bench.store.uri import resolve_uri, without_credentials
from bench.tracking.background_sync import HEAD_START_S, BackgroundSync, mlflow_connection
from bench.tracking.patience import Patience, work_within
from bench.tracking.record_store import RecordStore
from bench.tracking.sync import CampaignSync

T = TypeVar("T")

STEP = "MLflow"
Connect = Callable[[Target, str | None], RecordStore]
"""Connects to a store, for a campaign of this id if a run of the target may be its own."""


def connect_to_mlflow(where: Target, campaign_id: str | None = None) -> RecordStore:
    """Return a connection to MLflow; TrackingError where it does not answer."""
    return mlflow_connection(where.uri, where.experiment, where.run_id, campaign_id)()


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What came of a delivery: ``n_new`` results are new in the store, ``n_already`` were there.

    ``refused`` says why others are not there, a line each.
    """

    name: str
    folder: Path
    where: Target
    n_new: int
    n_already: int
    refused: tuple[str, ...]
    experiment_id: str | None


def delivering(folder: Path) -> str:
    """Return the command that delivers what MLflow has not got of a campaign."""
    return f"bench sync {shlex.quote(str(folder))}"


@contextmanager
def shown_before(show: Callable[[T], object], what: T) -> Iterator[None]:
    """Show something before the body records it; what ``show`` raises is raised after the body.

    A table that cannot be printed, e.g. because its reader has gone, is no reason not to record.
    """
    error: Exception | None = None
    try:
        show(what)
    except Exception as raised:  # noqa: BLE001 - raised below
        error = raised
    yield
    if error is not None:
        raise error


@contextmanager
def live_delivery(
    folder: Path, where: Target, listener: Listener, *, system_metrics: bool = False
) -> Iterator[BackgroundSync]:
    """Deliver the results of a campaign that goes on, in a thread behind its journal.

    The caller holds the journal's lock and ends with `finish_live`. An exception abandons what is
    left, so that nobody delivers without the lock.
    """
    background_sync = BackgroundSync(
        folder,
        _connection(folder, where, connect_to_mlflow, listener),
        ReportBuilder(folder),
        on_failure=lambda reason: listener.message(
            f"Warning: not recorded in MLflow: {reason}; the journal has it all"
        ),
        on_recovery=lambda: listener.message(
            "MLflow answers again; what it missed is delivered now"
        ),
        system_metrics=system_metrics,
        head_start_s=HEAD_START_S,
    )
    try:
        yield background_sync
    except BaseException:
        background_sync.abandon()
        raise


def finish_live(background_sync: BackgroundSync, where: Target, listener: Listener) -> int:
    """Wait until the rest is delivered or the store is given up; return how many are missing."""
    listener.step_started(STEP, None, "run")
    try:
        n_missing = background_sync.close(
            Patience.with_server(where.uri, background_sync.n_waiting),
            lambda n: listener.step_advanced(0, f"{n} waiting"),
        )
    finally:
        listener.step_ended()
    if not n_missing:
        delivered.remember(background_sync.folder, where.uri, time.time())
    return n_missing


def deliver(folder: Path, where: Target, connect: Connect, listener: Listener) -> Delivered:
    """Deliver what the journal of a campaign has; the caller holds the journal's lock.

    Raise TrackingError where the store cannot be reached, or answers too slowly: called again, it
    goes on from there.
    """
    sync = CampaignSync(folder, ReportBuilder(folder))
    campaign, journal = sync.campaign, Journal(folder)
    name = campaign.name if campaign.kind == SWEEP else folder.name
    n_results, connected = journal.count(), _connection(folder, where, connect, listener)

    def work() -> None:
        sync.attach(connected())
        sync.follow(journal.size(), lambda: listener.step_advanced(1))
        sync.finish(journal.size())

    listener.step_started(name, n_results, "result")
    patience = Patience.with_server(where.uri, n_results)
    try:
        work_within(patience, work, lambda: sync.n_steps, sync.stop)
    finally:
        listener.step_ended()
    if not sync.refused:
        delivered.remember(folder, where.uri, time.time())
    return Delivered(
        name=name,
        folder=folder,
        where=where,
        n_new=sync.n_new,
        n_already=sync.n_already,
        refused=tuple(sync.refused.values()),
        experiment_id=sync.place,
    )


def deliver_recorded(
    folder: Path,
    uri: str | None,
    experiment: ExperimentRequest | None,
    connect: Connect,
    listener: Listener,
) -> Delivered | None:
    """Deliver a campaign where it was meant to go, unless store or experiment are given.

    Return None where a process is at work on it, which delivers by itself.
    """
    journal = Journal(folder)
    if journal.writer() is not None:
        return None
    meant = read(folder)
    where = resolve_uri(uri or (meant.tracking_uri if meant else None))
    if meant is None or experiment is not None:
        target = Target(where, experiment or NOTHING_ASKED)
    elif meant.tracking_uri == without_credentials(where):
        target = Target(where, meant.experiment_request, meant.run_id)
    else:
        target = Target(where, ExperimentRequest(name=meant.experiment))
    with journal:
        return deliver(folder, target, connect, listener)


def _connection(
    folder: Path, where: Target, connect: Connect, listener: Listener
) -> Callable[[], RecordStore]:
    """Return what connects to the store of a campaign, and keeps which experiment that was.

    An experiment that the campaign has used before is found again by its id. The listener is told
    of a run that is not the campaign's to write, and it is not asked for again. A SQLite database
    that was deleted or replaced meanwhile is not made anew: it may be on a disk that has gone.
    """
    told: set[str] = set()
    file = SqliteFile(where.uri)

    @cache
    def target() -> tuple[Target, str | None, bool]:
        meant, plan = read(folder), manifest.read(folder)
        campaign_id = plan.campaign_id if plan and where.run_id else None
        if meant is not None and meant.is_meant_for(where.uri, where.experiment):
            return replace(where, experiment=meant.experiment_request), campaign_id, True
        return where, campaign_id, False

    def connected() -> RecordStore:
        file.check()
        found, campaign_id, is_meant = target()
        store = connect(found, campaign_id)
        file.remember()
        if store.notice not in {"", *told}:
            told.add(store.notice)
            listener.message(f"Warning: {store.notice}")
            forget_run(folder, where.run_id)
        if is_meant:
            remember_experiment(folder, store.experiment)
        return store

    return connected
