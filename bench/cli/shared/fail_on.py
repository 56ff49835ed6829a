"""``--fail-on``: verdicts for which a command has a special exit code."""

from __future__ import annotations

from collections.abc import Iterable

import click

from bench.cli.shared.options import option
from bench.errors import EXIT_WRONG, UsageError
from bench.model.results.result import Result
from bench.model.results.verdict import FAILURES, RENAMED, Category

_NAMES = (*Category, "failed")


def verdicts(text: str | None) -> frozenset[Category]:
    """Return the verdicts of a list; UsageError for an unknown one.

    ``failed`` means all verdicts without an answer.
    """
    known = {str(category): frozenset({category}) for category in Category}
    known |= {name: frozenset({Category(new)}) for name, new in RENAMED.items()}
    known["failed"] = FAILURES
    names = [part.strip() for part in (text or "").split(",") if part.strip()]
    for name in names:
        if name not in known:
            raise UsageError(f"--fail-on {name}: unknown verdict; known: {', '.join(_NAMES)}")
    return frozenset().union(*(known[name] for name in names))


def _parsed(_: click.Context, __: click.Parameter, text: str | None) -> frozenset[Category]:
    return verdicts(text)


fail_on_option = option(
    "--fail-on",
    metavar="VERDICT,...",
    callback=_parsed,
    help=f"Exit with code {EXIT_WRONG} if any result has one of these verdicts, e.g. wrong,failed.",
)


def is_among(bad: frozenset[Category], results: Iterable[Result]) -> bool:
    """Return whether a result has one of the verdicts."""
    return any(result.verdict.category in bad for result in results)
