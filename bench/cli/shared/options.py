"""Options that several commands share, and their environment variables."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import click

from bench.app.options import YES_OR_NO, IfCoresTaken
from bench.cli.shared.number_types import FiniteFloatRange, IntegerRange
from bench.execution import registry
from bench.execution.cluster_options import Files, OnInterrupt
from bench.model.limits import DEFAULT_GRACE_S, DEFAULT_MEMORY_MIB, DEFAULT_TIME_S, Clock
from bench.model.printable import escaped
from bench.model.record_level import RecordLevel

F = TypeVar("F", bound=Callable[..., Any])


def option(*names: str, **attributes: Any) -> Callable[[F], F]:
    """Return a click option that is also read from ``BENCH_<LONG NAME>``."""
    long = next(name for name in names if name.startswith("--"))
    variable = "BENCH_" + long.split("/")[0].removeprefix("--").upper().replace("-", "_")
    return click.option(*names, envvar=variable, **attributes)


def limit_options(function: F) -> F:
    """Add the limits: one option for each field of Limits, None if not given."""
    decorators = [
        option(
            "--time-limit",
            type=FiniteFloatRange(min=0),
            metavar="S",
            help="Time limit per solve in seconds, excluding reading the file.  [default: "
            f"{DEFAULT_TIME_S:g}]",
        ),
        option(
            "--memory-limit",
            type=FiniteFloatRange(min=1),
            metavar="MIB",
            help=f"Memory limit per solve in MiB.  [default: {DEFAULT_MEMORY_MIB:g}]",
        ),
        option(
            "--node-limit",
            type=IntegerRange(min=0),
            metavar="N",
            help="Largest number of branch-and-bound nodes per solve.",
        ),
        option(
            "--gap",
            type=FiniteFloatRange(min=0),
            metavar="G",
            help="Stop a solve at this relative gap (0.01 is 1 %).",
        ),
        option(
            "--clock",
            type=click.Choice([str(clock) for clock in Clock]),
            help="Clock of the time limit: CPU time or wall time.  [default: wall; bench tune: CPU "
            "time, if the solver counts it]",
        ),
        option(
            "--threads",
            type=IntegerRange(min=1),
            metavar="N",
            help="Threads that a solve may use, each on a physical core of its own.  [default: 1]",
        ),
        option(
            "--grace",
            type=FiniteFloatRange(min=0.1),
            metavar="S",
            help="Kill a solver that is still running this many seconds after its time limit.  "
            f"[default: {DEFAULT_GRACE_S:g}]",
        ),
    ]
    for decorate in reversed(decorators):
        function = decorate(function)
    return function


def job_options(function: F) -> F:
    """Add the number of tasks at a time."""
    decorators = [
        option(
            "--jobs",
            "-j",
            type=IntegerRange(min=0),
            metavar="N",
            help="Tasks at a time, each on physical cores of its own; 0 executes in this process, "
            "with all its environment, for a debugger.  [default: all cores but one]",
        ),
        option(
            "--oversubscribe",
            is_flag=True,
            help="Allow more parallel tasks than physical cores.",
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
    help="If other sweeps and runs use the cores of this machine: wait until enough are free, "
    "fail, or share them (times then vary). bench status --host lists who uses them.",
)


def executor_options(function: F) -> F:
    """Add the executor, and how tasks are sent to a cluster."""
    decorators = [
        option(
            "--executor",
            metavar="NAME",
            help="Executor of the tasks: local (one process per task), in-process (as with -j 0), "
            "slurm-array (jobs of Slurm), dask (workers of dask), or an executor of another "
            f"package.  [default: {registry.LOCAL}]",
        ),
        option(
            "--scheduler",
            metavar="ADDRESS",
            help="With --executor dask: a scheduler that has workers (see bench worker).",
        ),
        option(
            "--queue",
            metavar="NAME",
            help="With --executor dask: the queue that is asked for workers: slurm, pbs, lsf, sge, "
            "oar, moab, htcondor.",
        ),
        option(
            "--workers",
            type=IntegerRange(min=1),
            metavar="N",
            help="On a cluster: tasks at a time.  [default: as many as the queue starts]",
        ),
        option(
            "--queue-options",
            type=click.Path(dir_okay=False, path_type=Path),
            metavar="FILE.yaml",
            help="On a cluster: options of each job, by the queue's own names, e.g. "
            "'partition: long'.",
        ),
        option(
            "--on-interrupt",
            type=click.Choice([str(choice) for choice in OnInterrupt]),
            help="On a cluster: whether tasks go on after Ctrl-C; bench resume then collects their "
            f"results.  [default: {OnInterrupt.DETACH}]",
        ),
        option(
            "--files",
            type=click.Choice([str(choice) for choice in Files]),
            help="With --executor dask: whether workers share the work folder and the instances, "
            "or files are sent to them and results come back over the network.  [default: what "
            "each worker sees]",
        ),
    ]
    for decorate in reversed(decorators):
        function = decorate(function)
    return function


experiment_option = click.option(
    "--experiment-name",
    envvar=["BENCH_EXPERIMENT_NAME", "MLFLOW_EXPERIMENT_NAME"],
    metavar="NAME",
    help="Name of the MLflow experiment.  [default: Default]",
)
tracking_uri_option = click.option(
    "--tracking-uri",
    envvar=["BENCH_TRACKING_URI", "MLFLOW_TRACKING_URI"],
    metavar="URI",
    help="Address of the MLflow store or server.  [default: sqlite:///mlflow.db]",
)


def tracking_options(function: F) -> F:
    """Add the place of the records: tracking URI and experiment."""
    return tracking_uri_option(experiment_option(function))


def work_dir_option(function: F) -> F:
    """Add the folder for journals, logs and solutions."""
    return option(
        "--work-dir",
        type=click.Path(path_type=Path, file_okay=False),
        default=Path("bench-work"),
        show_default=True,
        help="Folder for journals, logs and solutions.",
    )(function)


def reference_options(function: F) -> F:
    """Add the references, and their columns in a table."""
    function = option(
        "--solu-columns",
        metavar="instance=NAME,objective=NAME[,status=NAME][,offset=NAME]",
        help="Column names in a --solu FILE.csv.  [default: the usual names]",
    )(function)
    return option(
        "--solu",
        type=click.Path(path_type=Path),
        multiple=True,
        metavar="FILE",
        help="Reference file with known objective values (.solu or .csv); a .solu file next to "
        "the instances is always used.",
    )(function)


def lint_option(function: F) -> F:
    """Add whether the instances are linted first; None if not given."""
    return option(
        "--lint/--no-lint",
        default=None,
        help="Check the instance files first for content that solvers silently misread; results "
        "record whether this was done.  [default: yes]",
    )(function)


system_metrics_option = option(
    "--system-metrics", is_flag=True, help="Also log MLflow's system metrics of the whole machine."
)
pass_env_option = option(
    "--pass-env",
    multiple=True,
    metavar="NAME",
    help="Pass this environment variable to the solver, in addition to the usual ones; may be "
    "repeated. With -j 0 the solver sees all variables of this process.",
)
tasks_in_mlflow_option = option(
    "--tasks-in-mlflow",
    type=click.Choice(YES_OR_NO),
    help="Create an MLflow run for each task; the setting's run has a table of all tasks either "
    "way.  [default: as in the last execution, at first yes]",
)
record_option = option(
    "--record",
    type=click.Choice([str(level) for level in RecordLevel]),
    help="Upload to MLflow: no files, only tables, also logs, or everything. With none and "
    "tables, texts that could contain names of rows and columns are left out too.  [default: "
    "as in the last execution, at first all]",
)
no_mlflow_option = option(
    "--no-mlflow",
    is_flag=True,
    help="Record only in the journal and do not load MLflow; bench sync uploads the results later.",
)
verify_option = option(
    "--verify/--no-verify",
    default=True,
    show_default=True,
    help="Check each solution in exact arithmetic against the instance as another solver reads it.",
)
json_option = option(
    "--json", "as_json", is_flag=True, help="Print one JSON object instead of text."
)


def complain(lines: Iterable[str]) -> None:
    """Print a problem on stderr; control characters are Python escapes."""
    for line in lines:
        click.echo(escaped(line, keep="\n\t"), err=True)
