"""``bench run``: one setting over instances."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import click

from bench.app.campaign.campaign_result import CampaignResult
from bench.app.campaign.plan import Plan
from bench.app.run import RunOptions, run
from bench.cli.shared import argv as free_words
from bench.cli.shared.argv import leave_out_variables, typed_arguments
from bench.cli.shared.campaign_end import interrupted, nothing, where_recorded
from bench.cli.shared.command_classes import FileCommand
from bench.cli.shared.completed_names import files
from bench.cli.shared.fail_on import fail_on_option, is_among
from bench.cli.shared.next_step import judge_again, name_of, show
from bench.cli.shared.notify import notify_option, notifying
from bench.cli.shared.number_types import KnobValue
from bench.cli.shared.options import (
    complain,
    executor_options,
    if_cores_taken_option,
    job_options,
    json_option,
    limit_options,
    lint_option,
    no_mlflow_option,
    option,
    pass_env_option,
    record_option,
    reference_options,
    system_metrics_option,
    tasks_in_mlflow_option,
    tracking_options,
    verify_option,
    work_dir_option,
)
from bench.cli.shared.read_options import execution_context, read_options
from bench.cli.shared.verbosity import hint, verbosity_options
from bench.comparison.summary.aggregates import aggregates
from bench.errors import EXIT_INTERRUPTED, EXIT_WRONG, BenchError
from bench.journal.table import row
from bench.model.results.verdict import Category
from bench.model.setting import Setting
from bench.planning.settings import add_parameter, assignments
from bench.report.terminal.results import problems, results_table, summary
from bench.store.uri import mask


@click.command(
    "run",
    cls=FileCommand,
    context_settings={"help_option_names": ["-h", "--help"], "ignore_unknown_options": True},
)
@click.argument(
    "words", nargs=-1, type=click.UNPROCESSED, metavar="INSTANCE...", shell_complete=files
)
@option(
    "--alpha",
    type=KnobValue(),
    metavar="A",
    help="Knob of SCIP's hybrid cut selector: the sum of its two weights, objective parallelism "
    "and integer support.",
)
@option(
    "--l1-ratio",
    type=KnobValue(),
    metavar="R",
    help="Knob of SCIP's hybrid cut selector: the share of objective parallelism in alpha.",
)
@click.option("--default-knobs", default="", hidden=True, metavar="NAME=VALUE,...")
@option(
    "--param",
    "-p",
    "params",
    multiple=True,
    metavar="NAME=VALUE",
    help="A parameter of the solver, or a knob; may be repeated.",
)
@option(
    "--include",
    multiple=True,
    metavar="FILE.py:FUNCTION",
    help="Function that adds plug-ins in Python to SCIP before it solves, also as "
    "package.module:FUNCTION; may be repeated.",
)
@option(
    "--emphasis",
    multiple=True,
    metavar="NAME",
    help="Emphasis of SCIP, e.g. heuristics-off or hardlp; may be repeated. "
    "--settings-file and -p override it.",
)
@option(
    "--start",
    type=click.Path(path_type=Path),
    metavar="FILE.sol|FOLDER",
    help="Solution to start from; a folder has INSTANCE.sol for each instance, a path may have "
    "{instance} in it.",
)
@option(
    "--settings-file",
    type=click.Path(path_type=Path),
    metavar="FILE.set",
    help="Take parameters from this .set file; -p overrides them.",
)
@option(
    "--setting-from",
    metavar="models:/NAME@ALIAS",
    help="Take the parameters of a registered setting, named by alias or version; a registered "
    "selector chooses a setting for each instance.",
)
@option(
    "--setting-name",
    metavar="NAME",
    help="Name of the setting in tables and in MLflow.  [default: the changed parameters]",
)
@option("--solver", metavar="NAME", help="Solver to execute (see bench solvers).  [default: scip]")
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.sol",
    help="Write the best feasible solution to this file; needs exactly one instance.",
)
@click.option(
    "--resume",
    metavar="RUN",
    help="Continue this run (a name that bench ls lists): only tasks without a result are "
    "executed.",
)
@option(
    "--seeds",
    default="1",
    show_default=True,
    metavar="N|LIST",
    help="Number of seeds, or a list of them such as 4,7.",
)
@limit_options
@job_options
@if_cores_taken_option
@executor_options
@fail_on_option
@reference_options
@verify_option
@lint_option
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
def command(  # noqa: PLR0913 - what is no field of the options
    ctx: click.Context,
    /,
    words: tuple[str, ...],
    params: tuple[str, ...],
    fail_on: frozenset[Category],
    notify: str | None,
    *,
    as_json: bool,
    **values: Any,
) -> int:
    """Execute one setting over instances and record it in MLflow.

    INSTANCE is a file, a folder, a glob or a .test list. Without --alpha, --l1-ratio, -p,
    --settings-file and --setting-from, stock SCIP is executed. Parameters can also be written as
    options: --separating/maxrounds 0.
    """
    instances, parameters = free_words.split(words, ctx)
    if not instances:
        raise click.UsageError(
            "no instance was given; name one or more, e.g. bench run instances/quick.test", ctx
        )
    for name, value in assignments(params).items():
        add_parameter(parameters, name, value)
    leave_out_variables(ctx, values, parameters)
    default_knobs = _numbers(values.pop("default_knobs"))
    options = read_options(
        RunOptions,
        values,
        instances=instances,
        params=parameters,
        default_knobs=default_knobs,
        **execution_context(),
    )
    with notifying(notify) as notice:
        campaign = notice.campaign = run(options, when_executed=nothing if as_json else _show)
        if as_json:
            click.echo(json.dumps(_object(campaign), indent=2))
            complain(problems(campaign.results))
        notice.exit_code = _end(campaign, fail_on)
    return notice.exit_code


def _show(campaign: CampaignResult) -> None:
    """Print the results of the tasks, before MLflow gets the rest of them."""
    click.echo(results_table(campaign.results))
    counts = aggregates(campaign.results)
    click.echo(summary(campaign.plan.name, counts, len(campaign.plan.tasks)))
    complain(problems(campaign.results))


def _numbers(text: str) -> dict[str, float]:
    """Return the knobs that MLproject sets if the user has set none."""
    pairs = assignments(part for part in text.split(",") if part)
    return {name: float(value) for name, value in pairs.items()}


def _object(campaign: CampaignResult) -> dict[str, Any]:
    """Return the output of ``--json``."""
    plan = campaign.plan
    several = len(plan.settings) > 1
    return {
        "setting": None if several else _setting_object(plan, plan.settings[0]),
        "settings": [_setting_object(plan, each) for each in plan.settings],
        "aggregates": aggregates(campaign.results),
        "results": [row(result) for result in campaign.results],
        "lost": dict(campaign.lost),
        "tracking_uri": mask(campaign.where.uri),
        "run_id": None if several else campaign.run_ids.get(plan.settings[0].name),
        "run_ids": dict(campaign.run_ids),
        "work_dir": str(campaign.folder),
    }


def _setting_object(plan: Plan, chosen: Setting) -> dict[str, Any]:
    return {
        "name": chosen.name,
        "solver": chosen.solver,
        "version": plan.tasks[0].solver_version,
        "params": dict(chosen.params),
        "knobs": dict(chosen.knobs),
    }


def _end(campaign: CampaignResult, bad: frozenset[Category]) -> int:
    lost = campaign.without_result
    if campaign.n_stopped or campaign.interrupted:
        complain([lost] if lost else [])
        complain(interrupted(campaign))
        if campaign.n_missing:
            show("Continue with", "bench", "resume", name_of(campaign.folder))
        return EXIT_INTERRUPTED
    if campaign.undelivered:
        complain([lost] if lost else [])
        raise BenchError(campaign.undelivered)
    if lost:
        raise BenchError(f"{lost}. Execute the run again with: {shlex.join(typed_arguments())}")
    hint([where_recorded(campaign)])
    judge_again(campaign.folder, campaign.results)
    if is_among(bad, campaign.results):
        return EXIT_WRONG
    if not any(result.executed for result in campaign.results):
        raise BenchError("all tasks failed; the lines above say why")
    return 0
