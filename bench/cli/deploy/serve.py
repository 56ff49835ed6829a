"""``bench serve``: serve a registered setting over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from bench.cli.shared.number_types import FiniteFloatRange, IntegerRange
from bench.cli.shared.options import job_options, option, tracking_uri_option
from bench.cli.shared.read_options import read_options
from bench.model.limits import DEFAULT_MEMORY_MIB
from bench.serving.server import LOOPBACK, MAX_MIB, PORT, TIMEOUT_S, ServeOptions, Serving, serve


@click.command("serve", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("setting", metavar="NAME@ALIAS")
@option("--host", default=LOOPBACK, show_default=True, help="Address to listen on.")
@option(
    "--port",
    type=IntegerRange(0, 65535),
    default=PORT,
    show_default=True,
    help="Port to listen on; 0 chooses a free one.",
)
@job_options
@option(
    "--timeout",
    type=FiniteFloatRange(min=1),
    default=TIMEOUT_S,
    show_default=True,
    metavar="S",
    help="Answer every request within this many seconds; time limits in requests are shortened "
    "accordingly.",
)
@option(
    "--memory-limit",
    type=FiniteFloatRange(min=1),
    default=DEFAULT_MEMORY_MIB,
    show_default=True,
    metavar="MIB",
    help="Memory limit per solve in MiB.",
)
@option(
    "--max-size",
    type=FiniteFloatRange(min=0, min_open=True),
    default=MAX_MIB,
    show_default=True,
    metavar="MIB",
    help="Largest accepted request, and largest problem after decompression.",
)
@option(
    "--folder",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Allow requests to name problem files in this folder.",
)
@option(
    "--token-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="File with the bearer token that every request must send.",
)
@tracking_uri_option
def command(**values: Any) -> None:
    """Serve a registered setting over HTTP.

    POST /solve takes {"model": "TEXT"} (MPS or LP, plain or as gzip in base64), and optionally
    time_limit, gap and start; POST /invocations is MLflow's protocol. Each solve runs in separate
    processes, and is stopped if its client disconnects. See docs/serving.md.
    """
    serve(read_options(ServeOptions, values), _ready)


def _ready(serving: Serving) -> None:
    found = serving.found
    click.echo(
        f"{found.title} ({found.registered.setting.name} of {found.registered.setting.solver} "
        f"{found.registered.solver_version}), {serving.n_jobs} at a time, time limits up to "
        f"{serving.longest_time_limit:g} s; Ctrl-C stops it.",
        err=True,
    )
    if not (serving.is_loopback or serving.with_token):
        click.echo(
            "Warning: anyone who can reach this address can have problems solved; see --token-file",
            err=True,
        )
    click.echo(serving.address)
