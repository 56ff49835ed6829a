"""Options that all comparing commands share: the sources of results, and how they count."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from bench.cli.shared.completed_names import campaign_names
from bench.cli.shared.number_types import FiniteFloatRange, Integer, IntegerRange
from bench.cli.shared.options import option, tracking_options, work_dir_option
from bench.comparison.options import MEASURES, Failures, Timeouts

F = TypeVar("F", bound=Callable[..., Any])


measure_option = option(
    "--measure",
    type=click.Choice(list(MEASURES)),
    default="solve",
    show_default=True,
    help="Measure to compare; solve is the solver's own time by the clock of the task, "
    "gap_1_percent the time until the gap was at most 1 %.",
)
failures_option = option(
    "--failures",
    type=click.Choice([one.value for one in Failures]),
    default=Failures.EXCLUDE.value,
    show_default=True,
    help="How a wrong or failed result counts: excluded with its pair (instance and seed), as the "
    "time limit, as ten times the limit, or with the recorded value.",
)
resamples_option = option(
    "--resamples",
    type=IntegerRange(100, 1_000_000),
    default=2000,
    show_default=True,
    help="Number of bootstrap resamples.",
)


def source_options(function: F) -> F:
    """Add the options for the sources of results."""
    for decorate in (
        work_dir_option,
        tracking_options,
        click.option(
            "--run-id",
            "run_ids",
            multiple=True,
            metavar="ID",
            help="Use the results of this MLflow run (of a setting or a sweep); may be repeated.",
        ),
        click.argument("sources", nargs=-1, metavar="[SOURCE]...", shell_complete=campaign_names),
    ):
        function = decorate(function)
    return function


def counting_options(function: F) -> F:
    """Add how results are counted and compared: one option for each field of ComparisonOptions."""
    decorators = [
        option(
            "--baseline",
            metavar="NAME",
            help="Setting to compare with.  [default: the baseline of the sweep, else the setting "
            "default, else the first by name]",
        ),
        measure_option,
        option(
            "--shift",
            type=FiniteFloatRange(min=0),
            metavar="S",
            help="Shift of the geometric mean, e.g. 10 as in Mittelmann's benchmarks.  [default: "
            "for times 1 s, where times below 0.5 s count as 0.5 s, as in SCIP's evaluation (0.1 s "
            "and 0.01 s for short solves of a sweep with --until); for nodes 100]",
        ),
        option(
            "--clip", type=FiniteFloatRange(min=0), metavar="C", help="Raise smaller values to C."
        ),
        failures_option,
        option(
            "--timeouts",
            type=click.Choice([one.value for one in Timeouts]),
            default=Timeouts.LIMIT.value,
            show_default=True,
            help="How a solve that reached the time limit counts: as the limit, or with its "
            "measured time.",
        ),
        option(
            "--level",
            type=FiniteFloatRange(min=0, max=1, min_open=True, max_open=True),
            default=0.05,
            show_default=True,
            help="Significance level of tests; the confidence of intervals is 1 - level.",
        ),
        resamples_option,
        option(
            "--rng-seed",
            type=Integer(),
            default=1,
            show_default=True,
            help="Seed of the bootstrap.",
        ),
        option(
            "--force",
            is_flag=True,
            help="Compare results also if limits, machines or clocks differ (prints a warning).",
        ),
    ]
    for decorate in reversed(decorators):
        function = decorate(function)
    return function
