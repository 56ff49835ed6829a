"""``bench status``: the progress of a campaign, running or finished."""

from __future__ import annotations

import json
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from bench.app.host_cores import host_cores
from bench.app.status import StatusOptions, status
from bench.cli.shared.completed_names import campaign_names
from bench.cli.shared.next_step import command_to_continue, name_of, show
from bench.cli.shared.options import complain, json_option, work_dir_option
from bench.cli.shared.redrawn import RedrawnLines
from bench.cli.shared.terminal_listener import LINE_EVERY_S
from bench.errors import UsageError
from bench.report.terminal.cores import cores_object, cores_table
from bench.report.terminal.status import UNFINISHED, State, state_line, state_lines, state_object
from bench.tuning.record import name_of_test

WATCH_EVERY_S = 1.0
QUEUE_EVERY_S = 15.0
"""The time until a live display asks the queue of a cluster again, which serves many users."""


@click.command("status", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("name", required=False, shell_complete=campaign_names)
@click.option("--host", is_flag=True, help="Show which process uses which cores of this machine.")
@click.option(
    "--watch",
    is_flag=True,
    help="Refresh every second until the sweep ends (without a terminal: one line per minute). "
    "Ctrl-C ends only this display.",
)
@work_dir_option
@json_option
def command(*, host: bool, watch: bool, as_json: bool, **values: Any) -> None:
    """Show how far a sweep has come.

    NAME is the name of a sweep or its folder.  [default: the last used one]
    """
    if watch and (host or as_json):
        raise UsageError(f"--watch shows a live display; remove {_other(host=host)}")
    if host:
        if values["name"] is not None:
            raise UsageError(f"--host shows the whole machine; remove {values['name']!r} or --host")
        _show_host(as_json=as_json)
        return
    state = status(StatusOptions(**values))
    complain(f"Note: {line}" for line in state.damage_lines)
    if as_json:
        click.echo(json.dumps(state_object(state), indent=2))
        return
    if watch and state.pid is not None:
        with suppress(KeyboardInterrupt):
            _watch(state)
        return
    _show(state)


def _other(*, host: bool) -> str:
    return "--host" if host else "--json"


def _show(state: State) -> None:
    click.echo("\n".join(state_lines(state)))
    _tell(state)


def _tell(state: State) -> None:
    complain(f"Note: {line}" for line in state.left_out_lines)
    if state.word in UNFINISHED:
        again = command_to_continue(Path(state.folder), state.command)
        click.echo(f"Continue with: {again}", err=True)
    elif state.tuning is not None:
        if state.word == "done" and state.tuning.conclusions:
            test = name_of_test(name_of(Path(state.folder)))
            show("Compare the settings on the test set", "bench", "compare", test)
    elif state.word == "done" and len(state.settings) > 1:
        show("Compare the settings", "bench", "compare", name_of(Path(state.folder)))


def _watch(state: State) -> None:
    """Redraw the state until no process works on the sweep; a large journal is read less often."""
    lines, drawn = RedrawnLines(), sys.stdout.isatty()
    next_line, next_queue = 0.0, time.monotonic() + QUEUE_EVERY_S
    while state.pid is not None:
        now = time.monotonic()
        if drawn:
            lines.show(state_lines(state))
        elif now >= next_line:
            next_line = now + LINE_EVERY_S
            click.echo(state_line(state))
        time.sleep(max(WATCH_EVERY_S, 4 * (time.monotonic() - now)))
        is_due = time.monotonic() >= next_queue
        next_queue += QUEUE_EVERY_S * is_due
        state = status(StatusOptions(state.folder), jobs=None if is_due else state.jobs)
    if state.jobs:
        state = status(StatusOptions(state.folder))
    if drawn:
        lines.show(state_lines(state))
        _tell(state)
    else:
        _show(state)


def _show_host(*, as_json: bool) -> None:
    found = host_cores()
    if as_json:
        cores = cores_object(found.cpus, found.held)
        click.echo(json.dumps({"folder": str(found.folder), "cores": cores}, indent=2))
        return
    click.echo(cores_table(found.cpus, found.held))
    click.echo(f"Reported by the sweeps and runs that use {found.folder}.", err=True)
