"""Options that several commands share, and how each of them reads its environment variable."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import click

from bench.app.options import YES_OR_NO, IfCoresTaken
from bench.cli.shared.number_types import FiniteFloatRange, IntegerRange
from bench.execution import registry
from bench.model.limits import (
    DEFAULT_GRACE_S,
    DEFAULT_MEMORY_MIB,
    DEFAULT_TIME_S,
    Clock,
)
from bench.model.record_level import RecordLevel

F = TypeVar("F", bound=Callable[..., Any])


def option(*names: str, **attributes: Any) -> Callable[[F], F]:
    """Return a click option that is also read from ``BENCH_<LONG NAME>``."""
    long = next(name for name in names if name.startswith("--"))
    variable = "BENCH_" + long.split("/")[0].removeprefix("--").upper().replace("-", "_")
    return click.option(*names, envvar=variable, **attributes)


def limit_options(function: F) -> F:
    """Add the limits: one option for each field of Limits, None where not given."""
    decorators = [
        option(
            "--time-limit",
            type=FiniteFloatRange(min=0),
            metavar="S",
            help=f"Seconds for each solve, reading apart.  [default: {DEFAULT_TIME_S:g}]",
        ),
        option(
            "--memory-limit",
            type=FiniteFloatRange(min=1),
            metavar="MIB",
            help=f"Memory of each solve in MiB.  [default: {DEFAULT_MEMORY_MIB:g}]",
        ),
        option("--node-limit", type=IntegerRange(min=0), metavar="N", help="Nodes of a solve."),
        option(
            "--gap",
            type=FiniteFloatRange(min=0),
            metavar="G",
            help="Relative gap at which a solve may stop (0.01 is 1 %).",
        ),
        option(
            "--clock",
            type=click.Choice([str(clock) for clock in Clock]),
            help="What the time limit counts: CPU or wall seconds.  [default: wall]",
        ),
        option(
            "--grace",
            type=FiniteFloatRange(min=0.1),
            metavar="S",
            help="Seconds after the time limit until a solver that does not stop is killed.  "
            f"[default: {DEFAULT_GRACE_S:g}]",
        ),
    ]
    for decorate in reversed(decorators):
        function = decorate(function)
    return function


def limits_given(values: dict[str, Any]) -> dict[str, Any]:
    """Take the limit options out of a command's arguments, by the fields of Limits."""
    clock = values.pop("clock")
    return {
        "time_s": values.pop("time_limit"),
        "memory_mib": values.pop("memory_limit"),
        "nodes": values.pop("node_limit"),
        "gap": values.pop("gap"),
        "clock": None if clock is None else Clock(clock),
        "grace_s": values.pop("grace"),
    }


def job_options(function: F) -> F:
    """Add how many tasks go on at a time."""
    decorators = [
        option(
            "--jobs",
            "-j",
            type=IntegerRange(min=0),
            metavar="N",
            help="Tasks at a time, each on a physical core of its own; 0 executes in this process, "
            "for a debugger.  [default: all cores but one]",
        ),
        option(
            "--oversubscribe",
            is_flag=True,
            help="Allow more tasks at a time than there are physical cores.",
        ),
    ]
    for decorate in reversed(decorators):
        function = decorate(function)
    return function


if_cores_taken_option = option(
    "--if-cores-taken",
    type=click.Choice([str(choice) for choice in IfCoresTaken]),
    default=str(IfCoresTaken.WAIT),
    show_default=True,
    help="If other sweeps and runs on this machine have the cores: wait until enough are free, "
    "fail, or share them (times then vary). bench status --host shows who has them.",
)
executor_option = option(
    "--executor",
    default=registry.LOCAL,
    show_default=True,
    metavar="NAME",
    help="How tasks are executed: local (a process each), in-process (as with -j 0), or an "
    "executor of another package.",
)
experiment_option = click.option(
    "--experiment-name",
    envvar=["BENCH_EXPERIMENT_NAME", "MLFLOW_EXPERIMENT_NAME"],
    metavar="NAME",
    help="MLflow experiment.  [default: Default]",
)
tracking_uri_option = click.option(
    "--tracking-uri",
    envvar=["BENCH_TRACKING_URI", "MLFLOW_TRACKING_URI"],
    metavar="URI",
    help="MLflow store or server.  [default: sqlite:///mlflow.db]",
)


def tracking_options(function: F) -> F:
    """Add where to record: tracking URI and experiment."""
    return tracking_uri_option(experiment_option(function))


def work_dir_option(function: F) -> F:
    """Add the folder for journals, logs and solutions."""
    return option(
        "--work-dir",
        type=click.Path(path_type=Path, file_okay=False),
        default=Path("bench-work"),
        show_default=True,
        help="Folder for the journal, logs and solutions.",
    )(function)


def reference_options(function: F) -> F:
    """Add where references are, and in which columns of a table."""
    function = option(
        "--solu-columns",
        metavar="instance=NAME,objective=NAME[,status=NAME][,offset=NAME]",
        help="The columns of a --solu FILE.csv.  [default: the usual names]",
    )(function)
    return option(
        "--solu",
        type=click.Path(path_type=Path),
        multiple=True,
        metavar="FILE",
        help="References, as .solu or .csv; a .solu file beside the instances is found by itself.",
    )(function)


def lint_option(function: F) -> F:
    """Add whether the instances are linted first; None where it is not said."""
    return option(
        "--lint/--no-lint",
        default=None,
        help="Whether instances are first searched for what solvers silently read wrong; the "
        "results say if they were not.  [default: lint]",
    )(function)


system_metrics_option = option(
    "--system-metrics", is_flag=True, help="Log MLflow's own metrics of the whole machine as well."
)
pass_env_option = option(
    "--pass-env",
    multiple=True,
    metavar="NAME",
    help="Environment variable that the solver gets besides the usual ones; may be repeated. With "
    "-j 0 a solver shares this process and has all of them.",
)
tasks_in_mlflow_option = option(
    "--tasks-in-mlflow",
    type=click.Choice(YES_OR_NO),
    help="Whether each task has a run of its own in MLflow; the table on the run of its setting "
    "has them all in any case.  [default: as before, at first yes]",
)
record_option = option(
    "--record",
    type=click.Choice([str(level) for level in RecordLevel]),
    help="What of the models goes to MLflow: no file, tables, logs too, or all. Before logs no "
    "text either that may quote names of rows and columns.  [default: as before, at first all]",
)
no_mlflow_option = option(
    "--no-mlflow",
    is_flag=True,
    help="Record in the journal alone, without loading MLflow; bench sync delivers it later.",
)
verify_option = option(
    "--verify/--no-verify",
    default=True,
    show_default=True,
    help="Check each solution in exact arithmetic, as another program reads the instance.",
)
json_option = option("--json", "as_json", is_flag=True, help="Print one JSON object instead.")


def complain(lines: Iterable[str]) -> None:
    """Say what went wrong, a line each, on stderr."""
    for line in lines:
        click.echo(line, err=True)
