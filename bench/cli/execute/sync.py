"""``bench sync``: upload results from journals that MLflow does not have yet."""

from __future__ import annotations

import json
from typing import Any

import click

from bench.app.campaign.attached_run import leave_run
from bench.app.campaign.delivery import Delivered
from bench.app.sync import SyncOptions, sync
from bench.cli.shared.options import complain, json_option, tracking_options, work_dir_option
from bench.cli.shared.read_options import read_options
from bench.errors import BenchError
from bench.store.uri import mask


@click.command("sync", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("words", nargs=-1, metavar="[SWEEP]...")
@tracking_options
@work_dir_option
@json_option
def command(words: tuple[str, ...], *, as_json: bool, **values: Any) -> None:
    """Upload the results in journals to MLflow, each exactly once.

    SWEEP is the name of a sweep or its folder.  [default: all below --work-dir] Without
    --tracking-uri and --experiment-name, results go to the store and experiment of their original
    command.
    """
    leave_run()
    report = sync(read_options(SyncOptions, values, sweeps=words))
    if as_json:
        click.echo(json.dumps([_object(one) for one in report.delivered], indent=2))
    else:
        for one in report.delivered:
            click.echo(f"{one.name}: {one.n_new} uploaded, {one.n_already} already there")
    complain(dict.fromkeys(one.where.where_to_look(one.experiment_id) for one in report.delivered))
    if problems := report.problems:
        others = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise BenchError(f"{problems[0]}{others}")


def _object(one: Delivered) -> dict[str, Any]:
    return {
        "name": one.name,
        "folder": str(one.folder),
        "tracking_uri": mask(one.where.uri),
        "new": one.n_new,
        "already": one.n_already,
        "refused": list(one.refused),
    }
