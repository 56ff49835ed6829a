"""``bench sync``: what MLflow has not got yet, from the journals."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import click
from tqdm import tqdm

from bench.app.target import Target
from bench.cli.shared.options import complain, json_option, tracking_options, work_dir_option
from bench.errors import BenchError, TrackingError, UsageError
from bench.journal.campaign import SWEEP
from bench.journal.journal import JOURNAL, Journal
from bench.journal.origin import Origin, read
from bench.report.sweep_report import Reporting
from bench.store.failure import RefusedError
from bench.store.uri import mask, resolve_uri, without_credentials
from bench.tracking.courier import mlflow_connection
from bench.tracking.record_store import RecordStore
from bench.tracking.sync import Delivery

Connect = Callable[[str, str | None, str | None], RecordStore]


@click.command("sync", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("words", nargs=-1, metavar="[SWEEP]...")
@tracking_options
@work_dir_option
@json_option
def command(
    words: tuple[str, ...],
    tracking_uri: str | None,
    experiment_name: str | None,
    work_dir: Path,
    as_json: bool,
) -> None:
    """Bring results from the journal to MLflow, each exactly once.

    SWEEP is the name of a sweep or its folder.  [default: all below --work-dir] Without
    --tracking-uri and --experiment-name results go where they were meant to go.
    """
    os.environ.pop("MLFLOW_RUN_ID", None)
    connect: Connect = cache(lambda *where: mlflow_connection(*where)())
    done: list[dict[str, Any]] = []
    problems: list[str] = []
    places: list[str] = []
    for folder in journals(work_dir, words):
        try:
            found = delivered(folder, tracking_uri, experiment_name, connect)
        except TrackingError as error:
            problems.append(str(error))
            continue
        if found is None:
            complain([f"{folder.name}: going on; what it has is delivered by itself"])
            continue
        done.append(found)
        places.append(found.pop("where_to_look"))
        problems += [f"{folder.name}: {reason}" for reason in found["refused"]]
        if not as_json:
            click.echo(
                f"{found['name']}: {found['new']} delivered, {found['already']} there already"
            )
    if as_json:
        click.echo(json.dumps(done, indent=2))
    complain(dict.fromkeys(places))
    if problems:
        others = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise BenchError(f"{problems[0]}{others}; nothing is lost, repeat bench sync")


def journals(work_dir: Path, words: Sequence[str]) -> list[Path]:
    """Return the folders with results: those named, else all below the work folder."""
    if not words:
        found = sorted(path.parent for path in work_dir.glob(f"*/{JOURNAL}"))
        if not found:
            raise UsageError(f"{work_dir}: no results here; see --work-dir")
        return found
    folders = []
    for word in words:
        candidates = (work_dir / word, Path(word))
        folder = next((one for one in candidates if (one / JOURNAL).is_file()), None)
        if folder is None:
            raise UsageError(f"{word}: no sweep of this name in {work_dir}, and no folder of one")
        folders.append(folder)
    return folders


def delivered(
    folder: Path, uri: str | None, experiment: str | None, connect: Connect
) -> dict[str, Any] | None:
    """Deliver one campaign and return what came of it; None if a process is at work on it."""
    journal = Journal(folder)
    if journal.writer() is not None:
        return None
    meant = read(folder)
    where = resolve_uri(uri or (meant.tracking_uri if meant else None))
    with journal:
        delivery = Delivery(folder, Reporting(folder))
        delivery.attach(_store(where, experiment, meant, connect))
        campaign = delivery.campaign
        name = campaign.name if campaign.kind == SWEEP else folder.name
        with tqdm(desc=name, total=journal.count(), file=sys.stderr, disable=None) as bar:
            delivery.follow(journal.size(), bar.update)
            delivery.finish(journal.size())
    return {
        "name": name,
        "folder": str(folder),
        "tracking_uri": mask(where),
        "where_to_look": Target(where, experiment).where_to_look(delivery.place),
        "new": delivery.n_new,
        "already": delivery.n_already,
        "refused": list(delivery.refused.values()),
    }


def _store(
    where: str, experiment: str | None, meant: Origin | None, connect: Connect
) -> RecordStore:
    """Return the store; the experiment is the one given, else the one that was meant.

    The run that ``mlflow run`` had made is adopted where it belongs, if it is still there.
    """
    if meant is None or experiment:
        return connect(where, experiment, None)
    if meant.run_id and meant.tracking_uri == without_credentials(where):
        try:
            return connect(where, meant.experiment, meant.run_id)
        except RefusedError:
            pass
    return connect(where, meant.experiment, None)
