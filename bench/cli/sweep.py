"""``bench sweep``: settings x instances x seeds, continued where an earlier process left it."""

from __future__ import annotations

import json
import shlex
from typing import Any

import click

from bench.app.campaign_session import Opened, continued
from bench.app.execution_config import Manner, manner
from bench.app.plan import Plan, with_instances
from bench.app.target import Target, target
from bench.cli.shared.argv import typed
from bench.cli.shared.execute_plan import Conducted, carry_out, prepare, to_execute, undelivered
from bench.cli.shared.fail_on import fail_on_option, is_among
from bench.cli.shared.lint_instances import linted
from bench.cli.shared.next_step import name_of, say
from bench.cli.shared.options import (
    complain,
    executor_option,
    job_options,
    json_option,
    option,
    system_metrics_option,
    tracking_options,
    verify_option,
    work_dir_option,
)
from bench.cli.shared.sweep_options import declaration, planned_sweep, sweep_options
from bench.comparison.aggregates import aggregates
from bench.errors import EXIT_INTERRUPTED, EXIT_WRONG, BenchError
from bench.journal.table import row
from bench.model.result import Result
from bench.model.verdict import Category
from bench.planning.estimate import Forecast
from bench.report.terminal.results import problems, summary
from bench.store.uri import mask


@click.command(
    "sweep",
    context_settings={"help_option_names": ["-h", "--help"], "ignore_unknown_options": True},
)
@sweep_options
@job_options
@executor_option
@option("--retry-failed", is_flag=True, help="Execute failed tasks again.")
@option("--fresh", is_flag=True, help="Begin anew; what was there is put aside.")
@fail_on_option
@verify_option
@tracking_options
@system_metrics_option
@work_dir_option
@json_option
@click.pass_context
def command(ctx: click.Context, /, as_json: bool, **values: Any) -> int:
    """Execute settings x instances x seeds; the same command continues.

    SWEEP.yaml and the options say the same things, and options go over the file. Lists of values
    multiply. What is finished is never executed again, unless --fresh says so.
    """
    said, files = declaration(ctx, values)
    plan = planned_sweep(said, files)
    plan.check_executable(complain)
    where = target(values["tracking_uri"], values["experiment_name"] or said.experiment_name)
    how = manner(
        said.jobs if values["jobs"] is None else values["jobs"],
        executor=values["executor"],
        oversubscribe=values["oversubscribe"],
        retry_failed=values["retry_failed"],
        verify=values["verify"],
        system_metrics=values["system_metrics"],
    )
    prepare(plan, how)
    instances = plan.instance_set.instances
    if said.lint is not False:
        instances = tuple(linted(instances, values["work_dir"]))
        with_instances(plan, instances).check_executable(complain)
    opened = continued(values["work_dir"], plan.name, fresh=values["fresh"])
    if known := _known_durations(plan, opened):
        plan = planned_sweep(said, files, known)
    plan = with_instances(plan, instances)
    _announce(plan, opened, how)
    conducted = carry_out(plan, where, opened, how)
    if as_json:
        click.echo(json.dumps(_object(plan, conducted, where), indent=2))
    else:
        for name, results in _by_setting(plan, conducted).items():
            if results:
                click.echo(summary(name, aggregates(results)))
    complain(problems(conducted.results))
    return _end(conducted, where, values["fail_on"])


def _known_durations(plan: Plan, opened: Opened) -> dict[str, float]:
    """Return how long a task on an instance took so far, in seconds by the instance's name."""
    forecast = Forecast([])
    for result in opened.results.values():
        forecast.learn(result.task.instance.name, result.execution.wall_s)
    names = {instance.name for instance in plan.instance_set.instances}
    seconds = {name: forecast.expected_s(name) for name in names}
    return {name: value for name, value in seconds.items() if value is not None}


def _announce(plan: Plan, opened: Opened, how: Manner) -> None:
    n_todo = len(to_execute(plan.tasks, opened.results, retry_failed=how.retry_failed))
    if n_todo and how.notice:
        click.echo(how.notice, err=True)
    if not n_todo:
        click.echo(
            f"{plan.name}: nothing left to do, all {len(plan.tasks)} tasks are finished; "
            "--fresh begins anew.",
            err=True,
        )
    elif n_todo < len(plan.tasks):
        click.echo(f"{plan.name}: {n_todo} of {len(plan.tasks)} tasks are left to do.", err=True)


def _by_setting(plan: Plan, conducted: Conducted) -> dict[str, list[Result]]:
    found: dict[str, list[Result]] = {setting.name: [] for setting in plan.settings}
    for result in conducted.results:
        found[result.task.setting.name].append(result)
    return found


def _object(plan: Plan, conducted: Conducted, where: Target) -> dict[str, Any]:
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
                "run_id": conducted.run_ids.get(setting.name),
            }
            for setting, results in zip(
                plan.settings, _by_setting(plan, conducted).values(), strict=True
            )
        ],
        "results": [row(result) for result in conducted.results],
        "missing": conducted.n_missing,
        "tracking_uri": mask(where.uri),
        "work_dir": str(conducted.folder),
    }


def _end(conducted: Conducted, where: Target, bad: frozenset[Category]) -> int:
    if conducted.n_missing:
        click.echo(
            f"Interrupted: {conducted.n_missing} tasks are left. Continue with: "
            f"{shlex.join(typed())}",
            err=True,
        )
        return EXIT_INTERRUPTED
    if conducted.n_undelivered:
        raise BenchError(undelivered(conducted))
    click.echo(where.where_to_look(conducted.experiment_id), err=True)
    if len({result.task.setting.name for result in conducted.results}) > 1:
        say("Compare the settings", "bench", "compare", name_of(conducted.folder))
    if is_among(bad, conducted.results):
        return EXIT_WRONG
    if not any(result.executed for result in conducted.results):
        raise BenchError("none of the instances could be executed")
    return 0
