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

from bench.app.attached_run import Adopted, adopted
from bench.app.plan import references
from bench.cli.shared.fail_on import fail_on_option, is_among
from bench.cli.shared.judge_again import Outcome, check_stored, judged
from bench.cli.shared.next_step import say
from bench.cli.shared.options import (
    complain,
    json_option,
    option,
    reference_options,
    tracking_options,
    work_dir_option,
)
from bench.cli.sync import Connect, delivered, journals
from bench.errors import EXIT_WRONG, BenchError, TrackingError, UsageError
from bench.journal.campaign import Campaign
from bench.journal.journal import Journal
from bench.model.reference import Reference
from bench.model.result import Result
from bench.report.changes import (
    CHANGES,
    Checked,
    changes_table,
    check_record,
    checked_object,
    together,
)
from bench.store.uri import resolve_uri, without_credentials
from bench.tracking.courier import mlflow_connection

DEFAULT_EXPERIMENT = "Default"


@click.command("check", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("words", nargs=-1, metavar="[SWEEP]...")
@reference_options
@option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@fail_on_option
@tracking_options
@work_dir_option
@json_option
def command(words: tuple[str, ...], as_json: bool, **options: Any) -> int:
    """Judge again all that was recorded, and say what has changed.

    SWEEP is the name of a sweep or its folder.  [default: all below --work-dir] With
    --experiment-name it is all that an MLflow experiment has: by its journal where that is here,
    else by the tables in MLflow. New references come from --solu and from .solu files beside the
    instances of a journal; where there is none, the recorded one counts. Changed verdicts are added
    to the journal, and MLflow's runs are corrected: tags, description, status and aggregates.
    """
    run = adopted(options["tracking_uri"])
    connect: Connect = cache(lambda *where: mlflow_connection(*where)())
    folders = _folders(words, options)
    outcome = _check_journals(folders, options, connect)
    if options["experiment_name"] is not None and not words:
        outcome.add(check_stored(options, folders, connect))
    whole = together(outcome.checked)
    _show(whole, folders, as_json=as_json)
    if run is not None:
        _keep(whole, outcome.names, run)
    if problems := outcome.problems:
        others = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise BenchError(f"{problems[0]}{others}")
    return EXIT_WRONG if is_among(options["fail_on"], whole.results) else 0


def _check_journals(
    folders: Sequence[Path], options: Mapping[str, Any], connect: Connect
) -> Outcome:
    outcome = Outcome()
    for folder in folders:
        outcome.names.append(folder.name)
        known = _references(folder, options)
        if not options["dry_run"] and Journal(folder).writer() is not None:
            complain([f"{folder.name}: going on; check it when it has ended"])
            continue
        found, new = judged(folder.name, _newest(folder), known)
        outcome.checked.append(found)
        if not options["dry_run"]:
            outcome.problems += _recorded(folder, new, options["tracking_uri"], connect)
    return outcome


def _references(folder: Path, options: Mapping[str, Any]) -> dict[str, Reference]:
    """Return the references that there are today for the instances of a campaign."""
    instances = {one.task.instance for one in Journal(folder).results()}
    return references(list(instances), options["solu"], options["solu_columns"])


def _newest(folder: Path) -> list[Result]:
    return list({one.task.key: one for one in Journal(folder).results()}.values())


def _folders(words: Sequence[str], options: Mapping[str, Any]) -> list[Path]:
    """Return the journals to be checked; of an experiment those that are here, if any."""
    if words or options["experiment_name"] is None:
        return journals(options["work_dir"], words)
    try:
        folders = journals(options["work_dir"], ())
    except UsageError:
        return []
    return [folder for folder in folders if _belongs(folder, options)]


def _belongs(folder: Path, options: Mapping[str, Any]) -> bool:
    """Return whether results were meant for the experiment, and for the store if one is given."""
    origin, uri = Campaign.read(folder).origin, options["tracking_uri"]
    if origin is None or (origin.experiment or DEFAULT_EXPERIMENT) != options["experiment_name"]:
        return False
    return uri is None or origin.tracking_uri == without_credentials(resolve_uri(uri))


def _recorded(folder: Path, new: Sequence[Result], uri: str | None, connect: Connect) -> list[str]:
    """Add what is new to the journal, correct MLflow, and return why that was not possible."""
    with Journal(folder) as journal:
        for result in new:
            journal.add(result)
    try:
        done = delivered(folder, uri, None, connect)
    except TrackingError as error:
        refused = [str(error)]
    else:
        refused = [] if done is None else list(done["refused"])
    return [f"{reason}; the journal has it all, repeat with bench sync" for reason in refused]


def _show(checked: Checked, folders: Sequence[Path], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(checked_object(checked), indent=2))
        return
    if checked.changes:
        click.echo(changes_table(checked.changes))
    click.echo(checked.sentence)
    here = {folder.name for folder in folders}
    for first in [change for change in checked.changes if change.campaign in here][:1]:
        key = first.result.task.key[:12]
        say("See the first of them", "bench", "show", key, "--sweep", first.campaign)


def _keep(checked: Checked, names: Sequence[str], run: Adopted) -> None:
    """Write into the run what the check has found."""
    with TemporaryDirectory(prefix="bench-") as folder:
        file = Path(folder) / CHANGES
        file.write_text(json.dumps(checked_object(checked), indent=2), encoding="utf-8")
        run.fill(check_record(checked, names, file, round(1000 * time.time())))
