"""``bench select``: whether the best setting can be told from the statistics of an instance."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import click

from bench.app.analysis.select import SelectOptions, evaluate_selection
from bench.cli.shared.comparison_options import counting_options, source_options
from bench.cli.shared.options import complain, json_option
from bench.cli.shared.read_options import read_options
from bench.report.terminal.selection import selection_sentence, selection_text


@click.group("select", context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """Choose a setting by instance: find out whether that would help."""


@command.command("evaluate")
@source_options
@counting_options
@json_option
def evaluate_command(*, as_json: bool, **values: Any) -> None:
    """Show how much better a choice by instance is than always the single best setting.

    SOURCE is a sweep, or a table of results. A forest learns from the statistics of a part of the
    instances what each setting costs, and chooses for the others: the share of the gap between
    single best and virtual best that it closes, with its interval.
    """
    found = evaluate_selection(read_options(SelectOptions, values))
    if as_json:
        content = {
            "single_best": found.single_best,
            "settings": found.examples.settings,
            "features": found.examples.features,
            "known_families": asdict(found.known_families),
            "unseen_families": found.unseen_families and asdict(found.unseen_families),
            "conclusion": selection_sentence(found),
        }
        click.echo(json.dumps(content, indent=2))
    else:
        click.echo(selection_text(found))
    complain(f"Note: {note}" for note in found.examples.notes)
