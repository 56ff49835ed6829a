"""``bench params``: what can be set, and what a ``.set`` file sets."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from bench.cli.shared.options import option
from bench.errors import BenchError
from bench.interop import set_files
from bench.model.parameters import Catalogue, Parameter
from bench.report.terminal.parameters import NARROWEST, table, to_json
from bench.solvers.registry import load


@click.command("params", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("pattern", default="")
@option("--solver", default="scip", show_default=True, help="Whose parameters.")
@option(
    "--settings",
    type=click.Path(path_type=Path),
    metavar="FILE.set",
    help="Check this file and show only what it changes, with value and default.",
)
@option(
    "--advanced/--no-advanced",
    default=None,
    help="Only advanced parameters, or none of them.  [default: all]",
)
@option("--json", "as_json", is_flag=True, help="Print a JSON list instead of a table.")
def command(
    pattern: str, solver: str, settings: Path | None, advanced: bool | None, as_json: bool
) -> None:
    """List the parameters of a solver: name, type, range, default, description.

    PATTERN is a part of the name, or a shell glob for the whole name ('heuristics/*/freq').
    """
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
