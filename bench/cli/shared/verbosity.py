"""``--quiet`` and ``--verbose``: how much a command prints besides its result."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import IntEnum
from typing import Any, TypeVar

import click

from bench.cli.shared.options import complain, option
from bench.errors import UsageError

F = TypeVar("F", bound=Callable[..., Any])
KEY = "bench.verbosity"


class Verbosity(IntEnum):
    """``QUIET``: only results, warnings and errors. ``VERBOSE``: every result and every note."""

    QUIET = 0
    USUAL = 1
    VERBOSE = 2


def verbosity() -> Verbosity:
    """Return how much the present command should print."""
    context = click.get_current_context(silent=True)
    return Verbosity.USUAL if context is None else context.meta.get(KEY, Verbosity.USUAL)


def hint(lines: Iterable[str]) -> None:
    """Print lines on stderr that --quiet suppresses."""
    if verbosity() > Verbosity.QUIET:
        complain(lines)


def verbosity_options(function: F) -> F:
    """Add the options --quiet and --verbose."""
    for name, short, level, text in (
        (
            "--verbose",
            "-v",
            Verbosity.VERBOSE,
            "Print every result as soon as it is there, and all notes.",
        ),
        ("--quiet", "-q", Verbosity.QUIET, "Print only results, warnings and errors."),
    ):
        function = option(
            name,
            short,
            is_flag=True,
            expose_value=False,
            callback=_setting(level),
            help=text,
        )(function)
    return function


def _setting(level: Verbosity) -> Callable[[click.Context, click.Parameter, bool], None]:
    def keep(context: click.Context, _: click.Parameter, given: bool) -> None:
        if not given:
            return
        if context.meta.get(KEY, level) is not level:
            raise UsageError("--quiet and --verbose exclude each other; keep one of them")
        context.meta[KEY] = level

    return keep
