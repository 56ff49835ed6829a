"""``bench gate``: whether a candidate may replace the baseline, as an exit code."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

import click

from bench.app.analysis.sources import ComparisonOptions
from bench.cli.shared.comparison_options import counting_options, source_options
from bench.cli.shared.next_step import given_options, show
from bench.cli.shared.number_types import FiniteFloatRange
from bench.cli.shared.options import complain, json_option, option
from bench.cli.shared.read_options import read_options
from bench.comparison.compare import compare
from bench.comparison.gate import COUNTS, Decision, decide
from bench.comparison.wording.narrative import conclusion
from bench.errors import EXIT_REGRESSION, EXIT_UNDECIDED, UsageError

DEFAULT_NO_WORSE = ("solved", "wrong", "failed")
NOT_OF_A_FIGURE = frozenset(
    {"sources", "candidate", "max_slowdown", "no_worse", "allow_undecided", "strict", "as_json"}
)


@click.command("gate", context_settings={"help_option_names": ["-h", "--help"]})
@source_options
@option("--candidate", required=True, metavar="NAME", help="Setting to accept or reject.")
@option(
    "--max-slowdown",
    type=FiniteFloatRange(min=0, min_open=True),
    default=1.05,
    show_default=True,
    metavar="R",
    help="Largest accepted ratio of the means, candidate to baseline.",
)
@option(
    "--no-worse",
    multiple=True,
    type=click.Choice(COUNTS),
    help="Count that must not become worse; may be repeated.  [default: "
    f"{', '.join(DEFAULT_NO_WORSE)}]",
)
@option(
    "--allow-undecided",
    is_flag=True,
    help="Exit with code 0 instead of 5 if the results are inconclusive.",
)
@option("--strict", is_flag=True, hidden=True, help="Accepted as before; it is the default now.")
@counting_options
@json_option
@click.pass_context
def command(context: click.Context, /, as_json: bool, **values: Any) -> int:
    """Fail if the confidence interval shows that a candidate is a regression.

    Exit codes: 0 if the candidate passes, 4 for a regression, 5 (undecided) if the results are
    inconclusive. SOURCE is as for bench compare.
    """
    candidate, allowed = values.pop("candidate"), values.pop("allow_undecided")
    if values.pop("strict") and allowed:
        raise UsageError("--strict and --allow-undecided exclude each other; keep one of them")
    most, no_worse = values.pop("max_slowdown"), values.pop("no_worse") or DEFAULT_NO_WORSE
    asked = read_options(ComparisonOptions, values)
    recorded = asked.recorded()
    options = asked.counting(recorded, ("all",))
    if candidate == options.baseline:
        raise UsageError(
            f"--candidate {candidate} is the baseline; choose another one with --baseline"
        )
    both = (options.baseline, candidate) if options.baseline else ()
    comparison = compare(recorded.table, replace(options, only=both))
    gate = decide(comparison, candidate, most, no_worse)
    if as_json:
        names = {"baseline": comparison.baseline, "candidate": candidate}
        click.echo(json.dumps(names | asdict(gate), indent=2))
    else:
        click.echo(f"{gate.decision}: {candidate} against {comparison.baseline}: {gate.reason}")
        click.echo(conclusion(comparison, candidate).sentence)
    complain(f"Note: {note}" for note in comparison.notes)
    complain(f"Warning: {warning}" for warning in comparison.warnings)
    if gate.decision is Decision.REGRESSION:
        options_too = given_options(context, left_out=NOT_OF_A_FIGURE)
        figure = ("ratios", *values["sources"], *options_too, "-o", "ratios.html")
        show("Draw the ratio of each instance", "bench", "plot", *figure)
        return EXIT_REGRESSION
    return EXIT_UNDECIDED if gate.decision is Decision.UNDECIDED and not allowed else 0
