"""The options of ``bench sweep`` and ``bench plan``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from bench.app.campaign.plan_sweep import SweepOptions
from bench.cli.shared import argv as free_words
from bench.cli.shared.completed_names import files
from bench.cli.shared.number_types import IntegerRange
from bench.cli.shared.options import limit_options, lint_option, option, reference_options
from bench.cli.shared.read_options import execution_context, read_options
from bench.errors import UsageError
from bench.model.sweep import TaskOrder
from bench.planning.settings import add_parameter

F = TypeVar("F", bound=Callable[..., Any])


def sweep_options(function: F) -> F:
    """Add what declares a sweep."""
    decorators = [
        click.argument(
            "words",
            nargs=-1,
            type=click.UNPROCESSED,
            metavar="[SWEEP.yaml] [INSTANCE]...",
            shell_complete=files,
        ),
        option("--alpha", metavar="LIST", help="Values of the knob alpha, e.g. 0.15,0.035."),
        option("--l1-ratio", metavar="LIST", help="Values of the knob l1_ratio."),
        option(
            "--param",
            "-p",
            "params",
            multiple=True,
            metavar="NAME=LIST",
            help="Values of a parameter: 0,5 or 0:10:2 or log:1e-4:1:5; lists multiply.",
        ),
        option(
            "--zip",
            "zips",
            multiple=True,
            metavar="'N=LIST M=LIST'",
            help="Lists that advance together.",
        ),
        option(
            "--settings-file",
            multiple=True,
            metavar="A.set,B.set",
            help="Settings from .set files, each named after its file.",
        ),
        option(
            "--setting-from",
            multiple=True,
            metavar="models:/NAME@ALIAS",
            help="A registered setting, by alias or version; may be repeated.",
        ),
        option(
            "--setting",
            multiple=True,
            metavar="'NAME: P=V Q=W'",
            help="A named setting; 'default:' is stock.",
        ),
        option(
            "--knob",
            "knobs",
            multiple=True,
            metavar="'NAME: P=FORMULA'",
            help="A knob of your own, e.g. 'weight: a/b=value*0.5'.",
        ),
        option("--baseline", metavar="NAME", help="The setting the others are compared with."),
        option("--name", metavar="NAME", help="Name of the sweep.  [default: that of its file]"),
        option(
            "--solver",
            metavar="A,B",
            help="The solver, or several: scip,scip@9.2.4,highs (see bench solvers).  "
            "[default: scip]",
        ),
        option("--seeds", metavar="N|LIST", help="A count or a list.  [default: 1]"),
        option(
            "--permutations",
            metavar="N|LIST",
            help="Permutations of rows and columns; 0 is the file as it is.  [default: 1]",
        ),
        limit_options,
        option(
            "--order",
            type=click.Choice([str(order) for order in TaskOrder]),
            help="Instances shuffled, the settings of each together; or as listed.  "
            "[default: interleaved]",
        ),
        option("--shuffle-seed", type=IntegerRange(min=0), metavar="N", help="Of the order."),
        reference_options,
        lint_option,
    ]
    for decorate in reversed(decorators):
        function = decorate(function)
    return function


def sweep_options_given(context: click.Context, values: dict[str, Any]) -> SweepOptions:
    """Return the options object of a sweep from all that click has read."""
    words, parameters = free_words.split(values.pop("words"), context)
    for name, text in _assignments(values.pop("params")):
        add_parameter(parameters, name, text)
    free_words.leave_out_variables(context, values, parameters)
    return read_options(
        SweepOptions, values, instances=words, params=parameters, **execution_context()
    )


def _assignments(texts: tuple[str, ...]) -> list[tuple[str, str]]:
    pairs = []
    for text in texts:
        name, equals, value = text.partition("=")
        if not (equals and name.strip()):
            raise UsageError(f"{text!r}: expected NAME=LIST, e.g. -p separating/maxrounds=0,5")
        pairs.append((name.strip(), value.strip()))
    return pairs
