"""``bench solvers``: the solvers, and other versions of them."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from bench.app.check_solver import KNOWN, Checked, check_solver
from bench.cli.shared.command_classes import ListingGroup
from bench.cli.shared.next_step import show
from bench.cli.shared.options import complain, json_option, option
from bench.cli.shared.terminal_listener import TerminalListener
from bench.errors import EXIT_WRONG, UsageError
from bench.model.plain_data import to_plain
from bench.model.results.verdict import Category
from bench.report.tables import PLAIN
from bench.report.terminal.solvers import solvers_text
from bench.report.terminal.table import render
from bench.solvers.commercial.wheels import WHEELS
from bench.solvers.environments import lock_file, make
from bench.solvers.environments.environment import Environment
from bench.solvers.executables.adapters import BUILT_IN, is_kind, kinds
from bench.solvers.executables.add import add as add_executable
from bench.solvers.executables.add import add_found
from bench.solvers.executables.record import Executable
from bench.solvers.listing import list_solvers


@click.group("solvers", cls=ListingGroup, context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """List, add, check and remove solvers and further versions of them."""


@command.command("list")
@json_option
def list_command(as_json: bool) -> None:
    """List solvers with version, origin and abilities.

    scip and highs are installed with bench; scip@9.2.4 is in a separate environment.
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
    help="Use this Python interpreter of an existing environment, which is not changed.",
)
@option(
    "--executable",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Add this solver executable, e.g. one that you built; needs --like.",
)
@option(
    "--like",
    metavar="KIND",
    help="Kind of the executable, which determines how it is called and its output is read: "
    f"{', '.join(BUILT_IN)}, or one of another package.",
)
@option("--conda", metavar="SOLVER=VERSION", help="Create a conda environment.")
@option(
    "--solver",
    type=click.Choice(["scip", "highs", *WHEELS]),
    help="Solver to use, if the interpreter has several.",
)
@option(
    "--env",
    "variables",
    multiple=True,
    metavar="NAME=VALUE",
    help="Set this environment variable for the solver; may be repeated.",
)
@json_option
def add_command(wanted: str, *, as_json: bool, **values: Any) -> None:
    """Add a version of a solver in a separate environment, or a solver executable.

    uv installs scip==9.2.4 or highs==1.8.1 in the user's data folder, only from wheels;
    pyscipopt==5.7.1 names the Python package directly. NAME --python PATH adds an existing
    environment, NAME --executable PATH --like KIND an executable. The names cbc and glpk without
    options are searched on the PATH. gurobi, xpress, cplex and copt install the solver's own
    package, whose licence allows small problems.
    """
    added = _added(wanted, **values)
    if as_json:
        click.echo(json.dumps(to_plain(added), indent=2))
        return
    click.echo(_line(added))
    show("Check it", "bench", "solvers", "check", added.name)


def _line(added: Environment | Executable) -> str:
    if isinstance(added, Executable):
        return f"{added.name}: {added.like} {added.version}, {added.path}"
    found = added.description
    return f"{added.name}: {found.solver} {found.version}, Python {found.python_version}"


def _added(wanted: str, *, variables: tuple[str, ...], **given: Any) -> Environment | Executable:
    """Add a solver in the way that the options choose, and return it."""
    own = _variables(variables)
    _check_ways(given, own)
    if given["executable"] is not None or given["like"] is not None:
        return _added_executable(wanted, given["executable"], given["like"], own)
    if given["python"] is not None:
        if not wanted:
            raise UsageError("--python needs a new name, e.g. bench solvers add mine --python PATH")
        return make.add_python(wanted, given["python"], solver=given["solver"], own=own)
    if given["conda"] is not None:
        return make.add_conda(wanted or None, given["conda"], _tell)
    if not wanted:
        raise UsageError("no solver was given; name one, e.g. bench solvers add scip==9.2.4")
    if wanted not in make.BESIDE_BENCH and is_kind(wanted):
        return add_found(wanted)
    if wanted in make.BESIDE_BENCH:
        raise UsageError(
            f"{wanted} is installed with bench; name another version of it, e.g. bench solvers add "
            "scip==9.2.4"
        )
    if Path(wanted).is_file():
        raise UsageError(
            f"{wanted} is a file; an executable is added under a name: bench solvers add mine "
            f"--executable {shlex.quote(wanted)} --like KIND, with one of {', '.join(kinds())}"
        )
    if re.fullmatch(r"[a-z]+", wanted) and (near := get_close_matches(wanted, kinds(), n=1)):
        raise UsageError(f"{wanted!r} is not a known solver; did you mean {near[0]!r}?")
    return make.add_version(wanted, _tell)


def _check_ways(given: Mapping[str, Any], own: Mapping[str, str]) -> None:
    """Raise UsageError for options that exclude each other, or belong to another way."""
    if sum(given[way] is not None for way in ("python", "conda", "executable")) > 1:
        raise UsageError("--python, --conda and --executable exclude each other; keep one of them")
    if given["solver"] and given["python"] is None:
        raise UsageError("--solver belongs to --python")
    if own and given["python"] is None and given["executable"] is None:
        raise UsageError("--env belongs to --python or --executable")


def _added_executable(
    name: str, path: Path | None, like: str | None, variables: dict[str, str]
) -> Executable:
    example = "bench solvers add mine --executable /path/to/scip --like scip"
    if path is None:
        raise UsageError(f"--like belongs to --executable, e.g. {example}")
    if like is None:
        raise UsageError(f"--executable needs --like, one of {', '.join(kinds())}, e.g. {example}")
    if not name:
        raise UsageError(f"--executable needs a name, e.g. {example}")
    return add_executable(name, path, like, variables)


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
    """Solve a few bundled instances with a solver, and compare the results with known values.

    Each may take five minutes. Exit codes: 0 if every result is right, else 3, also if a solver
    reaches this limit.
    """
    checked = list(_with_progress(name))
    if as_json:
        click.echo(json.dumps([_object(each) for each in checked], indent=2))
    else:
        click.echo(render(HEADER, [_cells(each) for each in checked]))
    wrong = [each for each in checked if each.verdict.category is not Category.SOLVED]
    complain(f"{each.outcome.task.instance.label}: {each.verdict.reason}" for each in wrong)
    return EXIT_WRONG if wrong else 0


def _with_progress(name: str) -> Iterator[Checked]:
    """Yield the check on each instance; a weak solver takes minutes for some."""
    listener = TerminalListener()
    listener.step_started(name, len(KNOWN), "instance")
    try:
        for each in check_solver(name):
            listener.step_advanced(1)
            yield each
    finally:
        listener.step_ended()


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
    """Remove environments; executables and those added with --python are only unregistered."""
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
    help="File to write.  [default: standard output]",
)
def freeze_command(names: tuple[str, ...], output: Path | None) -> None:
    """Write the exact packages and hashes of environments, for bench solvers restore.

    [default: all environments that bench created with uv]
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
    """Create the environments of a frozen file, with exactly the same packages."""
    for each in lock_file.restore(file, _tell):
        click.echo(f"{each.name}: {each.description.solver} {each.description.version}")


def _tell(text: str) -> None:
    click.echo(text, err=True)
