"""``bench sweep``: settings x instances x seeds, continued where an earlier process left it."""

from __future__ import annotations

import json
import shlex
from typing import Any

import click

from bench.app.execute_plan import Conducted
from bench.app.sweep import sweep
from bench.cli.shared.argv import typed
from bench.cli.shared.fail_on import fail_on_option, is_among
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
from bench.cli.shared.sweep_options import sweep_options, sweep_options_given
from bench.comparison.aggregates import aggregates
from bench.errors import EXIT_INTERRUPTED, EXIT_WRONG, BenchError
from bench.journal.table import row
from bench.model.verdict import Category
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
def command(
    ctx: click.Context, /, fail_on: frozenset[Category], *, as_json: bool, **values: Any
) -> int:
    """Execute settings x instances x seeds; the same command continues.

    SWEEP.yaml and the options say the same things, and options go over the file. Lists of values
    multiply. What is finished is never executed again, unless --fresh says so.
    """
    conducted = sweep(sweep_options_given(ctx, values))
    if as_json:
        click.echo(json.dumps(_object(conducted), indent=2))
    else:
        for name, results in conducted.by_setting().items():
            if results:
                click.echo(summary(name, aggregates(results)))
    complain(problems(conducted.results))
    return _end(conducted, fail_on)


def _object(conducted: Conducted) -> dict[str, Any]:
    plan = conducted.plan
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
            for setting, results in zip(plan.settings, conducted.by_setting().values(), strict=True)
        ],
        "results": [row(result) for result in conducted.results],
        "missing": conducted.n_missing,
        "tracking_uri": mask(conducted.where.uri),
        "work_dir": str(conducted.folder),
    }


def _end(conducted: Conducted, bad: frozenset[Category]) -> int:
    if conducted.n_missing:
        click.echo(
            f"Interrupted: {conducted.n_missing} tasks are left. Continue with: "
            f"{shlex.join(typed())}",
            err=True,
        )
        return EXIT_INTERRUPTED
    if conducted.undelivered:
        raise BenchError(conducted.undelivered)
    click.echo(conducted.where.where_to_look(conducted.experiment_id), err=True)
    if len({result.task.setting.name for result in conducted.results}) > 1:
        say("Compare the settings", "bench", "compare", name_of(conducted.folder))
    if is_among(bad, conducted.results):
        return EXIT_WRONG
    if not any(result.executed for result in conducted.results):
        raise BenchError("none of the instances could be executed")
    return 0
