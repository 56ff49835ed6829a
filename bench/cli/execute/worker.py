"""``bench worker``: lend this machine to sweeps that are executed by dask workers."""

from __future__ import annotations

from typing import Any

import click

from bench.app.worker import WorkerOptions, work
from bench.cli.shared.number_types import IntegerRange


@click.command("worker", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("scheduler", metavar="ADDRESS")
@click.option(
    "--jobs",
    "-j",
    type=IntegerRange(min=1),
    default=1,
    show_default=True,
    metavar="N",
    help="Tasks at a time, each on cores of its own.",
)
@click.option("--interface", metavar="NAME", help="Network interface to use, such as ib0.")
def command(**values: Any) -> int:
    """Execute tasks of sweeps on this machine, until the scheduler ends.

    ADDRESS is the address of a dask scheduler, such as tcp://login1:8786 (see: dask scheduler).
    Sweeps find the workers by it: bench sweep ... --executor dask --scheduler ADDRESS. bench and
    the solvers must have the versions that the sweep was planned with.
    """
    return work(WorkerOptions(**values))
