"""``bench params``: the parameters of a solver, and those in a ``.set`` file."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import click

from bench.cli.shared.options import option
from bench.errors import BenchError, UsageError
from bench.interop import set_files
from bench.model.parameter_changes import Change, parameter_changes
from bench.model.parameters import Catalogue, Parameter
from bench.model.solver_name import text
from bench.report.terminal.parameter_changes import changes_table, changes_to_json, is_shown
from bench.report.terminal.parameters import NARROWEST, table, to_json
from bench.solvers.registry import load


@click.command("params", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("pattern", default="")
@option("--solver", default="scip", show_default=True, help="Solver whose parameters are listed.")
@option(
    "--settings-file",
    type=click.Path(path_type=Path),
    metavar="FILE.set",
    help="Check this file, and list only the parameters that it changes, with value and default.",
)
@option(
    "--advanced/--no-advanced",
    default=None,
    help="List only advanced parameters, or only the others.  [default: all]",
)
@option("--json", "as_json", is_flag=True, help="Print a JSON list instead of a table.")
@click.option(
    "--diff",
    nargs=2,
    metavar="OLD NEW",
    help="List the differences between two solvers, e.g. --diff scip@9.2.4 scip.",
)
def command(pattern: str, *, diff: tuple[str, str] | None, as_json: bool, **options: Any) -> None:
    """List the parameters of a solver: name, type, range, default, description.

    PATTERN is a part of the name, or a shell pattern for the whole name ('heuristics/*/freq').
    """
    settings: Path | None = options["settings_file"]
    advanced: bool | None = options["advanced"]
    solver: str = options["solver"]
    if diff is not None:
        if settings is not None:
            raise UsageError("--diff and --settings-file exclude each other; keep one of them")
        _show_changes(pattern, *diff, advanced=advanced, as_json=as_json)
        return
    loaded = load(solver)
    catalogue = loaded.parameters()
    values = None if settings is None else set_files.read(settings, catalogue)
    shown = _select(catalogue, pattern, advanced)
    if values is not None:
        shown = [known for known in shown if values.get(known.name, known.default) != known.default]
    if as_json:
        click.echo(to_json(shown, values))
    elif shown:
        click.echo(table(shown, shutil.get_terminal_size((NARROWEST, 24)).columns, values))
    changed = "" if settings is None else f" changed by {settings}"
    plural = "" if len(shown) == 1 else "s"
    click.echo(f"{len(shown)} parameter{plural} of {solver} {loaded.version()}{changed}", err=True)


def _show_changes(
    pattern: str, old: str, new: str, *, advanced: bool | None, as_json: bool
) -> None:
    """Print the changes between the parameters of two solvers."""
    before, after = load(old), load(new)
    changes = [
        change
        for change in parameter_changes(before.parameters(), after.parameters())
        if is_shown(change, pattern, advanced)
    ]
    if as_json:
        click.echo(changes_to_json(changes))
    elif changes:
        click.echo(changes_table(changes, shutil.get_terminal_size((NARROWEST, 24)).columns))
    counts = Counter(kind for change in changes for kind in change.changes)
    told = ", ".join(f"{kind} {counts[kind]}" for kind in Change if counts[kind]) or "none"
    versions = f"{text(old, before.version())} to {text(new, after.version())}"
    click.echo(f"{len(changes)} changes from {versions}: {told}", err=True)


def _select(catalogue: Catalogue, pattern: str, advanced: bool | None) -> list[Parameter]:
    found = catalogue.matching(pattern)
    shown = [known for known in found if advanced is None or known.advanced is advanced]
    if shown or not catalogue:
        return shown
    if found:
        kind, option = ("advanced", "--no-advanced") if advanced else ("basic", "--advanced")
        raise BenchError(
            f"no {kind} parameter matches {pattern!r}; {option} shows {len(found)} that do"
        )
    near = catalogue.near(pattern)
    hint = f"did you mean {' or '.join(map(repr, near))}?" if near else "try a part of the name"
    raise BenchError(f"no parameter matches {pattern!r}; {hint}")
