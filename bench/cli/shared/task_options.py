"""Options of commands about a task: which task, and where it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from bench.cli.shared.completed_names import campaign_names
from bench.cli.shared.number_types import Integer
from bench.cli.shared.options import work_dir_option

F = TypeVar("F", bound=Callable[..., Any])
WHICH = frozenset({"task", "setting", "seed"})
"""The options that select a task, except for its place."""


def task_options(function: F) -> F:
    """Add the task: one option for each field of FindOptions."""
    decorators = [
        click.argument("task", metavar="KEY|INSTANCE"),
        click.option(
            "--sweep",
            metavar="NAME",
            shell_complete=campaign_names,
            help="Name or folder of a sweep or run.  [default: the last one with a matching task]",
        ),
        click.option("--setting", metavar="NAME", help="Only tasks of this setting."),
        click.option("--seed", type=Integer(), metavar="N", help="Only tasks of this seed."),
        work_dir_option,
    ]
    for decorate in reversed(decorators):
        function = decorate(function)
    return function
