"""``bench selftest``: how often the comparison is wrong on these results."""

from __future__ import annotations

import json
from typing import Any

import click

from bench.app.analysis.sources import ComparisonOptions
from bench.cli.shared.comparison_options import counting_options, source_options
from bench.cli.shared.number_types import FiniteFloatRange, IntegerRange
from bench.cli.shared.options import json_option, option
from bench.cli.shared.read_options import read_options
from bench.comparison.noise_floor import noise_floor
from bench.comparison.selftest import selftest
from bench.errors import EXIT_REGRESSION
from bench.report.terminal.selftest import selftest_object, selftest_text


@click.command("selftest", context_settings={"help_option_names": ["-h", "--help"]})
@source_options
@option(
    "--setting", metavar="NAME", help="Setting whose results are used.  [default: the baseline]"
)
@option(
    "--rounds",
    type=IntegerRange(10, 1_000_000),
    default=1000,
    show_default=True,
    metavar="N",
    help="Number of comparisons of the setting with itself.",
)
@option(
    "--effect",
    type=FiniteFloatRange(min=0, min_open=True),
    default=0.1,
    show_default=True,
    metavar="E",
    help="Artificial slowdown, to measure how often it is detected (0.1 is 10 %).",
)
@counting_options
@json_option
def command(as_json: bool, **values: Any) -> int:
    """Compare one setting with itself: false alarms, power and noise floor.

    In each round, the seeds of every instance are split at random between two copies of the
    setting; a difference found between them is a false alarm. This needs at least six instances
    with two seeds. SOURCE is as for bench compare.

    Exit codes: 0 if the rate of false alarms is at most the significance level, within its random
    error; else 4.
    """
    setting, rounds, effect = (values.pop(name) for name in ("setting", "rounds", "effect"))
    asked = read_options(ComparisonOptions, values)
    recorded = asked.recorded()
    options = asked.counting(recorded)
    found = selftest(recorded.table, options, setting=setting, n_rounds=rounds, effect=effect)
    noise = noise_floor(recorded.table, options)
    if as_json:
        click.echo(json.dumps(selftest_object(found, noise), indent=2))
    else:
        click.echo(selftest_text(found, noise))
    return 0 if found.holds else EXIT_REGRESSION
