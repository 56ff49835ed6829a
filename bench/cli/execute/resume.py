"""``bench resume``: continue a run or sweep that was stopped."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Sequence
from typing import Any

import click

from bench.app.work_folder.resume import Resumable, ResumeOptions, find_resumable
from bench.cli.shared.completed_names import campaign_names
from bench.cli.shared.dotenv import LoadedDotenv
from bench.cli.shared.options import complain, work_dir_option
from bench.cli.shared.read_options import read_options
from bench.errors import UsageError
from bench.report.terminal.campaigns import CampaignKind

PLACE = frozenset({"--resume", "--work-dir"})


@click.command(
    "resume",
    context_settings={"help_option_names": ["-h", "--help"], "ignore_unknown_options": True},
)
@click.argument(
    "words",
    nargs=-1,
    type=click.UNPROCESSED,
    metavar="[NAME] [OPTION]...",
    shell_complete=campaign_names,
)
@work_dir_option
@click.pass_context
def command(context: click.Context, /, words: tuple[str, ...], **values: Any) -> int:
    """Resume an interrupted run or sweep by executing its original command again.

    NAME is a name that bench ls lists.  [default: the last one that is not finished]  Further
    options, such as -j 4 or --retry-failed, are added to the command. Relative paths refer to the
    folder where the original command was typed.
    """
    named = bool(words) and not words[0].startswith("-")
    found = find_resumable(read_options(ResumeOptions, values, name=words[0] if named else None))
    arguments = [*_without_place(found.arguments), *words[named:], *_where(found)]
    complain([f"In {found.directory}: bench {shlex.join(arguments)}"])
    _go_there(found, context.obj)
    sys.argv = [sys.argv[0], *arguments]
    root: Any = context.find_root().command
    return int(root.main(arguments))


def _where(found: Resumable) -> list[str]:
    """Return the options that refer to the present place of the folder."""
    run = ["--resume", found.folder.name] if found.kind is CampaignKind.RUN else []
    return [*run, "--work-dir", str(found.folder.parent)]


def _without_place(arguments: Sequence[str]) -> list[str]:
    """Return the arguments of a command without those that an earlier ``bench resume`` added."""
    kept: list[str] = []
    rest = iter(arguments)
    for word in rest:
        if word in PLACE:
            next(rest, None)
        else:
            kept.append(word)
    return kept


def _go_there(found: Resumable, loaded: LoadedDotenv | None) -> None:
    """Change to the folder of the original command, whose ``.env`` then applies."""
    for name in loaded.values if loaded else ():
        os.environ.pop(name, None)
    try:
        os.chdir(found.directory)
    except OSError as error:
        raise UsageError(f"{found.directory}: cannot be used: {error.strerror}") from error
