"""``bench run``: one setting over instances."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import click

from bench.app.campaign.execute_plan import CampaignResult
from bench.app.run import RunOptions, run
from bench.cli.shared import argv as free_words
from bench.cli.shared.argv import typed_arguments
from bench.cli.shared.fail_on import fail_on_option, is_among
from bench.cli.shared.next_step import judge_again
from bench.cli.shared.number_types import FiniteFloat
from bench.cli.shared.options import (
    complain,
    executor_option,
    if_cores_taken_option,
    job_options,
    json_option,
    limit_options,
    lint_option,
    option,
    pass_env_option,
    reference_options,
    system_metrics_option,
    tasks_in_mlflow_option,
    tracking_options,
    verify_option,
    work_dir_option,
)
from bench.cli.shared.read_options import execution_context, read_options
from bench.comparison.summary.aggregates import aggregates
from bench.errors import EXIT_INTERRUPTED, EXIT_WRONG, BenchError
from bench.journal.table import row
from bench.model.verdict import Category
from bench.planning.settings import add_parameter, assignments
from bench.report.terminal.results import problems, results_table, summary
from bench.store.uri import mask


@click.command(
    "run",
    context_settings={"help_option_names": ["-h", "--help"], "ignore_unknown_options": True},
)
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="INSTANCE...")
@option("--alpha", type=FiniteFloat(), metavar="A", help="How strongly SCIP's cut selector weighs.")
@option("--l1-ratio", type=FiniteFloat(), metavar="R", help="How it mixes objective and support.")
@option("--param", "-p", "params", multiple=True, metavar="NAME=VALUE", help="A SCIP parameter.")
@option("--settings", type=click.Path(path_type=Path), metavar="FILE.set", help="A .set file.")
@option(
    "--setting-from",
    metavar="models:/NAME@ALIAS",
    help="A registered setting, by alias or version.",
)
@option("--name", metavar="NAME", help="Name of the setting.  [default: what differs]")
@option("--solver", metavar="NAME", help="The solver.  [default: scip]")
@option("--seeds", default="1", show_default=True, metavar="N|LIST", help="A count or a list.")
@limit_options
@job_options
@if_cores_taken_option
@executor_option
@fail_on_option
@reference_options
@verify_option
@lint_option
@tracking_options
@tasks_in_mlflow_option
@system_metrics_option
@pass_env_option
@work_dir_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    /,
    words: tuple[str, ...],
    params: tuple[str, ...],
    fail_on: frozenset[Category],
    *,
    as_json: bool,
    **values: Any,
) -> int:
    """Execute one setting over instances and record it in MLflow.

    INSTANCE is a file, a folder, a glob or a .test list. Without --alpha, --l1-ratio, -p,
    --settings and --setting-from it is stock SCIP. A parameter may also be written
    --separating/maxrounds 0.
    """
    instances, parameters = free_words.split(words, ctx)
    if not instances:
        raise click.UsageError("name an instance, e.g. bench run instances/quick.test", ctx)
    for name, value in assignments(params).items():
        add_parameter(parameters, name, value)
    options = read_options(
        RunOptions, values, instances=instances, params=parameters, **execution_context()
    )
    campaign = run(options)
    if as_json:
        click.echo(json.dumps(_object(campaign), indent=2))
    else:
        click.echo(results_table(campaign.results))
        click.echo(summary(campaign.plan.settings[0].name, aggregates(campaign.results)))
    complain(problems(campaign.results))
    return _end(campaign, fail_on)


def _object(campaign: CampaignResult) -> dict[str, Any]:
    """Return what ``--json`` prints."""
    plan = campaign.plan
    chosen = plan.settings[0]
    return {
        "setting": {
            "name": chosen.name,
            "solver": chosen.solver,
            "version": plan.tasks[0].solver_version,
            "params": dict(chosen.params),
            "knobs": dict(chosen.knobs),
        },
        "aggregates": aggregates(campaign.results),
        "results": [row(result) for result in campaign.results],
        "lost": dict(campaign.lost),
        "tracking_uri": mask(campaign.where.uri),
        "run_id": campaign.run_ids.get(chosen.name),
        "work_dir": str(campaign.folder),
    }


def _end(campaign: CampaignResult, bad: frozenset[Category]) -> int:
    lost = campaign.without_result
    if campaign.n_stopped:
        complain([lost] if lost else [])
        click.echo(f"Interrupted: {campaign.n_missing} tasks have not been executed.", err=True)
        return EXIT_INTERRUPTED
    if campaign.undelivered:
        complain([lost] if lost else [])
        raise BenchError(campaign.undelivered)
    if lost:
        raise BenchError(f"{lost}. Execute all again with: {shlex.join(typed_arguments())}")
    click.echo(campaign.where.where_to_look(campaign.experiment_id), err=True)
    judge_again(campaign.folder, campaign.results)
    if is_among(bad, campaign.results):
        return EXIT_WRONG
    if not any(result.executed for result in campaign.results):
        raise BenchError("none of the instances could be executed")
    return 0
