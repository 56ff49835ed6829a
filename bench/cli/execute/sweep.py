"""``bench sweep``: settings x instances x seeds, continued after interruptions."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import click

from bench.app.campaign.campaign_result import CampaignResult
from bench.app.campaign.sequential import saved_line
from bench.app.sweep import sweep
from bench.cli.shared.argv import typed_arguments
from bench.cli.shared.campaign_end import interrupted, nothing, where_recorded
from bench.cli.shared.command_classes import FileCommand
from bench.cli.shared.fail_on import fail_on_option, is_among
from bench.cli.shared.next_step import command_to_continue, judge_again, name_of, show
from bench.cli.shared.notify import notify_option, notifying
from bench.cli.shared.options import (
    complain,
    executor_options,
    if_cores_taken_option,
    job_options,
    json_option,
    no_mlflow_option,
    option,
    pass_env_option,
    record_option,
    system_metrics_option,
    tasks_in_mlflow_option,
    tracking_options,
    verify_option,
    work_dir_option,
)
from bench.cli.shared.sweep_options import sweep_options, sweep_options_given
from bench.cli.shared.verbosity import hint, verbosity_options
from bench.comparison.summary.aggregates import aggregates
from bench.errors import EXIT_INTERRUPTED, EXIT_WRONG, BenchError
from bench.journal.manifest import continuing
from bench.journal.table import row
from bench.model.looks import Until
from bench.model.results.verdict import Category
from bench.report.terminal.results import problems, summary
from bench.report.terminal.table import filled
from bench.store.uri import mask


@click.command(
    "sweep",
    cls=FileCommand,
    context_settings={"help_option_names": ["-h", "--help"], "ignore_unknown_options": True},
)
@sweep_options
@job_options
@if_cores_taken_option
@executor_options
@option("--retry-failed", is_flag=True, help="Execute failed tasks again.")
@option(
    "--redo-disturbed",
    is_flag=True,
    help="Execute again the tasks that other processes on the machine disturbed; the first "
    "undisturbed attempt counts.",
)
@option(
    "--fresh",
    is_flag=True,
    help="Start the sweep from scratch; earlier results are moved to another folder.",
)
@option(
    "--until",
    type=click.Choice([each.value for each in Until]),
    help="End once each setting is better or worse than the baseline (decided), also if the rest "
    "would probably not decide (decided-or-futile), or after all tasks (end). Comparisons are "
    "fixed beforehand, so the error rate holds.  [default: that of the sweep file, else end]",
)
@fail_on_option
@verify_option
@tracking_options
@tasks_in_mlflow_option
@record_option
@no_mlflow_option
@system_metrics_option
@pass_env_option
@work_dir_option
@json_option
@notify_option
@verbosity_options
@click.pass_context
def command(
    ctx: click.Context,
    /,
    fail_on: frozenset[Category],
    notify: str | None,
    *,
    as_json: bool,
    **values: Any,
) -> int:
    """Execute settings x instances x seeds; the same command resumes an interrupted sweep.

    SWEEP.yaml can set everything that the options can; options override the file. Lists of values
    give all combinations. Finished tasks are not executed again, except with --fresh.
    """
    options = sweep_options_given(ctx, values)
    with notifying(notify) as notice:
        campaign = notice.campaign = sweep(options, when_executed=nothing if as_json else _show)
        if as_json:
            click.echo(json.dumps(_object(campaign), indent=2))
            complain(problems(campaign.results))
        notice.exit_code = _end(campaign, fail_on)
    return notice.exit_code


def _show(campaign: CampaignResult) -> None:
    """Print the results of the tasks, before MLflow gets the rest of them."""
    n_planned = Counter(task.setting.name for task in campaign.plan.tasks)
    for name, results in campaign.by_setting().items():
        if results:
            click.echo(summary(name, aggregates(results), n_planned[name]))
    complain(problems(campaign.results))


def _object(campaign: CampaignResult) -> dict[str, Any]:
    plan = campaign.plan
    return {
        "sweep": plan.name,
        "baseline": plan.baseline,
        "settings": [
            {
                "name": setting.name,
                "solver": setting.solver,
                "params": dict(setting.params),
                "knobs": dict(setting.knobs),
                "aggregates": aggregates(results) if results else {},
                "run_id": campaign.run_ids.get(setting.name),
            }
            for setting, results in zip(plan.settings, campaign.by_setting().values(), strict=True)
        ],
        "results": [row(result) for result in campaign.results],
        "missing": campaign.n_missing,
        "lost": dict(campaign.lost),
        "decided": None if campaign.stop is None else campaign.stop.reason,
        "spared": campaign.n_spared,
        "tracking_uri": mask(campaign.where.uri),
        "work_dir": str(campaign.folder),
    }


def _show_decision(campaign: CampaignResult) -> None:
    """Print why a sweep with looks has ended, what that saved, and how to execute the rest."""
    n, stop = len(campaign.plan.tasks), campaign.stop
    if stop is None:
        if campaign.plan.stops and not campaign.n_missing:
            click.echo(f"Not decided before the last look, so all {n} tasks were executed.")
        return
    click.echo(filled(saved_line(stop, n - campaign.n_missing - campaign.n_spared, n)))
    rest = "the same command with --until end executes them."
    hint([f"{campaign.n_spared} tasks were not executed; {rest}"])


def _end(campaign: CampaignResult, bad: frozenset[Category]) -> int:
    again = command_to_continue(campaign.folder, continuing(typed_arguments()))
    lost = campaign.without_result
    if campaign.n_stopped or campaign.interrupted:
        complain([lost] if lost else [])
        complain(interrupted(campaign))
        if campaign.n_missing:
            click.echo(f"Continue with: {again}", err=True)
        return EXIT_INTERRUPTED
    lost = lost and f"{lost}. Continue with: {again}"
    _show_decision(campaign)
    if campaign.undelivered:
        complain([lost] if lost else [])
        raise BenchError(campaign.undelivered)
    if lost:
        raise BenchError(lost)
    n_disturbed = sum(result.execution.disturbed for result in campaign.results)
    if n_disturbed:
        click.echo(
            f"Disturbed: {n_disturbed} of {len(campaign.results)} tasks, by an external "
            "slowdown; the same command with --redo-disturbed executes them again.",
            err=True,
        )
    hint([where_recorded(campaign)])
    if len({result.task.setting.name for result in campaign.results}) > 1:
        show("Compare the settings", "bench", "compare", name_of(campaign.folder))
    judge_again(campaign.folder, campaign.results)
    if is_among(bad, campaign.results):
        return EXIT_WRONG
    if not any(result.executed for result in campaign.results):
        raise BenchError("all tasks failed; the lines above say why")
    return 0
