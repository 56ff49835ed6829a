"""``bench ls``: the runs, sweeps and imports of the work folder."""

from __future__ import annotations

import json
from typing import Any

import click

from bench.app.work_folder.list_campaigns import ListOptions, list_campaigns
from bench.cli.shared.next_step import show
from bench.cli.shared.options import complain, json_option, work_dir_option
from bench.errors import UsageError
from bench.report.terminal.campaigns import CampaignState, campaign_object, campaigns_table

SHOWN = 20


@click.command("ls", context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--all", "show_all", is_flag=True, help=f"List all of them instead of the last {SHOWN}."
)
@work_dir_option
@json_option
def command(*, show_all: bool, as_json: bool, **values: Any) -> None:
    """List runs, sweeps and imports, the last used one first.

    Each line shows the owner, the numbers of instances and settings, how many tasks are finished,
    and whether MLflow has the results. All other commands take these names.
    """
    found = list_campaigns(ListOptions(**values))
    if as_json:
        click.echo(json.dumps([campaign_object(one) for one in found], indent=2))
        return
    if not found:
        raise UsageError(
            f"{values['work_dir']}: there are no runs or sweeps in this folder; see --work-dir"
        )
    shown = found if show_all else found[:SHOWN]
    click.echo(campaigns_table(shown))
    complain(f"{one.name}: {one.problem}" for one in shown if one.problem)
    if len(found) > len(shown):
        complain([f"{len(found) - len(shown)} older ones are not shown: bench ls --all"])
    stopped = next((one for one in shown if one.state is CampaignState.STOPPED), None)
    if stopped is not None:
        show("Resume the last stopped one", "bench", "resume", stopped.name)
