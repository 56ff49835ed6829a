"""``bench solvers``: which solvers there are, and other versions of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from bench.app.check_solver import Checked, check_solver
from bench.cli.shared.next_step import show
from bench.cli.shared.options import complain, json_option, option
from bench.errors import EXIT_WRONG, UsageError
from bench.model.plain_data import to_plain
from bench.model.results.verdict import Category
from bench.report.tables import PLAIN
from bench.report.terminal.solvers import solvers_text
from bench.report.terminal.table import render
from bench.solvers.environments import lock_file, make
from bench.solvers.environments.environment import Environment
from bench.solvers.listing import list_solvers


@click.group("solvers", context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """List, add, check and remove solvers, other versions among them."""


@command.command("list")
@json_option
def list_command(as_json: bool) -> None:
    """List solvers with version, origin, and what they can do.

    scip and highs are those beside bench, scip@9.2.4 is one in an environment of its own.
    """
    rows = list(list_solvers())
    if as_json:
        click.echo(json.dumps(to_plain(rows), indent=2))
    else:
        click.echo(solvers_text(rows))
    complain(row.problem for row in rows if row.problem)


@command.command("add")
@click.argument("wanted", default="", metavar="[SOLVER==VERSION | NAME]")
@option(
    "--python",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="The interpreter of an environment of your own, which is not changed.",
)
@option("--conda", metavar="SOLVER=VERSION", help="Make a conda environment.")
@option(
    "--solver",
    type=click.Choice(["scip", "highs"]),
    help="Which of the solvers that the interpreter has.",
)
@option(
    "--env",
    "variables",
    multiple=True,
    metavar="NAME=VALUE",
    help="An environment variable that this solver needs; may be repeated.",
)
@json_option
def add_command(wanted: str, *, as_json: bool, **values: Any) -> None:
    """Add a version of a solver, in an environment of its own.

    scip==9.2.4 and highs==1.8.1 are installed by uv below the user's data, from wheels alone;
    pyscipopt==5.7.1 names the package itself. NAME --python PATH makes an environment of your
    own known.
    """
    added = _added(wanted, **values)
    if as_json:
        click.echo(json.dumps(to_plain(added), indent=2))
        return
    found = added.description
    click.echo(f"{added.name}: {found.solver} {found.version}, Python {found.python_version}")
    show("Check it", "bench", "solvers", "check", added.name)


def _added(
    wanted: str,
    *,
    python: Path | None,
    conda: str | None,
    solver: str | None,
    variables: tuple[str, ...],
) -> Environment:
    if python is not None and conda is not None:
        raise UsageError("--python and --conda exclude each other; keep one of them")
    if python is None and (solver or variables):
        raise UsageError("--solver and --env belong to --python")
    if python is not None:
        if not wanted:
            raise UsageError("--python needs a name, e.g. bench solvers add mine --python PATH")
        return make.add_python(wanted, python, solver=solver, own=_variables(variables))
    if conda is not None:
        return make.add_conda(wanted or None, conda, _tell)
    if not wanted:
        raise UsageError("which solver? e.g. bench solvers add scip==9.2.4")
    return make.add_version(wanted, _tell)


def _variables(texts: tuple[str, ...]) -> dict[str, str]:
    pairs = [text.partition("=") for text in texts]
    for name, sign, _ in pairs:
        if not (name and sign):
            raise UsageError(f"--env {name!r}: expected NAME=VALUE")
    return {name: value for name, _, value in pairs}


@command.command("check")
@click.argument("name", metavar="NAME")
@json_option
def check_command(name: str, as_json: bool) -> int:
    """Solve a few bundled instances with a solver, and hold the answers against known values.

    Ends with 0 where every answer is right, else with 3.
    """
    checked = list(check_solver(name))
    if as_json:
        click.echo(json.dumps([_object(each) for each in checked], indent=2))
    else:
        click.echo(render(HEADER, [_cells(each) for each in checked]))
    wrong = [each for each in checked if each.verdict.category is not Category.SOLVED]
    complain(f"{each.outcome.task.instance.label}: {each.verdict.reason}" for each in wrong)
    return EXIT_WRONG if wrong else 0


HEADER = ("instance", "known", "status", "value", "nodes", "seconds", "verdict")


def _object(checked: Checked) -> dict[str, object]:
    answer = checked.outcome.answer
    return {
        "instance": checked.outcome.task.instance.label,
        "known": checked.reference.known.value,
        "known_value": checked.reference.value,
        "status": answer.status,
        "value": answer.primal_bound,
        "nodes": answer.n_nodes,
        "lp_iterations": answer.n_lp_iterations,
        "seconds": answer.solve_wall_s,
        "verdict": checked.verdict.category.value,
        "reason": checked.verdict.reason,
    }


def _cells(checked: Checked) -> list[str]:
    answer = checked.outcome.answer
    reference = checked.reference
    return [
        checked.outcome.task.instance.label,
        "infeasible" if reference.value is None else PLAIN.number(reference.value, 10),
        PLAIN.word(answer.status),
        PLAIN.number(answer.primal_bound, 10),
        PLAIN.word(answer.n_nodes),
        PLAIN.fixed(answer.solve_wall_s, 2),
        checked.verdict.category.value,
    ]


@command.command("remove")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
def remove_command(names: tuple[str, ...]) -> None:
    """Remove environments; one of your own is only forgotten."""
    for name in names:
        make.remove(name)
        click.echo(f"{name} removed")


@command.command("freeze")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write there.  [default: standard output]",
)
def freeze_command(names: tuple[str, ...], output: Path | None) -> None:
    """Write the exact packages and hashes of environments, for bench solvers restore.

    [default: all that bench has made by uv]
    """
    text = lock_file.freeze(names, _tell)
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{output}: cannot be written: {error.strerror}") from error
    click.echo(f"written: {output}")


@command.command("restore")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
def restore_command(file: Path) -> None:
    """Make the environments of a frozen file, with the same packages."""
    for each in lock_file.restore(file, _tell):
        click.echo(f"{each.name}: {each.description.solver} {each.description.version}")


def _tell(text: str) -> None:
    click.echo(text, err=True)
