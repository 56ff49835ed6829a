"""``bench check``: all that was recorded, judged again."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from bench.campaign import rejudged
from bench.cli.adopting import Adopted, adopted
from bench.cli.next_step import say
from bench.cli.options import (
    complain,
    json_option,
    option,
    reference_options,
    tracking_options,
    work_dir_option,
)
from bench.cli.plan import references
from bench.cli.sweep import verdicts
from bench.cli.sync import Connect, delivered, journals
from bench.errors import EXIT_WRONG, BenchError, TrackingError, UsageError
from bench.model.reference import Reference
from bench.model.result import Result
from bench.report.changes import (
    CHANGES,
    Change,
    Checked,
    changes_table,
    check_record,
    checked_object,
    together,
)
from bench.tracking.campaign import Campaign
from bench.tracking.courier import mlflow_connection
from bench.tracking.journal import Journal
from bench.verification.consistency import reconsidered

DEFAULT_EXPERIMENT = "Default"


@click.command("check", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("words", nargs=-1, metavar="[SWEEP]...")
@reference_options
@option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@option(
    "--fail-on",
    metavar="VERDICT,...",
    help=f"Exit with {EXIT_WRONG} if one of these is among the verdicts, e.g. wrong,failed.",
)
@tracking_options
@work_dir_option
@json_option
def command(words: tuple[str, ...], as_json: bool, **options: Any) -> int:
    """Judge again all that was recorded, and say what has changed.

    SWEEP is the name of a sweep or its folder.  [default: all below --work-dir, or those of
    --experiment-name] New references come from --solu and from .solu files beside the instances;
    where there is none, the recorded one counts. Changed verdicts are added to the journal, and
    MLflow's runs are corrected: tags, description, status and aggregates.
    """
    run = adopted(options["tracking_uri"])
    bad = verdicts(options["fail_on"])
    connect: Connect = cache(lambda *where: mlflow_connection(*where)())
    checked: list[Checked] = []
    problems: list[str] = []
    folders = _folders(words, options)
    for folder in folders:
        known = _references(folder, options)
        if not options["dry_run"] and Journal(folder).writer() is not None:
            complain([f"{folder.name}: going on; check it when it has ended"])
            continue
        found, new = _check(folder, known)
        checked.append(found)
        if not options["dry_run"]:
            problems += _recorded(folder, new, options["tracking_uri"], connect)
    whole = together(checked)
    _show(whole, as_json=as_json)
    if run is not None:
        _keep(whole, [folder.name for folder in folders], run)
    if problems:
        raise BenchError(f"{problems[0]}; the journal has it all, repeat with bench sync")
    return EXIT_WRONG if any(one.verdict.category in bad for one in whole.results) else 0


def _references(folder: Path, options: Mapping[str, Any]) -> dict[str, Reference]:
    """Return the references that there are today for the instances of a campaign."""
    instances = {one.task.instance for one in Journal(folder).results()}
    return references(list(instances), options["solu"], options["solu_columns"])


def _folders(words: Sequence[str], options: Mapping[str, Any]) -> list[Path]:
    folders = journals(options["work_dir"], words)
    experiment = options["experiment_name"]
    if words or experiment is None:
        return folders
    found = [folder for folder in folders if _experiment(folder) == experiment]
    if not found:
        raise UsageError(f"{options['work_dir']}: no results of the experiment {experiment!r}")
    return found


def _experiment(folder: Path) -> str | None:
    origin = Campaign.read(folder).origin
    return (origin.experiment or DEFAULT_EXPERIMENT) if origin else None


def _check(folder: Path, known: Mapping[str, Reference]) -> tuple[Checked, list[Result]]:
    """Return what holds of a campaign now, and the results that are new to its journal."""
    recorded = {one.task.key: one for one in Journal(folder).results()}
    judged = [rejudged(result, known) for result in recorded.values()]
    before, now = reconsidered(recorded.values()), reconsidered(judged)
    new = [one for old, one in zip(recorded.values(), judged, strict=True) if old != one]
    found = Checked(
        results=now,
        changes=[
            Change(campaign=folder.name, result=new, before=old.verdict)
            for old, new in zip(before, now, strict=True)
            if (old.verdict.category, old.verdict.kind) != (new.verdict.category, new.verdict.kind)
        ],
    )
    return found, new


def _recorded(folder: Path, new: Sequence[Result], uri: str | None, connect: Connect) -> list[str]:
    """Add what is new to the journal, correct MLflow, and return why that was not possible."""
    with Journal(folder) as journal:
        for result in new:
            journal.add(result)
    try:
        done = delivered(folder, uri, None, connect)
    except TrackingError as error:
        return [str(error)]
    return [] if done is None else list(done["refused"])


def _show(checked: Checked, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(checked_object(checked), indent=2))
        return
    if checked.changes:
        click.echo(changes_table(checked.changes))
    click.echo(checked.sentence)
    for first in checked.changes[:1]:
        key = first.result.task.key[:12]
        say("See the first of them", "bench", "show", key, "--sweep", first.campaign)


def _keep(checked: Checked, names: Sequence[str], run: Adopted) -> None:
    """Write into the run what the check has found."""
    with TemporaryDirectory(prefix="bench-") as folder:
        file = Path(folder) / CHANGES
        file.write_text(json.dumps(checked_object(checked), indent=2), encoding="utf-8")
        run.fill(check_record(checked, names, file, round(1000 * time.time())))
