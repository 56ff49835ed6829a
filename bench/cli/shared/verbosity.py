"""``--quiet`` and ``--verbose``: how much a command tells beside its result."""

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
    """``QUIET``: results, warnings and errors alone. ``VERBOSE``: every result and every note."""

    QUIET = 0
    USUAL = 1
    VERBOSE = 2


def verbosity() -> Verbosity:
    """Return how much the command that is executed should tell."""
    context = click.get_current_context(silent=True)
    return Verbosity.USUAL if context is None else context.meta.get(KEY, Verbosity.USUAL)


def hint(lines: Iterable[str]) -> None:
    """Print lines on stderr that nobody needs who asked for quiet."""
    if verbosity() > Verbosity.QUIET:
        complain(lines)


def verbosity_options(function: F) -> F:
    """Add how much is told."""
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
