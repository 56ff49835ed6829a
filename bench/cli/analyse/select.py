"""``bench select``: evaluate, train and register selectors of settings by instance."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, TypeVar

import click

from bench.app.analysis.evaluate_selection import SelectOptions, evaluate_selection
from bench.app.selection.register import (
    RegisteredSelector,
    RegisterSelectorOptions,
    register_selector,
)
from bench.app.selection.train import TrainingResult, TrainOptions, train
from bench.cli.shared.command_classes import ListingGroup
from bench.cli.shared.comparison_options import resamples_option, source_options
from bench.cli.shared.next_step import show, store_option
from bench.cli.shared.number_types import Integer
from bench.cli.shared.options import (
    complain,
    json_option,
    option,
    tracking_options,
    work_dir_option,
)
from bench.cli.shared.read_options import read_options
from bench.report.terminal.selection import selection_sentence, selection_text
from bench.selection.evaluation import Evaluation
from bench.store.uri import mask

F = TypeVar("F", bound=Callable[..., Any])


@click.group("select", cls=ListingGroup, context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """Choose a setting by instance: find out whether that helps, and do it."""


def learning_options(function: F) -> F:
    """Add how is learned and resampled."""
    for decorate in (
        option(
            "--force",
            is_flag=True,
            help="Learn from results also if limits, machines or clocks differ (prints a warning).",
        ),
        option(
            "--rng-seed",
            type=Integer(),
            default=1,
            show_default=True,
            help="Seed of folds, trees and bootstrap.",
        ),
        resamples_option,
    ):
        function = decorate(function)
    return function


@command.command("evaluate")
@source_options
@learning_options
@json_option
def evaluate_command(*, as_json: bool, **values: Any) -> None:
    """Evaluate the choice of a setting by instance against the single best setting.

    A random forest learns the costs of settings from the statistics of a part of the instances, and
    chooses a setting for the others. The output is the share of the gap between single best and
    virtual best that it closes, with a confidence interval.

    SOURCE is a sweep, or a table of results; without it, the experiment if one is given, else the
    last sweep with results of several settings.
    """
    found = evaluate_selection(read_options(SelectOptions, values))
    if as_json:
        click.echo(json.dumps(_evaluation_object(found), indent=2))
    else:
        click.echo(selection_text(found))
    _tell_notes(found)


@command.command("train")
@source_options
@learning_options
@option("--name", metavar="NAME", help="Name of the selector.  [default: that of the sweep]")
@option("--no-mlflow", is_flag=True, help="Train without a run in MLflow.")
@json_option
def train_command(*, as_json: bool, **values: Any) -> None:
    """Train a selector on sweeps, and evaluate it on unseen instances.

    SOURCE is a sweep of settings of one solver.  [default: the last used sweep] The selector learns
    from all instances, and is kept in the work folder; the evaluation is that of bench select
    evaluate. The training is a run in MLflow.
    """
    done = train(read_options(TrainOptions, values))
    if as_json:
        click.echo(json.dumps(_training_object(done), indent=2))
    else:
        click.echo(selection_text(done.evaluation))
        click.echo(f"Selector {done.training.name} is in {done.folder}")
    _tell_notes(done.evaluation)
    if done.training.helps and not as_json:
        show("Register it", "bench", "select", "register", done.training.name, "--model", "NAME")


# no environment variable for --force: BENCH_FORCE is meant for comparisons
@command.command("register")
@click.argument("selector", required=False)
@option("--model", required=True, metavar="NAME", help="Name of the model in the registry.")
@click.option(
    "--force",
    is_flag=True,
    help="Register the selector although it is not shown to be better than the single best "
    "setting.",
)
@tracking_options
@work_dir_option
@json_option
def register_command(*, as_json: bool, **values: Any) -> None:
    """Register a trained selector as a version of a model, tagged with its evaluation.

    SELECTOR is its name.  [default: the last trained one] A selector that is not shown to be better
    than the single best setting is refused with exit code 5. bench promote gives an alias to a
    version; bench run --setting-from uses it.
    """
    made = register_selector(read_options(RegisterSelectorOptions, values))
    if as_json:
        click.echo(json.dumps(_registered_object(made), indent=2))
        return
    click.echo(
        f"{made.model} version {made.version}: selector {made.training.name} of "
        f"{len(made.selector.settings)} settings of {made.selector.solver} "
        f"{made.selector.solver_version}, pending"
    )
    click.echo(made.training.conclusion)
    store = store_option(made.tracking_uri)
    show("Let others find it", "bench", "promote", made.model, str(made.version), *store)


def _tell_notes(found: Evaluation) -> None:
    complain(f"Note: {note}" for note in found.notes)
    complain(f"Warning: {warning}" for warning in found.examples.warnings)


def _evaluation_object(found: Evaluation) -> dict[str, Any]:
    return {
        "single_best": found.single_best,
        "settings": found.examples.settings,
        "features": found.examples.features,
        "n_families": found.n_families,
        "known_families": asdict(found.known_families),
        "unseen_families": found.unseen_families and asdict(found.unseen_families),
        "conclusion": selection_sentence(found),
    }


def _training_object(done: TrainingResult) -> dict[str, Any]:
    return {
        "selector": done.training.name,
        "folder": str(done.folder),
        "helps": done.training.helps,
        "run_id": done.training.run_id,
        **_evaluation_object(done.evaluation),
    }


def _registered_object(made: RegisteredSelector) -> dict[str, Any]:
    return {
        "tracking_uri": mask(made.tracking_uri),
        "model": made.model,
        "version": made.version,
        "selector": made.training.name,
        "settings": [each.name for each in made.selector.settings],
        "tags": dict(made.tags),
    }
