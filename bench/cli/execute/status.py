"""``bench status``: how far a campaign has come, while it goes on or afterwards."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from bench.app.host_cores import host_cores
from bench.app.status import StatusOptions, status
from bench.cli.shared.next_step import name_of, show
from bench.cli.shared.options import complain, json_option, work_dir_option
from bench.errors import UsageError
from bench.planning.estimate import duration_text
from bench.report.terminal.cores import cores_object, cores_table
from bench.report.terminal.status import state_object, state_table
from bench.report.terminal.table import filled


@click.command("status", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("name", required=False)
@click.option(
    "--host", is_flag=True, help="Show who has which cores of this machine, instead of a sweep."
)
@work_dir_option
@json_option
def command(*, host: bool, as_json: bool, **values: Any) -> None:
    """Show how far a sweep has come.

    NAME is the name of a sweep or its folder.  [default: the one last worked on]
    """
    if host:
        if values["name"] is not None:
            raise UsageError(f"--host is about this machine, not about {values['name']!r}")
        _show_host(as_json=as_json)
        return
    state = status(StatusOptions(**values))
    if as_json:
        click.echo(json.dumps(state_object(state), indent=2))
        return
    click.echo(f"{state.name}: {state.word}" + (f" (process {state.pid})" if state.pid else ""))
    click.echo(state_table(state))
    complain(f"Note: {line}" for line in state.left_out_lines)
    if state.running:
        click.echo(filled(f"running: {', '.join(state.running)}"))
    if state.n_missing and state.expected_s is not None:
        worst = "" if state.worst_s is None else f", at most {duration_text(state.worst_s)}"
        click.echo(f"left: {duration_text(state.expected_s)}{worst}")
    if state.word == "stopped":
        click.echo(f"Continue with: {state.command}", err=True)
    elif state.word == "done" and len(state.settings) > 1:
        show("Compare the settings", "bench", "compare", name_of(Path(state.folder)))


def _show_host(*, as_json: bool) -> None:
    found = host_cores()
    if as_json:
        cores = cores_object(found.cpus, found.held)
        click.echo(json.dumps({"folder": str(found.folder), "cores": cores}, indent=2))
        return
    click.echo(cores_table(found.cpus, found.held))
    click.echo(f"As the sweeps and runs that use {found.folder} say.", err=True)
