"""What the commands that compare have in common: where results come from, and how they count."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from bench import api
from bench.cli.shared.options import option, tracking_options, work_dir_option
from bench.comparison.options import MEASURES, SUBSETS, Failures, Options
from bench.comparison.sources import Recorded

F = TypeVar("F", bound=Callable[..., Any])


def source_options(function: F) -> F:
    """Add where results come from."""
    for decorate in (
        work_dir_option,
        tracking_options,
        click.option(
            "--run-id",
            "run_ids",
            multiple=True,
            metavar="ID",
            help="Results of this run of a setting or sweep in MLflow; may be repeated.",
        ),
        click.argument("words", nargs=-1, metavar="[SOURCE]..."),
    ):
        function = decorate(function)
    return function


def counting_options(function: F) -> F:
    """Add how results are counted and compared: one option for each field of Options."""
    decorators = [
        option("--baseline", metavar="NAME", help="Setting to compare with.  [default: default]"),
        option(
            "--measure",
            type=click.Choice(list(MEASURES)),
            default="solve",
            show_default=True,
            help="What is compared; solve is the solver's own time by the task's clock.",
        ),
        option(
            "--shift",
            type=click.FloatRange(min=0),
            metavar="S",
            help="Shift of the geometric mean; 10 is Mittelmann's.  [default: 1 s from 0.5 s, as "
            "SCIP's; 100 nodes]",
        ),
        option("--clip", type=click.FloatRange(min=0), metavar="C", help="Values are at least C."),
        option(
            "--failures",
            type=click.Choice([one.value for one in Failures]),
            default=Failures.EXCLUDE.value,
            show_default=True,
            help="What is wrong or failed: its block counts for no setting, or as the time limit, "
            "or ten times that, or as recorded.",
        ),
        option(
            "--alpha",
            type=click.FloatRange(min=0, max=1, min_open=True, max_open=True),
            default=0.05,
            show_default=True,
            help="Level of tests; intervals have one minus it.",
        ),
        option(
            "--resamples",
            type=click.IntRange(min=100),
            default=2000,
            show_default=True,
            help="Resamples of the bootstrap.",
        ),
        option("--rng-seed", type=int, default=1, show_default=True, help="Seed of resampling."),
        option(
            "--force",
            is_flag=True,
            help="Compare what differs in limits, solver versions, machines or clocks; it is said.",
        ),
    ]
    for decorate in reversed(decorators):
        function = decorate(function)
    return function


def options_given(
    values: dict[str, Any], recorded: Recorded, subsets: tuple[str, ...] = SUBSETS
) -> Options:
    """Take the counting options out of a command's arguments."""
    return Options(
        baseline=values.pop("baseline") or recorded.baseline,
        measure=values.pop("measure"),
        shift=values.pop("shift"),
        clip=values.pop("clip"),
        failures=Failures(values.pop("failures")),
        subsets=subsets,
        alpha=values.pop("alpha"),
        n_resamples=values.pop("resamples"),
        rng_seed=values.pop("rng_seed"),
        force=values.pop("force"),
    )


def results_given(values: dict[str, Any]) -> Recorded:
    """Take the source options out of a command's arguments, and return the results.

    What a source is, and what there is without one, is said by `bench.api.results`.
    """
    return api.recorded(
        *values.pop("words"),
        work_dir=values.pop("work_dir"),
        tracking_uri=values.pop("tracking_uri"),
        experiment_name=values.pop("experiment_name"),
        run_ids=values.pop("run_ids"),
    )
