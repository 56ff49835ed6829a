"""The only way from a campaign's folder to MLflow: during the campaign, and afterwards."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

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

if TYPE_CHECKING:
    from bench.tracking.record_store import RecordStore

T = TypeVar("T")

STEP = "MLflow"
Connect = Callable[[Target, str | None], "RecordStore"]
"""Connects to a store, for a campaign of this id if a run of the target may be its own."""


def connect_to_mlflow(where: Target, campaign_id: str | None = None) -> RecordStore:
    """Return a connection to MLflow; TrackingError if it does not answer."""
    return mlflow_connection(where.uri, where.experiment, where.run_id, campaign_id)()


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """The outcome of an upload: ``n_new`` results are new in the store, ``n_already`` were there.

    ``refused`` are the reasons why others are not there, one line each.
    """

    name: str
    folder: Path
    where: Target
    n_new: int
    n_already: int
    refused: tuple[str, ...]
    experiment_id: str | None


def delivering(folder: Path) -> str:
    """Return the command that uploads the results of a campaign that MLflow does not have yet."""
    return f"bench sync {shlex.quote(str(folder))}"


@contextmanager
def shown_before(show: Callable[[T], object], what: T) -> Iterator[None]:
    """Call ``show`` before the body records something; its exception is raised after the body.

    If a table cannot be printed, e.g. because the pipe is closed, results are still recorded.
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
    """Upload the results of a running campaign, in a thread that follows its journal.

    The caller holds the journal's lock and ends with `finish_live`. An exception abandons the
    remaining results, so that nothing is uploaded without the lock.
    """
    background_sync = BackgroundSync(
        folder,
        _connection(folder, where, connect_to_mlflow, listener),
        ReportBuilder(folder),
        on_failure=lambda reason: listener.message(
            f"Warning: not recorded in MLflow: {reason}; the journal keeps all results"
        ),
        on_recovery=lambda: listener.message(
            "MLflow answers again; the missing results are uploaded now"
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
    """Wait until the rest is uploaded or the store is given up; return the number of missing."""
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
    """Upload the results in the journal of a campaign; the caller holds the journal's lock.

    Raise TrackingError if the store cannot be reached or answers too slowly; another call continues
    from there.
    """
    from bench.tracking.sync import CampaignSync  # noqa: PLC0415 - not for what is delivered live

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
    """Upload a campaign to its recorded store and experiment, unless others are given.

    Return None if another process is working on it; that process uploads the results itself.
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
    """Return a function that connects to the store of a campaign and stores its experiment.

    An experiment that the campaign has used before is found by its id. The listener is told about a
    run that belongs to someone else, and that run is not tried again. A SQLite database that was
    deleted or replaced in the meantime is not created again, because it may be on a disk that was
    removed.
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
