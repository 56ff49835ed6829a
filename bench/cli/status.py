"""``bench status``: how far a campaign has come, while it goes on or afterwards."""

from __future__ import annotations

import json
import shlex
from collections import Counter
from pathlib import Path

import click

from bench.cli.shared.next_step import name_of, say
from bench.cli.shared.options import json_option, work_dir_option
from bench.errors import UsageError
from bench.execution.process.request import KEY_DIGITS
from bench.journal import manifest
from bench.journal.campaign import newest
from bench.journal.journal import Journal
from bench.model.result import Result
from bench.planning.estimate import Forecast, duration_text
from bench.report.terminal.status import SettingState, State, state_object, state_table
from bench.report.terminal.table import filled


@click.command("status", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("name", required=False)
@work_dir_option
@json_option
def command(name: str | None, work_dir: Path, as_json: bool) -> None:
    """Say how far a sweep has come, while it goes on or afterwards.

    NAME is the name of a sweep or its folder.  [default: the one last worked on]
    """
    state = _state(manifest.folder_of(work_dir, name))
    if as_json:
        click.echo(json.dumps(state_object(state), indent=2))
        return
    click.echo(f"{state.name}: {state.word}" + (f" (process {state.pid})" if state.pid else ""))
    click.echo(state_table(state))
    if state.running:
        click.echo(filled(f"running: {', '.join(state.running)}"))
    if state.n_missing and state.expected_s is not None:
        worst = "" if state.worst_s is None else f", at most {duration_text(state.worst_s)}"
        click.echo(f"left: {duration_text(state.expected_s)}{worst}")
    if state.word == "stopped":
        click.echo(f"Continue with: {state.command}", err=True)
    elif state.word == "done" and len(state.settings) > 1:
        say("Compare the settings", "bench", "compare", name_of(Path(state.folder)))


def _state(folder: Path) -> State:
    plan = manifest.read(folder)
    if plan is None:
        raise UsageError(f"{folder}: no sweep here")
    journal = Journal(folder)
    pid = journal.writer()
    results = {result.task.key: result for result in newest(journal.results())}
    missing = [task for task in plan.tasks if task.key not in results]
    forecast = Forecast(missing, plan.jobs)
    for result in results.values():
        forecast.learn(result.task.instance.name, result.execution.wall_s)
    left = forecast.left()
    started = {path.name[-KEY_DIGITS:] for path in (folder / "tasks").glob("*")}
    running = [
        f"{task.instance} ({task.setting})"
        for task in missing
        if pid is not None and task.key[:KEY_DIGITS] in started
    ]
    return State(
        name=plan.name,
        folder=str(folder),
        pid=pid,
        running=running,
        settings=_settings(plan, results),
        expected_s=left.expected_s,
        worst_s=left.worst_s,
        command=shlex.join(plan.command),
    )


def _settings(plan: manifest.Manifest, results: dict[str, Result]) -> list[SettingState]:
    states = []
    for setting in plan.settings:
        own = [task for task in plan.tasks if task.setting == setting.name]
        found = [results[task.key].verdict.category for task in own if task.key in results]
        states.append(SettingState(name=setting.name, n_tasks=len(own), categories=Counter(found)))
    return states
