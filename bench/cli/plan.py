"""``bench plan``: what a sweep would execute, and how long that may take."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from bench.app.campaign_session import folder_name
from bench.app.execution_config import places
from bench.app.plan import Plan, with_instances
from bench.cli.shared.argv import typed
from bench.cli.shared.execute_plan import to_execute
from bench.cli.shared.lint_instances import linted
from bench.cli.shared.next_step import say
from bench.cli.shared.options import complain, job_options, json_option, option, work_dir_option
from bench.cli.shared.sweep_options import declaration, planned_sweep, sweep_options
from bench.journal.journal import Journal
from bench.model.planned_task import planned
from bench.planning.estimate import Count, Estimate, duration_text, estimate
from bench.report.terminal.table import in_full, render, told_apart

WIDTH = 48


@click.command(
    "plan",
    context_settings={"help_option_names": ["-h", "--help"], "ignore_unknown_options": True},
)
@sweep_options
@job_options
@option("--fresh", is_flag=True, help="As if nothing had been executed yet.")
@work_dir_option
@json_option
@click.pass_context
def command(ctx: click.Context, /, as_json: bool, work_dir: Path, **values: Any) -> None:
    """Say what a sweep would execute, and how long that may take.

    Takes the same file and options as bench sweep, and executes nothing.
    """
    said, files = declaration(ctx, values)
    plan = planned_sweep(said, files)
    if said.lint is not False:
        kept = work_dir if work_dir.exists() else None
        plan = with_instances(plan, linted(plan.instance_set.instances, kept))
    jobs = said.jobs if values["jobs"] is None else values["jobs"]
    n_jobs = len(places(jobs, oversubscribe=values["oversubscribe"]))
    journal = Journal(work_dir / folder_name(plan.name))
    results = {} if values["fresh"] else {one.task.key: one for one in journal.results()}
    durations: dict[str, list[float]] = {}
    for result in results.values():
        seconds = result.execution.wall_s
        durations.setdefault(result.task.instance.name, []).append(seconds)
    todo = {task.key for task in to_execute(plan.tasks, results, retry_failed=False)}
    finished = {task.key for task in plan.tasks} - todo
    found = estimate([planned(task) for task in plan.tasks], finished, durations, n_jobs)
    if as_json:
        click.echo(json.dumps(_object(plan, found, n_jobs), indent=2))
        return
    click.echo(_table("setting", found.by_setting))
    click.echo()
    click.echo(_table("instance", found.by_instance))
    click.echo(f"\n{_sentence(plan, found, n_jobs)}")
    complain(plan.defects)
    if found.total.n_left:
        say("Execute it", "bench", "sweep", *typed()[2:])


def _table(what: str, counts: Mapping[str, Count]) -> str:
    names = told_apart(list(counts), WIDTH)
    rows = [
        [names[name], str(one.n_tasks), str(one.n_finished), str(one.n_left)]
        for name, one in counts.items()
    ]
    table = render((what, "tasks", "finished", "to do"), rows)
    return "\n\n".join(filter(None, (table, in_full(list(counts), WIDTH))))


def _sentence(plan: Plan, found: Estimate, n_jobs: int) -> str:
    total = found.total
    text = f"{plan.name}: {total.n_tasks} tasks, {total.n_finished} finished, {total.n_left} to do"
    if not total.n_left:
        return f"{text}."
    expected = "" if found.expected_s is None else f", expected {duration_text(found.expected_s)}"
    worst = "without a time limit"
    if found.worst_s is not None:
        worst = f"at most {duration_text(found.worst_s)}"
    return f"{text}, {n_jobs} at a time{expected}, {worst}."


def _object(plan: Plan, found: Estimate, n_jobs: int) -> dict[str, Any]:
    return {
        "sweep": plan.name,
        "tasks": found.total.n_tasks,
        "finished": found.total.n_finished,
        "to_do": found.total.n_left,
        "jobs": n_jobs,
        "expected_s": found.expected_s,
        "worst_s": found.worst_s,
        "by_setting": {name: asdict(one) for name, one in found.by_setting.items()},
        "by_instance": {name: asdict(one) for name, one in found.by_instance.items()},
        "defects": plan.defects,
    }
