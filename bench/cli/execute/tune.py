"""``bench tune``: find a better setting, and test it on unseen instances."""

from __future__ import annotations

import json
from typing import Any

import click

from bench.app.tuning.options import TuneOptions
from bench.app.tuning.tune import tune
from bench.cli.shared.argv import typed_arguments
from bench.cli.shared.completed_names import files
from bench.cli.shared.durations import seconds
from bench.cli.shared.next_step import command_to_continue, show
from bench.cli.shared.number_types import IntegerRange
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
    tasks_in_mlflow_option,
    tracking_options,
    verify_option,
    work_dir_option,
)
from bench.cli.shared.read_options import execution_context, read_options
from bench.cli.shared.verbosity import verbosity_options
from bench.errors import EXIT_INTERRUPTED, EXIT_UNDECIDED, BenchError
from bench.journal.manifest import continuing
from bench.report.terminal.tuning import tuning_lines, tuning_object
from bench.tuning.sampling import SamplerName


@click.command("tune", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("instances", nargs=-1, metavar="INSTANCE...", shell_complete=files)
@option(
    "--budget",
    default="1h",
    show_default=True,
    metavar="DURATION",
    help="CPU time of all solves together, over all jobs: 300s, 30m, 2h.",
)
@option(
    "--space",
    metavar="SPACE.yaml",
    help="File with the parameters that may change, and their values.  [default: a file of bench]",
)
@option(
    "--test",
    metavar="FOLDER",
    help="Unseen instances for the comparison at the end.  [default: 40 % of INSTANCE, by family]",
)
@option("--solver", default="scip", show_default=True, metavar="NAME", help="The solver to tune.")
@option("--name", default="tuning", show_default=True, metavar="NAME", help="Name of the tuning.")
@option(
    "--sampler",
    type=click.Choice([str(each) for each in SamplerName]),
    default=str(SamplerName.TPE),
    show_default=True,
    help="How values are chosen: near good earlier values, at random, or evenly spread.",
)
@option(
    "--seed",
    type=IntegerRange(min=0),
    default=0,
    show_default=True,
    metavar="N",
    help="Seed of split, order and sampler.",
)
@limit_options
@reference_options
@lint_option
@job_options
@if_cores_taken_option
@executor_options
@option("--fresh", is_flag=True, help="Start again; earlier results are moved aside.")
@verify_option
@tracking_options
@tasks_in_mlflow_option
@record_option
@no_mlflow_option
@pass_env_option
@work_dir_option
@json_option
@verbosity_options
def command(instances: tuple[str, ...], budget: str, *, as_json: bool, **values: Any) -> int:
    """Find a better setting, and test it on instances that the search has not used.

    INSTANCE is split into a training set and a test set before anything is solved. Settings are
    raced on the training set; then stock, the best emphasis and the winner solve the test set with
    new seeds, once. The same command continues after any interruption.

    Exit codes: 0 if a setting is better than stock on unseen instances, 5 if no such setting was
    found, 130 after an interrupt.
    """
    options = read_options(
        TuneOptions,
        values,
        instances=instances,
        budget=seconds(budget, "--budget"),
        **execution_context(),
    )
    found = tune(options, told=lambda line: complain([line]))
    if as_json:
        click.echo(json.dumps(tuning_object(found.name, found.progress, found.split), indent=2))
    else:
        click.echo("\n".join(tuning_lines(found.name, found.progress, found.split)))
    if found.interrupted:
        again = command_to_continue(found.folder, continuing(typed_arguments()))
        stopped = found.test or found.race
        if lost := stopped.without_result:
            if not (stopped.n_stopped or stopped.interrupted):
                raise BenchError(f"{lost}. Continue with: {again}")
            complain([lost])
        click.echo(f"Continue with: {again}", err=True)
        return EXIT_INTERRUPTED
    if found.better is None:
        return EXIT_UNDECIDED
    if not as_json:
        counting = [
            word for key, each in found.counting.items() for word in (f"--{key}", str(each))
        ]
        show("Show the whole comparison", "bench", "compare", found.test_name, *counting)
        show(
            *("Register it", "bench", "register", found.better, "--from", found.test_name),
            *(*counting, "--model", "NAME"),
        )
    return 0
