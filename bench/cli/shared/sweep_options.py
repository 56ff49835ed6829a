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
    """Add the options that declare a sweep."""
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
            help="Values of a parameter or knob: 0,5 or 0:10:2 or log:1e-4:1:5. Several lists "
            "give all combinations.",
        ),
        option(
            "--include",
            metavar="LIST",
            help="Functions that add plug-ins in Python to SCIP; each value is a setting: "
            "none,FILE.py:FUNCTION; several at a time are joined by +.",
        ),
        option(
            "--emphasis",
            metavar="LIST",
            help="Emphases of SCIP; each value is a setting: none,heuristics-off,hardlp; "
            "several at a time are joined by +.",
        ),
        option(
            "--start",
            metavar="LIST",
            help="Solutions to start from; each value is a setting: none,FILE.sol,FOLDER; a "
            "folder has INSTANCE.sol for each instance.",
        ),
        option(
            "--zip",
            "zips",
            multiple=True,
            metavar="'N=LIST M=LIST'",
            help="Lists of equal length whose values are taken pairwise instead of in all "
            "combinations.",
        ),
        option(
            "--settings-file",
            multiple=True,
            metavar="A.set,B.set",
            help="Add a setting for each of these .set files, named after the file.",
        ),
        option(
            "--setting-from",
            multiple=True,
            metavar="models:/NAME@ALIAS",
            help="Add a registered setting, named by alias or version; may be repeated.",
        ),
        option(
            "--setting",
            multiple=True,
            metavar="'NAME: P=V Q=W'",
            help="Add a named setting; 'default:' changes no parameter.",
        ),
        option(
            "--knob",
            "knobs",
            multiple=True,
            metavar="'NAME: P=FORMULA'",
            help="Define a knob: a name whose value sets one or more parameters, e.g. 'weight: "
            "a/b=value*0.5'.",
        ),
        option("--baseline", metavar="NAME", help="Setting that the others are compared with."),
        option(
            "--name", metavar="NAME", help="Name of the sweep.  [default: the name of its file]"
        ),
        option(
            "--solver",
            metavar="A,B",
            help="One or more solvers, e.g. scip,scip@9.2.4,highs (see bench solvers).  [default: "
            "scip]",
        ),
        option(
            "--seeds",
            metavar="N|LIST",
            help="Number of seeds, or a list of them such as 4,7.  [default: 1]",
        ),
        option(
            "--permutations",
            metavar="N|LIST",
            help="Number of permutations of rows and columns, or a list of them; 0 is the "
            "original order.  [default: 1]",
        ),
        limit_options,
        option(
            "--order",
            type=click.Choice([str(order) for order in TaskOrder]),
            help="Task order: interleaved shuffles the instances and keeps the settings of an "
            "instance together; given keeps the declared order.  [default: interleaved]",
        ),
        option(
            "--shuffle-seed", type=IntegerRange(min=0), metavar="N", help="Seed for the task order."
        ),
        reference_options,
        lint_option,
    ]
    for decorate in reversed(decorators):
        function = decorate(function)
    return function


def sweep_options_given(context: click.Context, values: dict[str, Any]) -> SweepOptions:
    """Return the options object of a sweep from all values of click."""
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
