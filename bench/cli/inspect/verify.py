"""``bench verify``: check a solution of an instance."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from bench.cli.shared.number_types import FiniteFloat
from bench.cli.shared.options import complain, json_option, option
from bench.errors import EXIT_WRONG, BenchError, UsageError
from bench.execution.solution_check import examine
from bench.instances import files
from bench.instances.lint.file import lint
from bench.instances.lint.findings import with_findings
from bench.model.results.verification import Level, Verification
from bench.report.terminal.verification import holds, sentence, to_json, verification_table
from bench.solvers import registry
from bench.solvers.readers import readers

TOLERANCES = [level.value for level in Level if level is not Level.NONE]


@click.command("verify", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("instance", type=click.Path(path_type=Path))
@click.argument("solution", type=click.Path(path_type=Path))
@option(
    "--objective",
    type=FiniteFloat(),
    metavar="V",
    help="Claimed objective value.  [default: the one in the solution file]",
)
@option(
    "--reader",
    metavar="NAME",
    help="Solver that reads the instance (highs, scip, ...); if it cannot, another one is used.  "
    "[default: highs, but scip for a solution in HiGHS's format]",
)
@option(
    "--tolerance",
    type=click.Choice(TOLERANCES),
    default=Level.SOLVER.value,
    show_default=True,
    help="Accepted violation, relative to the size of each bound, row and the objective.",
)
@json_option
def command(instance: Path, solution: Path, **options: Any) -> int:
    """Check a solution against an instance, in exact arithmetic.

    Bounds, integrality, rows and the claimed objective value are checked against INSTANCE as
    another solver reads it. SOLUTION is a file in the format of SCIP, HiGHS or MIPLIB; missing
    variables are 0. Exit codes: 0 if no violation exceeds the tolerance, else 3.
    """
    loaded = files.load(instance)
    if loaded.defect is not None:
        raise UsageError(loaded.defect)
    misread_by = dict(with_findings(loaded, lint(instance)).misread_by)
    objective, tolerance = options["objective"], Level(options["tolerance"])
    reader = _reader(options["reader"])
    if reader is not None and (why := misread_by.get(registry.declaration(reader).code_base)):
        raise UsageError(f"--reader {reader}: {why}")
    with _quiet():
        found = examine(
            instance,
            solution,
            reader=reader,
            claimed_objective=objective,
            misread_by=misread_by,
        )
    if found.skipped is not None:
        raise BenchError(f"{instance}: not checked: {found.skipped}")
    _show(found, tolerance, options["as_json"])
    return 0 if holds(found, tolerance) else EXIT_WRONG


def _reader(name: str | None) -> str | None:
    """Return the name if it is None or that of a reader."""
    if name is not None and name not in (known := list(readers())):
        raise UsageError(
            f"--reader {name}: this solver cannot read instances; known: {', '.join(known)}"
        )
    return name


def _show(found: Verification, tolerance: Level, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(to_json(found), indent=2))
        return
    click.echo(verification_table(found))
    click.echo()
    click.echo(sentence(found, tolerance))
    complain(f"Note: {note}" for note in found.notes)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep output of readers off stdout; only their warnings are shown."""
    sys.stdout.flush()
    saved = os.dup(1)
    with tempfile.TemporaryFile("w+", errors="replace") as catch:
        os.dup2(catch.fileno(), 1)
        try:
            yield
        finally:
            os.dup2(saved, 1)
            os.close(saved)
            catch.seek(0)
            complain(line.strip() for line in catch if "warning" in line.lower())
