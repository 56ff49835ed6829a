"""``bench clean``: delete folders of old runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from bench.app.work_folder.clean import CleanOptions, Removable, find_removable, remove
from bench.cli.shared.completed_names import campaign_names
from bench.cli.shared.durations import seconds
from bench.cli.shared.next_step import given_options, show
from bench.cli.shared.options import complain, work_dir_option
from bench.errors import BenchError
from bench.report.terminal.campaigns import campaigns_table, size_text


@click.command("clean", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("names", nargs=-1, metavar="[NAME]...", shell_complete=campaign_names)
@click.option(
    "--older-than",
    metavar="AGE",
    default="30d",
    show_default=True,
    help="Without names: delete only runs not used for this long, e.g. 8h or 1d12h.",
)
@click.option(
    "--unrecorded",
    is_flag=True,
    help="Also delete results that may be missing in MLflow.",
)
@click.option(
    "--yes", is_flag=True, help="Really delete; without this option, the folders are only listed."
)
@work_dir_option
@click.pass_context
def command(  # noqa: PLR0913 - one for each option
    context: click.Context,
    /,
    names: tuple[str, ...],
    older_than: str,
    work_dir: Path,
    *,
    unrecorded: bool,
    yes: bool,
) -> None:
    """List the folders of old runs, and delete them with --yes.

    Without names, these are runs and the sweeps that --fresh replaced; other sweeps and imports are
    deleted only by name. Journal, logs and solutions are deleted permanently; MLflow keeps its
    copy. Results that are not in MLflow are kept, except with --unrecorded.
    """
    found = find_removable(
        CleanOptions(
            names=names,
            older_than_s=seconds(older_than, "--older-than"),
            unrecorded=unrecorded,
            work_dir=work_dir,
        )
    )
    if not found:
        click.echo(f"{work_dir}: no runs older than {older_than}")
        return
    click.echo(campaigns_table([one.entry for one in found]))
    complain(f"Kept: {one.entry.name}: {one.obstacle}" for one in found if one.obstacle)
    doomed = [one for one in found if not one.obstacle]
    complain(_lost(doomed))
    total = f"{len(doomed)} of {len(found)} ({size_text(sum(one.size for one in doomed))})"
    if any("MLflow" in one.obstacle for one in found):
        complain(
            ["Upload results to MLflow with bench sync, or delete them anyway with --unrecorded"]
        )
    if not yes:
        click.echo(f"Nothing is deleted yet; --yes would delete {total}.")
        if doomed:
            again = given_options(context, left_out={"names", "yes"})
            show("Delete them", "bench", "clean", *names, *again, "--yes")
        return
    if not doomed:
        raise BenchError("nothing was deleted")
    remove(found, work_dir)
    click.echo(f"Deleted: {total}")


def _lost(doomed: Iterable[Removable]) -> Iterator[str]:
    """Yield a line for each campaign whose results may be missing in MLflow."""
    for one in doomed:
        n = one.entry.n_undelivered
        if n != 0:
            results = "its results" if n is None else f"{n} result{'s' * (n > 1)}"
            them = "it" if n == 1 else "them"
            name = one.entry.name
            yield (
                f"Warning: {name}: MLflow may not have {results}; deleting the folder loses {them}"
            )
