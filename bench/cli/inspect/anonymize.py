"""``bench instances anonymize`` and ``restore``: models with anonymous names, and the way back."""

from __future__ import annotations

from pathlib import Path

import click

from bench.app.anonymize import AnonymizeOptions, restore
from bench.app.anonymize import anonymize as write_copies
from bench.cli.shared.options import option
from bench.errors import UsageError
from bench.execution.process.fork_servers import fork_server


@click.command("anonymize")
@click.argument("models", nargs=-1, required=True, metavar="MODEL...")
@click.option(
    "--output-dir",
    "-o",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    metavar="FOLDER",
    help="New folder for the copies.",
)
@option(
    "--key",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="File for the original names, readable only by you.  [default: FOLDER.key.json next to "
    "the folder]",
)
def anonymize(models: tuple[str, ...], output_dir: Path, key: Path | None) -> None:
    """Copy MPS and LP files with anonymous names; numbers and their order stay the same.

    Columns become c1, c2, ..., rows r1, r2, ..., sets s1, s2, ...; comments and the problem's name
    are removed. File names stay the same. SCIP and HiGHS read the copies to check that the problems
    are the same. MODEL is a file, a folder, a glob or a .test list.
    """
    options = AnonymizeOptions(models, output_dir=output_dir, key=key)
    fork_server.prepare([fork_server.PRELOAD_READERS])
    for copy in write_copies(options):
        click.echo(str(copy))
    click.echo(f"Keep {options.key_file} secret: it contains the original names.", err=True)


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE")
@option(
    "--key",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    metavar="FILE",
    help="Key file that bench instances anonymize wrote.",
)
@click.option("--model", metavar="NAME", help="File name of the model, if the key has several.")
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="File to write.  [default: standard output]",
)
def restore_names(file: Path, key: Path, model: str | None, output: Path | None) -> None:
    """Replace anonymous names by the original ones, in a solution or any other text."""
    text = restore(file, key, model)
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_bytes(text)
    except OSError as error:
        raise UsageError(f"{output}: cannot be written: {error.strerror}") from error
