"""``bench ui``: MLflow's pages, opened at the view that compares settings."""

from __future__ import annotations

import signal
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

import click

from bench.app.options import StoreOptions
from bench.cli.shared.number_types import IntegerRange
from bench.cli.shared.options import option, tracking_options
from bench.errors import UsageError
from bench.store.experiment import ExperimentRequest
from bench.store.uri import (
    is_database,
    is_server,
    mask,
    resolve_uri,
    sqlite_path,
    without_credentials,
)
from bench.tracking.ui.server import serving
from bench.tracking.ui.views import link


@click.command("ui", context_settings={"help_option_names": ["-h", "--help"]})
@tracking_options
@option(
    "--port",
    type=IntegerRange(0, 65535),
    default=5000,
    show_default=True,
    help="Port on 127.0.0.1; 0 chooses a free one.",
)
@option("--open", "open_page", is_flag=True, help="Open the page in a browser.")
def command(
    tracking_uri: str | None, experiment_name: str | None, port: int, open_page: bool
) -> None:
    """Open MLflow's web interface, with the best settings first.

    For a store on this machine, a server is started. If a server is already running, only its
    address is printed. Without --experiment-name, the experiment with the newest run is shown.
    """
    uri = resolve_uri(tracking_uri)
    experiment = StoreOptions(experiment_name=experiment_name).given_experiment()
    if is_server(uri):
        _show(link(without_credentials(uri), _experiment_id(uri, experiment)), open_page)
        return
    if not is_database(uri):
        raise UsageError(f"{mask(uri)}: a server needs a local database; see --tracking-uri")
    database = sqlite_path(uri)
    if database is not None and not database.is_file():
        raise UsageError(
            f"{database}: the database does not exist; record results first with bench run, or "
            "see --tracking-uri"
        )
    with _interruptible(), serving(uri, port) as server:
        experiment_id = _experiment_id(uri, experiment)
        server.wait_until_ready()
        click.echo(f"MLflow shows {mask(uri)}; Ctrl-C stops it.", err=True)
        _show(link(server.address, experiment_id), open_page)
        server.wait()


def _show(address: str, open_page: bool) -> None:
    click.echo(address)
    if open_page:
        webbrowser.open(address)


def _experiment_id(uri: str, experiment: ExperimentRequest | None) -> str | None:
    from bench.tracking.mlflow_reading import experiment_to_show  # noqa: PLC0415 - takes seconds

    return experiment_to_show(uri, experiment)


@contextmanager
def _interruptible() -> Iterator[None]:
    """End quietly on Ctrl-C and SIGTERM, which are the usual way to end the command."""

    def heard(number: int, frame: FrameType | None) -> None:
        del number, frame
        for each in numbers:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, heard) for number in numbers}
    try:
        with suppress(KeyboardInterrupt):
            yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
