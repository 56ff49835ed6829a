"""The recommended next step at the end of a command."""

from __future__ import annotations

import os
import shlex
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

import click
from click.core import ParameterSource

from bench.cli.shared.verbosity import hint
from bench.model.results.result import Result
from bench.model.results.verdict import VerdictKind
from bench.store.uri import MASKED, mask, resolve_uri, without_credentials

USUAL_WORK_DIR = "bench-work"


def show(what: str, *words: str) -> None:
    """Print on stderr a next step, and its command."""
    hint([f"{what}: {shlex.join(words)}"])


def store_option(uri: str) -> tuple[str, ...]:
    """Return the option that a command needs for a store, none for the default store."""
    usual = os.environ.get("BENCH_TRACKING_URI") or os.environ.get("MLFLOW_TRACKING_URI")
    return () if uri == resolve_uri(usual) else ("--tracking-uri", without_credentials(uri))


def name_of(folder: Path) -> str:
    """Return the argument by which other commands find a campaign: its name, or its path."""
    usual = Path(os.environ.get("BENCH_WORK_DIR", USUAL_WORK_DIR)).absolute()
    return folder.name if folder.absolute().parent == usual else str(folder)


def command_to_continue(folder: Path, command: str) -> str:
    """Return the command that continues a campaign: by its name, unless it needs a password."""
    if MASKED in mask(command):
        return command
    return shlex.join(["bench", "resume", name_of(folder)])


def judge_again(folder: Path, results: Iterable[Result]) -> None:
    """If answers contradict each other, print how to update other campaigns."""
    if any(result.verdict.kind is VerdictKind.INCONSISTENT for result in results):
        usual = name_of(folder) == folder.name
        where = [] if usual else ["--work-dir", str(folder.parent)]
        show("Judge all recorded results again", "bench", "check", *where)


def given_options(context: click.Context, *, left_out: Collection[str]) -> Iterator[str]:
    """Yield the options that the user gave on the command line, except those left out, by name."""
    for parameter in context.command.params:
        name, value = str(parameter.name), context.params.get(str(parameter.name))
        source = context.get_parameter_source(name)
        if name in left_out or source is not ParameterSource.COMMANDLINE:
            continue
        flag = parameter.opts[0]
        if isinstance(parameter, click.Option) and parameter.is_flag:
            yield flag
        else:
            for each in value if isinstance(value, tuple) else (value,):
                yield flag
                yield without_credentials(str(each)) if name == "tracking_uri" else str(each)
