"""``bench instances``: list, count and generate problem files."""

from __future__ import annotations

import gzip
import json
import tempfile
from pathlib import Path
from typing import Any

import click

from bench.app.list_instances import BUNDLED, ListInstancesOptions, list_instances
from bench.cli.inspect.anonymize import anonymize, restore_names
from bench.cli.inspect.collect import collect
from bench.cli.inspect.fetch import fetch
from bench.cli.shared.command_classes import ListingGroup
from bench.cli.shared.next_step import show
from bench.cli.shared.number_types import IntegerRange
from bench.cli.shared.options import json_option, option, work_dir_option
from bench.cli.shared.read_options import read_options
from bench.errors import BenchError, UsageError
from bench.execution.linter import Linter
from bench.execution.process import launch
from bench.execution.process.fork_servers import fork_server
from bench.instances.files import file_format, find
from bench.instances.generators import bundle, families
from bench.instances.generators.linear_model import to_lp, to_mps
from bench.instances.lint.file import lint
from bench.instances.lint.findings import with_findings
from bench.model.instances.finding import LintFinding, Severity, has_errors
from bench.model.instances.instance import Instance
from bench.model.results.solver_output import SolverOutput
from bench.report.terminal.instances import (
    instance_object,
    instances_table,
    lint_rows,
    lint_text,
    statistics_row,
    statistics_table,
)
from bench.solvers import registry


@click.group(
    "instances", cls=ListingGroup, context_settings={"help_option_names": ["-h", "--help"]}
)
def command() -> None:
    """List, count, check, download and generate instances."""


command.add_command(collect)
command.add_command(anonymize)
command.add_command(restore_names)
command.add_command(fetch)


@command.command("list")
@click.argument("words", nargs=-1, metavar="[INSTANCE]...")
@work_dir_option
@json_option
def list_all(words: tuple[str, ...], *, as_json: bool, **values: Any) -> None:
    """List instances with family, size, expected time and known value.

    INSTANCE is a file, a folder, a glob or a .test list.  [default: the folder instances]
    The expected time is the median over the tasks on this instance in the work folder.
    """
    entries = list_instances(read_options(ListInstancesOptions, values, instances=words))
    if as_json:
        click.echo(json.dumps([instance_object(one) for one in entries], indent=2))
    else:
        click.echo(instances_table(entries))
    _end([one.instance for one in entries])


@command.command("stats")
@click.argument("words", nargs=-1, metavar="[INSTANCE]...")
@option("--solver", default="scip", show_default=True, help="Solver that reads the files.")
@json_option
def stats(words: tuple[str, ...], solver: str, as_json: bool) -> None:
    """Count variables, constraints and constraint classes of the unpresolved problem.

    A file that the solver would misread is not counted; see bench instances lint.

    INSTANCE is a file, a folder, a glob or a .test list.  [default: the folder instances]
    """
    found = _found(words)
    rows = []
    fork_server.prepare([registry.load(solver).preload])
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        for instance in found:
            answer = launch.inspect(instance, solver, Path(folder))
            rows.append((instance, _unless_misread(instance, solver, answer)))
    if as_json:
        click.echo(json.dumps([statistics_row(*row) for row in rows], indent=2))
    else:
        click.echo(statistics_table(rows))
    for instance, answer in rows:
        if answer.error:
            click.echo(f"{instance.label}: {answer.error}", err=True)
    n_refused = sum(answer.error is not None for _, answer in rows)
    if n_refused:
        raise BenchError(f"{n_refused} of {len(rows)} instances could not be read")


def _unless_misread(instance: Instance, solver: str, answer: SolverOutput) -> SolverOutput:
    """Return the answer, or why its counts would be false if the text has an error."""
    if answer.error:
        return answer
    linted = with_findings(instance, lint(instance.path))
    why = linted.defect_for(registry.declaration(solver).code_base)
    return SolverOutput(error=why) if why else answer


@command.command("lint")
@click.argument("words", nargs=-1, metavar="[INSTANCE]...")
@json_option
def lint_instances(words: tuple[str, ...], as_json: bool) -> None:
    """Find content that solvers silently misread: numbers, names, sections, duplicates.

    INSTANCE is a file, a folder, a glob or a .test list.  [default: the folder instances] The exit
    code is 1 if there is an error, also one for a single solver; warnings do not change it.
    docs/lint.md explains each rule in brackets, and what to do.
    """
    with Linter() as linter:
        found = [(instance.path, _findings(instance, linter)) for instance in _found(words)]
    if as_json:
        click.echo(json.dumps(lint_rows(found), indent=2))
    else:
        click.echo(lint_text(found))
    n_bad = sum(has_errors(findings) for _, findings in found)
    if n_bad:
        raise BenchError(f"{n_bad} of {len(found)} files have errors")


def _findings(instance: Instance, linter: Linter) -> list[LintFinding]:
    if instance.defect is not None and not instance.path.is_file():
        return [LintFinding(Severity.ERROR, None, instance.defect)]
    return linter.lint(instance.path)


@command.command("generate")
@click.argument("family", required=False)
@option(
    "--size",
    "sizes",
    multiple=True,
    metavar="NAME=N",
    help="Set a size parameter of the family; may be repeated.",
)
@option(
    "--seed", type=IntegerRange(min=0), default=0, show_default=True, help="Seed of the generator."
)
@option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="File to write, ending in .mps, .lp, .mps.gz or .lp.gz.  [default: MPS on standard "
    "output]",
)
@option(
    "--bundle",
    "bundle_folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Write all bundled instances into this folder instead.",
)
def generate(
    family: str | None,
    sizes: tuple[str, ...],
    seed: int,
    output: Path | None,
    bundle_folder: Path | None,
) -> None:
    """Generate an instance of a FAMILY from the literature; without FAMILY, list the families.

    The same family, sizes and seed give the same file, byte for byte, on every machine.
    """
    if bundle_folder is not None:
        try:
            bundle_folder.mkdir(parents=True, exist_ok=True)
            bundle.write_bundle(bundle_folder)
        except OSError as error:
            raise UsageError(f"{bundle_folder}: cannot be written: {error.strerror}") from error
        return
    if family is None:
        for known in families.FAMILIES.values():
            click.echo(f"{known.name}: {known.title} ({known.paper})")
            for size in known.sizes:
                span = f"{size.minimum} to {size.maximum}, default {size.default}"
                click.echo(f"    {size.name}: {size.meaning} ({span})")
        first = next(iter(families.FAMILIES))
        show("Generate one", "bench", "instances", "generate", first, "-o", f"{first}.mps.gz")
        return
    model = families.generate(family, _sizes(sizes), seed)
    if output is None:
        click.echo(to_mps(model), nl=False)
        return
    writers = {"mps": to_mps, "lp": to_lp}
    writer = writers.get(file_format(output) or "")
    if writer is None:
        raise UsageError(f"{output}: expected a name that ends in .mps, .lp, .mps.gz or .lp.gz")
    _write(output, writer(model).encode())
    show("Execute it", "bench", "run", str(output))


def _write(path: Path, content: bytes) -> None:
    if path.suffix.lower() == ".gz":
        content = gzip.compress(content, mtime=0)
    try:
        path.write_bytes(content)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from error


def _sizes(texts: tuple[str, ...]) -> dict[str, int]:
    sizes = {}
    for text in texts:
        name, _, value = text.partition("=")
        try:
            sizes[name] = int(value)
        except ValueError:
            raise UsageError(f"--size {text}: expected NAME=N, e.g. --size items=50") from None
    return sizes


def _found(words: tuple[str, ...]) -> list[Instance]:
    return find(words or (BUNDLED,))


def _end(found: list[Instance]) -> None:
    for instance in found:
        if instance.defect:
            click.echo(instance.defect, err=True)
    if all(instance.defect for instance in found):
        raise BenchError(
            "no usable instance was found; name MPS, LP or CIP files, or a folder with some"
        )
