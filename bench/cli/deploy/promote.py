"""``bench promote``: move an alias to a version of a model if a comparison supports it."""

from __future__ import annotations

import json
from typing import Any

import click

from bench.app.registry.promote import CHAMPION, PromoteOptions, Promotion, promote
from bench.cli.shared.next_step import show, store_option
from bench.cli.shared.number_types import IntegerRange
from bench.cli.shared.options import complain, json_option, option, tracking_uri_option
from bench.cli.shared.read_options import read_options
from bench.errors import EXIT_REGRESSION, EXIT_UNDECIDED
from bench.store.uri import resolve_uri


# no environment variable for --force: BENCH_FORCE is meant for comparisons
@click.command("promote", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("model")
@click.argument("version", type=IntegerRange(min=1))
@option("--alias", default=CHAMPION, show_default=True, metavar="NAME", help="The alias to move.")
@click.option(
    "--force", is_flag=True, help="Move the alias regardless of the evidence (recorded in a tag)."
)
@tracking_uri_option
@json_option
def command(*, as_json: bool, **values: Any) -> int:
    """Move an alias to a model version if the comparison shows that it is better.

    The comparison is repeated with the results in MLflow that the tags of the version name. Exit
    codes: 4 if the version is worse or fails more often than its baseline, 5 if the results are
    inconclusive; in both cases the alias stays where it is.
    """
    done = promote(read_options(PromoteOptions, values))
    if as_json:
        click.echo(json.dumps(_object(done), indent=2))
    elif done.moved:
        click.echo(f"{done.alias} is now {done.model} version {done.version}")
    complain(f"Note: {note}" for note in done.notes)
    if not done.moved:
        complain([f"Error: not promoted: {done.reason} (--force moves {done.alias} anyway)"])
        return EXIT_REGRESSION if done.speaks_against else EXIT_UNDECIDED
    if done.forced:
        complain([f"Warning: moved by force: {done.reason}"])
    elif not as_json:
        click.echo(done.reason)
    reference = f"models:/{done.model}@{done.alias}"
    store = store_option(resolve_uri(values["tracking_uri"]))
    show("Use it", "bench", "run", "model.mps", "--setting-from", reference, *store)
    return 0


def _object(done: Promotion) -> dict[str, Any]:
    return {
        "model": done.model,
        "version": done.version,
        "alias": done.alias,
        "moved": done.moved,
        "forced": done.forced,
        "conclusion": done.conclusion.outcome.value if done.conclusion else None,
        "reason": done.reason,
        "notes": list(done.notes),
    }
