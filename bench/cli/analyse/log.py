"""``bench log``: the solver's output for a task."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import click

from bench.app.work_folder.find_log import TaskLog, find_logs
from bench.app.work_folder.find_tasks import FindOptions
from bench.cli.shared.options import complain
from bench.cli.shared.read_options import read_options
from bench.cli.shared.task_options import task_options
from bench.errors import BenchError, UsageError
from bench.model.printable import escaped
from bench.report.terminal.task import task_table

LESS = "FRX"
"""The default options of less: end at once if everything fits on the screen."""


@click.command("log", context_settings={"help_option_names": ["-h", "--help"]})
@task_options
@click.option(
    "--path", "as_path", is_flag=True, help="Print the path of the log file instead of the log."
)
def command(*, as_path: bool, **values: Any) -> None:
    """Print the solver's log of a task, also while the task is running.

    KEY is the beginning of a task's key; INSTANCE is a name. If several tasks match, choose one
    with --setting and --seed. In a terminal, a long log is shown in a pager.
    """
    found = find_logs(read_options(FindOptions, values))
    if len(found) > 1:
        complain(task_table([log.task for log in found]).splitlines())
        raise UsageError(
            f"{len(found)} logs match {values['task']}; choose one with --setting and --seed, or "
            "by its key"
        )
    log = found[0]
    if as_path:
        click.echo(str(log.path))
        return
    if not log.has_result:
        complain(["Note: this task has no result yet; its log may be incomplete"])
    if not log.path.stat().st_size:
        complain([f"Note: the log is empty ({log.path})"])
    _print(log)


def _print(log: TaskLog) -> None:
    try:
        if sys.stdout.isatty():
            _page(log.path)
        else:
            with log.path.open("rb") as file:
                shutil.copyfileobj(file, sys.stdout.buffer)
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        raise BenchError(f"{log.path}: cannot be read: {error.strerror}") from error


def _page(path: Path) -> None:
    """Show a log with the pager; control sequences are escaped."""
    os.environ.setdefault("LESS", LESS)
    with path.open(encoding="utf-8", errors="replace") as file:
        click.echo_via_pager(escaped(line, keep="\n\t") for line in file)
