"""The options that several functions of the application share, as frozen dataclasses.

They have the names and defaults of the options of the command line, so that the command line, a
script and a notebook say the same in the same words.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from bench.app.campaign.model_files import Source
from bench.app.progress import Progress
from bench.errors import UsageError
from bench.execution.cluster.options import (
    ClusterOptions,
    OnInterrupt,
    on_interrupt_of,
    read_queue_options,
)
from bench.execution.registry import LOCAL
from bench.model.limits import Clock
from bench.model.record_level import RecordLevel
from bench.store.experiment import ExperimentRequest

WORK_DIR = Path("bench-work")
YES_OR_NO = ("yes", "no")

Sources = Source | Sequence[Source]
"""Instances: files, folders, globs, ``.test`` lists, models of pyscipopt; one or several."""
Value = str | float | bool
"""The value of a parameter; a text means what it means on the command line."""


class IfCoresTaken(StrEnum):
    """What to do where other campaigns on this machine have the cores.

    ``WAIT`` until enough are free, ``FAIL`` at once, or ``SHARE`` theirs.
    """

    WAIT = "wait"
    FAIL = "fail"
    SHARE = "share"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreOptions:
    """Where results are, and who hears of what goes on.

    - ``work_dir``: folder for journals, logs and solutions
    - ``tracking_uri``: MLflow store or server; None is that of MLFLOW_TRACKING_URI, else
      ``mlflow.db`` in the current folder
    - ``experiment_name``: MLflow experiment; None is that of MLFLOW_EXPERIMENT_NAME or
      MLFLOW_EXPERIMENT_ID, else Default
    - ``progress``: False shows nothing, True bars of tqdm, a
      `Listener <bench.report.listener.Listener>` hears of everything
    """

    work_dir: str | Path = WORK_DIR
    tracking_uri: str | None = None
    experiment_name: str | None = None
    progress: Progress = False

    def given_uri(self) -> str | None:
        """Return the tracking URI that was given, here or by MLflow's environment variable."""
        return self.tracking_uri or os.environ.get("MLFLOW_TRACKING_URI") or None

    def target_experiment(self, declared: str | None = None) -> ExperimentRequest:
        """Return the experiment to record in; ``declared`` is the name where none was given."""
        name = self.experiment_name or os.environ.get("MLFLOW_EXPERIMENT_NAME") or declared
        experiment_id = os.environ.get("MLFLOW_EXPERIMENT_ID") or None
        return ExperimentRequest(name=name or None, experiment_id=experiment_id)

    def given_experiment(self) -> ExperimentRequest | None:
        """Return the experiment that was given, here or by MLflow's environment variables.

        ``mlflow run`` sets MLFLOW_EXPERIMENT_ID for the run that it made: that gives none.
        """
        asked = self.target_experiment()
        if "MLFLOW_RUN_ID" in os.environ:
            asked = ExperimentRequest(name=asked.name)
        return asked if asked.name or asked.experiment_id else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionOptions(StoreOptions):
    """How tasks are limited, executed, checked and recorded.

    - ``time_limit`` in seconds for each solve, reading apart (default 3600); ``grace`` in seconds
      until a solver that does not stop is killed (default 10)
    - ``memory_limit`` in MiB for each solve (default 4096)
    - ``node_limit``, ``gap`` (relative, 0.01 is 1 %): where a solve may stop
    - ``clock``: what the time limit counts, ``cpu`` or ``wall`` (default)
    - ``threads``: how many threads a solve may use (default 1), each on a physical core of its own
    - ``jobs``: tasks at a time, each on physical cores of its own; 0 executes in this process,
      None is all cores but one; ``oversubscribe`` allows more than there are cores
    - ``if_cores_taken``: what to do where other sweeps and runs on this machine have the cores:
      ``wait`` until enough are free, ``fail``, or ``share`` them
    - ``executor``: how tasks are executed, by name: ``local`` (a process each), ``in-process``,
      ``slurm-array`` (jobs of Slurm), ``dask`` (workers of dask), or one of another package
    - ``workers``: tasks at a time on a cluster; None leaves it to the queue
    - ``scheduler``: address of a scheduler of dask, whose workers execute the tasks
    - ``queue``: queue of a cluster that is asked for workers of dask, e.g. ``slurm``, ``pbs``
    - ``queue_options``: what a job is asked for, by the queue's own names: a mapping, or a YAML
      file with one
    - ``on_interrupt``: whether tasks on a cluster go on without this process (``detach``), or end
      with it (``cancel``)
    - ``solu``: files with references (``.solu``, ``.csv``); ``solu_columns`` says which columns of
      a CSV file matter, as ``instance=NAME,objective=NAME``
    - ``verify``: check each solution in exact arithmetic
    - ``lint``: check the instance files first for content that solvers silently misread; None is
      yes, unless a sweep file says no
    - ``system_metrics``: log MLflow's own metrics of the whole machine as well
    - ``pass_env``: names of environment variables that the solver gets besides the usual ones
      (`bench.execution.process.environment`); with ``jobs=0`` it shares this process and has all
    - ``tasks_in_mlflow``: whether each task has a run of its own in MLflow, beneath that of its
      setting, whose table has them all in any case; None is as before, at first yes
    - ``record``: what of the models goes to MLflow: ``none``, ``tables``, ``logs`` or ``all``
      (`bench.model.record_level`); None is as before, at first all
    - ``no_mlflow``: record in the journal alone, without loading MLflow; ``bench sync`` delivers
      the results later to where they belong
    - ``run_id``: run in MLflow that takes the results of a setting instead of a new one
    - ``command``: how to repeat it, a word each; kept with the results
    """

    time_limit: float | None = None
    memory_limit: float | None = None
    node_limit: int | None = None
    gap: float | None = None
    clock: Clock | str | None = None
    threads: int | None = None
    grace: float | None = None
    jobs: int | None = None
    oversubscribe: bool = False
    if_cores_taken: IfCoresTaken | str = IfCoresTaken.WAIT
    executor: str = LOCAL
    workers: int | None = None
    scheduler: str | None = None
    queue: str | None = None
    queue_options: str | Path | Mapping[str, Any] | None = None
    on_interrupt: OnInterrupt | str = OnInterrupt.DETACH
    solu: Sequence[str | Path] = ()
    solu_columns: str | None = None
    verify: bool = True
    lint: bool | None = None
    system_metrics: bool = False
    pass_env: Sequence[str] = ()
    tasks_in_mlflow: bool | str | None = None
    record: RecordLevel | str | None = None
    no_mlflow: bool = False
    run_id: str | None = None
    command: tuple[str, ...] = ()

    def limits(self) -> dict[str, Any]:
        """Return the limits by the fields of Limits, None where not given."""
        return {
            "time_s": real(self.time_limit),
            "memory_mib": real(self.memory_limit),
            "nodes": self.node_limit,
            "gap": real(self.gap),
            "clock": None if self.clock is None else clock_of(self.clock),
            "threads": self.threads,
            "grace_s": real(self.grace),
        }

    def cluster(self, name: str) -> ClusterOptions:
        """Return how the tasks of a campaign of this name are sent to a cluster."""
        given = self.queue_options
        return ClusterOptions(
            workers=self.workers,
            scheduler=self.scheduler,
            queue=self.queue,
            queue_options=read_queue_options(Path(given))
            if isinstance(given, str | Path)
            else dict(given or {}),
            on_interrupt=on_interrupt_of(self.on_interrupt),
            name=name,
        )

    def solu_files(self) -> list[Path]:
        """Return the files with references."""
        return [Path(file) for file in self.solu]


def real(number: float | None) -> float | None:
    """Return an int as the float that it is on the command line: 60 and 60.0 are one identity."""
    return None if number is None else float(number)


def truth(name: str, value: bool | str | None) -> bool | None:
    """Return what ``yes`` and ``no`` mean; UsageError, with the option's name, for another word."""
    if isinstance(value, str):
        if value not in YES_OR_NO:
            raise UsageError(f"{name} {value!r}: {' or '.join(YES_OR_NO)}")
        return value == YES_OR_NO[0]
    return value


def clock_of(name: str) -> Clock:
    """Return the clock of this name; UsageError for another name."""
    if name not in list(Clock):
        raise UsageError(f"unknown clock {name!r}; known: {', '.join(Clock)}")
    return Clock(name)


def record_level_of(name: str | None) -> RecordLevel | None:
    """Return the level of this name, None where none is given; UsageError for another name."""
    if name is None:
        return None
    if name not in list(RecordLevel):
        raise UsageError(f"unknown value {name!r} of record; known: {', '.join(RecordLevel)}")
    return RecordLevel(name)


def if_cores_taken_of(name: str) -> IfCoresTaken:
    """Return the choice of this name; UsageError for another name."""
    if name not in list(IfCoresTaken):
        raise UsageError(
            f"unknown value {name!r} of if_cores_taken; known: {', '.join(IfCoresTaken)}"
        )
    return IfCoresTaken(name)


def value_text(value: Value) -> str:
    """Return a value as it is typed on the command line, e.g. True -> ``true``."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def list_text(values: Value | Sequence[Value]) -> str:
    """Return values as they are typed: a text as it is, several with commas between them."""
    if isinstance(values, str | float | int):
        return value_text(values)
    return ",".join(f'"{each}"' if isinstance(each, str) else value_text(each) for each in values)


def count_text(numbers: str | int | Sequence[int]) -> str:
    """Return seeds or permutations as they are typed: a count, or a list such as ``4,7,``."""
    if isinstance(numbers, str | int):
        return str(numbers)
    return "".join(f"{number}," for number in numbers)


def texts_by_name(values: Mapping[str, Value | Sequence[Value]]) -> dict[str, str]:
    """Return parameters with their values as they are typed."""
    return {name: list_text(each) for name, each in values.items()}
