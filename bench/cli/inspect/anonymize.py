"""``bench instances anonymize`` and ``restore``: models with other names, and the way back."""

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
    help="File for the names, readable by you alone.  [default: FOLDER.key.json beside the folder]",
)
def anonymize(models: tuple[str, ...], output_dir: Path, key: Path | None) -> None:
    """Copy models with other names: the same numbers in the same order, MPS and LP.

    Columns become c1, c2, ..., rows r1, r2, ..., sets s1, s2, ...; comments and the problem's name
    are left out. The files keep their names. SCIP and HiGHS read the copies to see that they are
    the same problems. MODEL is a file, a folder, a glob or a .test list.
    """
    options = AnonymizeOptions(models, output_dir=output_dir, key=key)
    fork_server.prepare([fork_server.PRELOAD_READERS])
    for copy in write_copies(options):
        click.echo(str(copy))
    click.echo(f"Keep {options.key_file} to yourself: it leads back to the names.", err=True)


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE")
@option(
    "--key",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    metavar="FILE",
    help="The key that anonymize has written.",
)
@click.option("--model", metavar="NAME", help="File name of the model, where the key has several.")
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="File to write.  [default: the terminal]",
)
def restore_names(file: Path, key: Path, model: str | None, output: Path | None) -> None:
    """Put the names of a model back into a solution, or another text about its anonymous copy."""
    text = restore(file, key, model)
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_bytes(text)
    except OSError as error:
        raise UsageError(f"{output}: cannot be written: {error.strerror}") from error
