"""``bench plan``: what a sweep would execute, and how long that may take."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import click

from bench.app.campaign.plan_sweep import SweepPlan, plan_sweep
from bench.cli.shared.argv import typed_arguments
from bench.cli.shared.command_classes import FileCommand
from bench.cli.shared.next_step import show
from bench.cli.shared.options import (
    complain,
    if_cores_taken_option,
    job_options,
    json_option,
    option,
    work_dir_option,
)
from bench.cli.shared.sweep_options import sweep_options, sweep_options_given
from bench.instances.labels import in_natural_order
from bench.planning.estimate import Count, duration_text
from bench.report.terminal.table import disambiguate, render_fitting, with_full_names

WIDTH = 48


@click.command(
    "plan",
    cls=FileCommand,
    context_settings={"help_option_names": ["-h", "--help"], "ignore_unknown_options": True},
)
@sweep_options
@job_options
@if_cores_taken_option
@option("--fresh", is_flag=True, help="Plan as if no task had been executed yet.")
@work_dir_option
@json_option
@click.pass_context
def command(ctx: click.Context, /, as_json: bool, **values: Any) -> None:
    """Show what a sweep would execute, and how long that may take.

    The command takes the same file and options as bench sweep, and executes nothing. Instances and
    start solutions are checked as by the sweep. The expected time is the sum over the remaining
    tasks, estimated from earlier tasks on the same instances in this work folder; a dash means that
    it is unknown.
    """
    found = plan_sweep(sweep_options_given(ctx, values))
    if as_json:
        click.echo(json.dumps(_object(found), indent=2))
        return
    click.echo(
        _table("setting", [one.name for one in found.plan.settings], found.estimate.by_setting)
    )
    click.echo()
    instances = sorted(found.estimate.by_instance, key=in_natural_order)
    click.echo(_table("instance", instances, found.estimate.by_instance))
    click.echo(f"\n{_sentence(found)}")
    complain(found.plan.defects)
    if found.estimate.total.n_left:
        show("Execute it", "bench", "sweep", *typed_arguments()[2:])


def _table(what: str, order: Sequence[str], counts: Mapping[str, Count]) -> str:
    names = disambiguate(order, WIDTH)
    rows = [
        [
            names[name],
            str(one.n_tasks),
            str(one.n_finished),
            str(one.n_left),
            "-" if one.expected_s is None else duration_text(one.expected_s),
        ]
        for name, one in ((name, counts[name]) for name in order)
    ]
    table = render_fitting((what, "tasks", "finished", "to do", "expected"), rows)
    return "\n\n".join(filter(None, (table, with_full_names(order, WIDTH))))


def _sentence(plan: SweepPlan) -> str:
    found = plan.estimate
    total = found.total
    text = (
        f"{plan.plan.name}: {total.n_tasks} tasks, {total.n_finished} finished, "
        f"{total.n_left} to do"
    )
    if not total.n_left:
        return f"{text}."
    expected = "" if found.expected_s is None else f", expected {duration_text(found.expected_s)}"
    worst = "without a time limit"
    if found.worst_s is not None:
        worst = f"at most {duration_text(found.worst_s)}"
    return f"{text}, {plan.n_jobs} at a time{expected}, {worst}."


def _object(plan: SweepPlan) -> dict[str, Any]:
    found = plan.estimate
    return {
        "sweep": plan.plan.name,
        "tasks": found.total.n_tasks,
        "finished": found.total.n_finished,
        "to_do": found.total.n_left,
        "jobs": plan.n_jobs,
        "expected_s": found.expected_s,
        "worst_s": found.worst_s,
        "by_setting": {name: asdict(one) for name, one in found.by_setting.items()},
        "by_instance": {name: asdict(one) for name, one in found.by_instance.items()},
        "defects": plan.plan.defects,
    }
