"""``bench instances fetch``: download a benchmark set to a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from bench.app.fetch_set import FetchOptions, FetchReport, fetch_set
from bench.cli.shared.next_step import show
from bench.cli.shared.options import complain
from bench.cli.shared.read_options import read_options
from bench.errors import BenchError
from bench.instances.sets import manifest


@click.command("fetch")
@click.argument("name", required=False, metavar="[NAME|MANIFEST.yaml]")
@click.option(
    "--output-dir",
    "-o",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Folder to fill.  [default: the name of the set]",
)
@click.option(
    "--only",
    multiple=True,
    metavar="PATTERN",
    help="Fetch only instances whose name matches, e.g. 'neos-*'; may be repeated.",
)
def fetch(name: str | None, **values: Any) -> None:
    """Download a benchmark set; without a name, list the known sets.

    After an interruption, the same command resumes the download, also within a file. Each file is
    compared with its SHA-256 in the manifest, or with that of its first download (SHA256SUMS).
    """
    if name is None:
        for known in map(manifest.read, manifest.known()):
            click.echo(f"{known.name}: {known.title}\n    licence: {known.licence}")
        return
    report = fetch_set(read_options(FetchOptions, values, name=name))
    _tell(report)
    if report.problems:
        raise BenchError(
            f"{len(report.problems)} of {len(report.problems) + len(report.files)} files could "
            "not be downloaded; execute the same command again"
        )
    show("Execute them", "bench", "run", str(report.folder))


def _tell(report: FetchReport) -> None:
    found = report.manifest
    n_known = len(report.files) - report.n_new
    click.echo(f"{report.folder}: {report.n_new} files downloaded, {n_known} already there")
    complain(report.problems)
    complain([f"Licence: {found.licence}", f"Cite: {found.citation}"])
    if not found.sha256:
        complain([f"Note: this manifest was {found.checked}"])
