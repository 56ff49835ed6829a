"""The options of ``bench sweep`` and ``bench plan``, and the plan that they and a file declare."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from bench.app.plan import Plan, references, set_name
from bench.cli.shared import argv as free_words
from bench.cli.shared.options import (
    limit_options,
    limits_given,
    lint_option,
    option,
    reference_options,
)
from bench.errors import UsageError
from bench.instances.files import find
from bench.instances.instance_set import InstanceSet
from bench.interop import set_files
from bench.model.sweep import Order
from bench.planning.command_line import declared
from bench.planning.declaration import Declaration, merged
from bench.planning.sweep import sweep
from bench.planning.sweep_file import from_yaml
from bench.planning.tasks import sweep_tasks
from bench.solvers import registry

F = TypeVar("F", bound=Callable[..., Any])
SUFFIXES = frozenset({".yaml", ".yml"})
KNOBS = ("alpha", "l1_ratio")


def sweep_options(function: F) -> F:
    """Add what declares a sweep."""
    decorators = [
        click.argument(
            "words", nargs=-1, type=click.UNPROCESSED, metavar="[SWEEP.yaml] [INSTANCE]..."
        ),
        option("--alpha", metavar="LIST", help="Values of the knob alpha, e.g. 0.15,0.035."),
        option("--l1-ratio", metavar="LIST", help="Values of the knob l1_ratio."),
        option(
            "--param",
            "-p",
            "params",
            multiple=True,
            metavar="NAME=LIST",
            help="Values of a parameter: 0,5 or 0:10:2 or log:1e-4:1:5; lists multiply.",
        ),
        option(
            "--zip",
            "zips",
            multiple=True,
            metavar="'N=LIST M=LIST'",
            help="Lists that advance together.",
        ),
        option(
            "--settings",
            "files",
            multiple=True,
            metavar="A.set,B.set",
            help="Settings from .set files, each named after its file.",
        ),
        option(
            "--setting",
            "named",
            multiple=True,
            metavar="'NAME: P=V Q=W'",
            help="A named setting; 'default:' is stock.",
        ),
        option(
            "--knob",
            "knobs",
            multiple=True,
            metavar="'NAME: P=FORMULA'",
            help="A knob of your own, e.g. 'weight: a/b=value*0.5'.",
        ),
        option("--baseline", metavar="NAME", help="The setting the others are compared with."),
        option("--name", metavar="NAME", help="Name of the sweep.  [default: that of its file]"),
        option("--solver", metavar="NAME", help="The solver.  [default: scip]"),
        option("--seeds", metavar="N|LIST", help="A count or a list.  [default: 1]"),
        option(
            "--permutations",
            metavar="N|LIST",
            help="Permutations of rows and columns; 0 is the file as it is.  [default: 1]",
        ),
        limit_options,
        option(
            "--order",
            type=click.Choice([str(order) for order in Order]),
            help="Instances shuffled, the settings of each together; or as listed.  "
            "[default: interleaved]",
        ),
        option("--shuffle-seed", type=click.IntRange(min=0), metavar="N", help="Of the order."),
        reference_options,
        lint_option,
    ]
    for decorate in reversed(decorators):
        function = decorate(function)
    return function


def declaration(
    context: click.Context, values: dict[str, Any]
) -> tuple[Declaration, tuple[Path, ...]]:
    """Take the options of :func:`sweep_options` out of the arguments; join them with the file.

    Return the sweep file besides, if there is one.
    """
    words, params = free_words.split(values.pop("words"), context)
    files = [word for word in words if Path(word).suffix.lower() in SUFFIXES]
    if len(files) > 1:
        raise UsageError(f"one sweep file at a time: {files[0]} or {files[1]}?")
    knobs = {knob: values.pop(knob) for knob in KNOBS}
    lists = {knob: text for knob, text in knobs.items() if text is not None}
    for name, text in [*_assignments(values.pop("params")), *params.items()]:
        if lists.setdefault(name, text) != text:
            raise UsageError(f"parameter {name} given twice: {lists[name]} and {text}")
    said = declared(
        instances=[word for word in words if word not in files],
        lists=lists,
        zips=values.pop("zips"),
        files=values.pop("files"),
        settings=values.pop("named"),
        knobs=values.pop("knobs"),
        seeds=values.pop("seeds"),
        permutations=values.pop("permutations"),
        limits=limits_given(values),
        order=values.pop("order"),
        solu=values.pop("solu"),
        **{
            name: values.pop(name)
            for name in ("name", "solver", "baseline", "shuffle_seed", "solu_columns", "lint")
        },
    )
    if not files:
        return said, ()
    return merged(_from_file(Path(files[0])), said), (Path(files[0]),)


def planned_sweep(
    said: Declaration, files: tuple[Path, ...] = (), expected: Mapping[str, float] | None = None
) -> Plan:
    """Return the plan of a sweep, everything in it checked.

    ``files`` are what it was declared in. ``expected`` has the seconds that a task on an instance
    is expected to take, by its name.
    """
    solvers = {name: registry.load(name) for name in said.solvers}
    catalogues = {name: solver.parameters() for name, solver in solvers.items()}
    declared_sweep = sweep(
        said,
        catalogues,
        set_files.read,
        limit_parameters={name: solver.limit_parameters for name, solver in solvers.items()},
        permuting=[name for name, solver in solvers.items() if solver.permutes],
    )
    instances = find(declared_sweep.instances)
    versions = {name: solver.version() for name, solver in solvers.items()}
    words = declared_sweep.instances
    return Plan(
        kind="sweep",
        name=declared_sweep.name,
        command=free_words.typed(),
        settings=declared_sweep.settings,
        instance_set=InstanceSet.of(set_name(words, len(instances)), instances),
        tasks=tuple(sweep_tasks(declared_sweep, instances, versions, expected)),
        references=references(instances, declared_sweep.solu, said.solu_columns),
        modules=frozenset(solver.preload for solver in solvers.values()),
        baseline=declared_sweep.baseline,
        params={
            "order": str(declared_sweep.order),
            "shuffle_seed": declared_sweep.shuffle_seed,
        },
        files=files,
    )


def _assignments(texts: tuple[str, ...]) -> list[tuple[str, str]]:
    pairs = []
    for text in texts:
        name, equals, value = text.partition("=")
        if not (equals and name.strip()):
            raise UsageError(f"{text!r}: expected NAME=LIST, e.g. -p separating/maxrounds=0,5")
        pairs.append((name.strip(), value.strip()))
    return pairs


def _from_file(path: Path) -> Declaration:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    return from_yaml(content, path)
