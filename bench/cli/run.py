"""``bench run``: one setting over instances."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from bench.app.campaign_session import new_run
from bench.app.execution_config import manner
from bench.app.plan import Plan, references, set_name, with_instances
from bench.app.target import Target, target
from bench.cli.shared import argv as free_words
from bench.cli.shared.execute_plan import Conducted, carry_out, prepare, undelivered
from bench.cli.shared.fail_on import fail_on_option, is_among
from bench.cli.shared.lint_instances import linted
from bench.cli.shared.options import (
    complain,
    executor_option,
    job_options,
    json_option,
    limit_options,
    limits_given,
    lint_option,
    option,
    reference_options,
    system_metrics_option,
    tracking_options,
    verify_option,
    work_dir_option,
)
from bench.comparison.aggregates import aggregates
from bench.errors import EXIT_INTERRUPTED, EXIT_WRONG, BenchError, UsageError
from bench.instances.files import find
from bench.instances.instance_set import InstanceSet
from bench.interop import set_files
from bench.journal.table import row
from bench.model.verdict import Category
from bench.planning.limits import merged
from bench.planning.settings import Wish, add_parameter, assignments, setting
from bench.planning.tasks import seeds, tasks
from bench.report.terminal.results import problems, results_table, summary
from bench.solvers import registry
from bench.store.uri import mask


@click.command(
    "run",
    context_settings={"help_option_names": ["-h", "--help"], "ignore_unknown_options": True},
)
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="INSTANCE...")
@option("--alpha", type=float, metavar="A", help="How strongly SCIP's cut selector weighs.")
@option("--l1-ratio", type=float, metavar="R", help="How it mixes objective and support.")
@option("--param", "-p", "params", multiple=True, metavar="NAME=VALUE", help="A SCIP parameter.")
@option("--settings", type=click.Path(path_type=Path), metavar="FILE.set", help="A .set file.")
@option("--name", metavar="NAME", help="Name of the setting.  [default: what differs]")
@option("--solver", default="scip", show_default=True, help="The solver.")
@option("--seeds", default="1", show_default=True, metavar="N|LIST", help="A count or a list.")
@limit_options
@job_options
@executor_option
@fail_on_option
@reference_options
@verify_option
@lint_option
@tracking_options
@system_metrics_option
@work_dir_option
@json_option
@click.pass_context
def command(ctx: click.Context, /, words: tuple[str, ...], as_json: bool, **values: Any) -> int:
    """Execute one setting over instances and record it in MLflow.

    INSTANCE is a file, a folder, a glob or a .test list. Without --alpha, --l1-ratio, -p and
    --settings it is stock SCIP. A parameter may also be written --separating/maxrounds 0.
    """
    instances, params = free_words.split(words, ctx)
    if not instances:
        raise click.UsageError("name an instance, e.g. bench run instances/quick.test", ctx)
    planned = _plan(instances, params, values)
    where = target(values["tracking_uri"], values["experiment_name"])
    planned.check_executable(complain)
    how = manner(
        values["jobs"],
        executor=values["executor"],
        oversubscribe=values["oversubscribe"],
        verify=values["verify"],
        system_metrics=values["system_metrics"],
    )
    prepare(planned, how)
    if values["lint"] is not False:
        found = linted(planned.instance_set.instances, values["work_dir"])
        planned = with_instances(planned, found)
        planned.check_executable(complain)
    conducted = carry_out(planned, where, new_run(values["work_dir"]), how)
    if as_json:
        click.echo(json.dumps(_object(planned, conducted, where), indent=2))
    else:
        click.echo(results_table(conducted.results))
        click.echo(summary(planned.settings[0].name, aggregates(conducted.results)))
    complain(problems(conducted.results))
    return _end(conducted, where, values["fail_on"])


def _plan(words: list[str], params: dict[str, str], values: dict[str, Any]) -> Plan:
    for name, value in assignments(values["params"]).items():
        add_parameter(params, name, value)
    solver = registry.load(values["solver"])
    catalogue = solver.parameters()
    file: Path | None = values["settings"]
    chosen = setting(
        Wish(
            solver=solver.name,
            name=values["name"],
            alpha=values["alpha"],
            l1_ratio=values["l1_ratio"],
            params=params,
            file_name=file.stem if file else None,
            from_file=set_files.read(file, catalogue) if file else {},
        ),
        catalogue,
    )
    wanted = seeds(values["seeds"])
    if len(wanted) > 1 and "randomization/randomseedshift" in chosen.params:
        raise UsageError("randomization/randomseedshift is set already; leave out --seeds")
    limits = merged(limits_given(values), chosen.params, solver.limit_parameters)
    instances = find(words)
    return Plan(
        kind="run",
        name=chosen.name,
        command=free_words.typed(),
        settings=(chosen,),
        instance_set=InstanceSet.of(set_name(words, len(instances)), instances),
        tasks=tuple(tasks(instances, [chosen], wanted, limits, {solver.name: solver.version()})),
        references=references(instances, values["solu"], values["solu_columns"]),
        modules=frozenset({solver.preload}),
    )


def _object(planned: Plan, conducted: Conducted, where: Target) -> dict[str, Any]:
    """Return what ``--json`` prints."""
    chosen = planned.settings[0]
    return {
        "setting": {
            "name": chosen.name,
            "solver": chosen.solver,
            "version": planned.tasks[0].solver_version,
            "params": dict(chosen.params),
            "knobs": dict(chosen.knobs),
        },
        "aggregates": aggregates(conducted.results),
        "results": [row(result) for result in conducted.results],
        "tracking_uri": mask(where.uri),
        "run_id": conducted.run_ids.get(chosen.name),
        "work_dir": str(conducted.folder),
    }


def _end(conducted: Conducted, where: Target, bad: frozenset[Category]) -> int:
    if conducted.n_missing:
        click.echo(f"Interrupted: {conducted.n_missing} tasks have not been executed.", err=True)
        return EXIT_INTERRUPTED
    if conducted.n_undelivered:
        raise BenchError(undelivered(conducted))
    click.echo(where.where_to_look(conducted.experiment_id), err=True)
    if is_among(bad, conducted.results):
        return EXIT_WRONG
    if not any(result.executed for result in conducted.results):
        raise BenchError("none of the instances could be executed")
    return 0
