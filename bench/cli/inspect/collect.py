"""``bench instances collect``: copy the instances of a study to a folder."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from bench.app.output_folder import check_unused
from bench.cli.shared.options import option
from bench.errors import BenchError, UsageError
from bench.instances import solu
from bench.instances.files import content, file_format, find
from bench.instances.generators import families
from bench.instances.generators.linear_model import to_mps
from bench.instances.references import references_of
from bench.model.instances.instance import Instance

REFERENCES = "references.solu"


@click.command("collect")
@click.argument("words", nargs=-1, metavar="[INSTANCE]...")
@option(
    "--generate",
    "wishes",
    multiple=True,
    metavar="FAMILY[:SEED],...",
    help="Also generate instances of these families; may be repeated.",
)
@click.option(
    "--output-dir",
    "-o",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    metavar="FOLDER",
    help="New folder to fill.",
)
def collect(words: tuple[str, ...], wishes: tuple[str, ...], output_dir: Path) -> None:
    """Copy and generate instances into a new folder, together with their known values.

    INSTANCE is a file, a folder, a glob or a .test list. The files are compressed (.gz) and keep
    their names. Known values are written to references.solu next to them, where every command finds
    them. The same instances give the same files, byte for byte.
    """
    check_unused(output_dir)
    found = find(words)
    files = dict(_unique([*_copied(found), *_generated(wishes)]))
    if not files:
        raise UsageError("no instance was given; name one or more, or use --generate FAMILY:SEED")
    references = references_of(found, ())
    known = {one: reference for one in found if (reference := references.of(one)) is not None}
    own = {_listed(one, found): reference for one, reference in known.items()}
    try:
        output_dir.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (output_dir / name).write_bytes(gzip.compress(text, mtime=0))
        if own:
            (output_dir / REFERENCES).write_text(solu.text(own), encoding="utf-8")
    except OSError as error:
        raise BenchError(f"{output_dir}: cannot be written: {error.strerror}") from error
    for name in files:
        click.echo(str(output_dir / name))


def _listed(instance: Instance, others: Sequence[Instance]) -> str:
    """Return the name of an instance in a list, with its format if another has the same name."""
    is_alone = all(one.name != instance.name or one is instance for one in others)
    return instance.name if is_alone else f"{instance.name}.{file_format(instance.path)}"


def _copied(found: Sequence[Instance]) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of the existing files."""
    for one in found:
        if one.defect is not None:
            raise UsageError(one.defect)
        yield f"{one.name}.{file_format(one.path)}.gz", b"".join(content(one.path))


def _generated(wishes: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    for wish in ",".join(wishes).replace(",", " ").split():
        family, _, seed = wish.partition(":")
        if seed and not seed.isdecimal():
            raise UsageError(f"--generate {wish}: expected FAMILY:SEED, e.g. set_cover:7")
        model = families.generate(family, {}, int(seed or 0))
        yield f"{family}-{int(seed or 0)}.mps.gz", to_mps(model).encode()


def _unique(files: Sequence[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    """Yield the files; UsageError if two have the same name, so that none is lost."""
    seen: set[str] = set()
    for name, text in files:
        if name in seen:
            raise UsageError(f"two instances are called {name.removesuffix('.gz')}; rename one")
        seen.add(name)
        yield name, text
