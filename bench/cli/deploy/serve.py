"""``bench serve``: a registered setting answers over HTTP."""

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
@option("--host", default=LOOPBACK, show_default=True, help="Address to listen at.")
@option(
    "--port",
    type=IntegerRange(0, 65535),
    default=PORT,
    show_default=True,
    help="Port to listen at; 0 takes a free one.",
)
@job_options
@option(
    "--timeout",
    type=FiniteFloatRange(min=1),
    default=TIMEOUT_S,
    show_default=True,
    metavar="S",
    help="Seconds within which a request is answered; time limits of requests are shorter.",
)
@option(
    "--memory-limit",
    type=FiniteFloatRange(min=1),
    default=DEFAULT_MEMORY_MIB,
    show_default=True,
    metavar="MIB",
    help="Memory of each solve in MiB.",
)
@option(
    "--max-size",
    type=FiniteFloatRange(min=0, min_open=True),
    default=MAX_MIB,
    show_default=True,
    metavar="MIB",
    help="Largest request, and largest problem in one once it is unpacked.",
)
@option(
    "--folder",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Let requests name problem files below this folder.",
)
@option(
    "--token-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="File with a bearer token that each request has to bring.",
)
@tracking_uri_option
def command(**values: Any) -> None:
    """Serve a registered setting over HTTP.

    POST /solve takes {"model": "TEXT"} (MPS or LP, plain or as gzip in base64), and optionally
    time_limit, gap and start; POST /invocations is MLflow's protocol. Each solve has processes of
    its own, and ends when its client leaves. See docs/serving.md.
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
            "Warning: whoever reaches this address can have problems solved; see --token-file",
            err=True,
        )
    click.echo(serving.address)
