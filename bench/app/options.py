"""Options that several functions of the application share, as frozen dataclasses.

Their names and defaults are those of the command line, so that a command, a script and a notebook
use the same words.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from bench.app.model_files import Source
from bench.app.progress import Progress
from bench.errors import UsageError
from bench.execution.cluster_options import (
    ClusterOptions,
    Files,
    OnInterrupt,
    files_of,
    on_interrupt_of,
    read_queue_options,
)
from bench.model.limits import Clock
from bench.model.record_level import RecordLevel
from bench.store.experiment import ExperimentRequest

WORK_DIR = Path("bench-work")
YES_OR_NO = ("yes", "no")

Sources = Source | Sequence[Source]
"""Instances: files, folders, globs, ``.test`` lists, models of pyscipopt; one or several."""
Value = str | float | bool
"""The value of a parameter; a text has the same meaning as on the command line."""


class IfCoresTaken(StrEnum):
    """What to do if other campaigns on this machine use the cores.

    ``WAIT`` until enough are free, ``FAIL`` at once, or ``SHARE`` theirs.
    """

    WAIT = "wait"
    FAIL = "fail"
    SHARE = "share"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreOptions:
    """Where results are recorded, and how progress is reported.

    - ``work_dir``: folder for journals, logs and solutions
    - ``tracking_uri``: MLflow store or server; None is the value of MLFLOW_TRACKING_URI, else
      ``mlflow.db`` in the current folder
    - ``experiment_name``: MLflow experiment; None is the value of MLFLOW_EXPERIMENT_NAME or
      MLFLOW_EXPERIMENT_ID, else Default
    - ``progress``: False shows nothing, True shows tqdm bars, a `Listener
      <bench.report.listener.Listener>` is called for every event
    """

    work_dir: str | Path = WORK_DIR
    tracking_uri: str | None = None
    experiment_name: str | None = None
    progress: Progress = False

    def given_uri(self) -> str | None:
        """Return the tracking URI that was given, here or by MLflow's environment variable."""
        return self.tracking_uri or os.environ.get("MLFLOW_TRACKING_URI") or None

    def target_experiment(self, declared: str | None = None) -> ExperimentRequest:
        """Return the experiment to record in; ``declared`` is used if none is given."""
        name = self.experiment_name or os.environ.get("MLFLOW_EXPERIMENT_NAME") or declared
        experiment_id = os.environ.get("MLFLOW_EXPERIMENT_ID") or None
        return ExperimentRequest(name=name or None, experiment_id=experiment_id)

    def given_experiment(self) -> ExperimentRequest | None:
        """Return the experiment that was given, here or by MLflow's environment variables.

        ``mlflow run`` sets MLFLOW_EXPERIMENT_ID for its own run; that does not count as given.
        """
        asked = self.target_experiment()
        if "MLFLOW_RUN_ID" in os.environ:
            asked = ExperimentRequest(name=asked.name)
        return asked if asked.name or asked.experiment_id else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionOptions(StoreOptions):
    """How tasks are limited, executed, checked and recorded.

    - ``time_limit`` in seconds for each solve, excluding reading the file (default 3600); ``grace``
      in seconds until a solver that does not stop is killed (default 10)
    - ``memory_limit`` in MiB for each solve (default 4096)
    - ``node_limit``, ``gap`` (relative, 0.01 is 1 %): limits at which a solve may stop
    - ``clock``: the clock of the time limit, ``cpu`` or ``wall`` (default)
    - ``threads``: number of threads that a solve may use (default 1), each on a physical core of
      its own
    - ``jobs``: number of tasks at a time, each on physical cores of its own; 0 executes in this
      process, None uses all cores but one; ``oversubscribe`` allows more tasks than cores
    - ``if_cores_taken``: what to do if other sweeps and runs on this machine use the cores:
      ``wait`` until enough are free, ``fail``, or ``share`` them
    - ``executor``: how tasks are executed, by name: ``local`` (a process each), ``in-process``,
      ``slurm-array`` (jobs of Slurm), ``dask`` (workers of dask), or one of another package; None
      is the value in the sweep file, else ``local``
    - ``workers``: number of tasks at a time on a cluster; None leaves it to the queue
    - ``scheduler``: address of a dask scheduler, whose workers execute the tasks
    - ``queue``: queue of a cluster on which dask workers are requested, e.g. ``slurm``, ``pbs``
    - ``queue_options``: options of a job, by the queue's own names: a mapping, or a YAML file with
      one
    - ``on_interrupt``: whether tasks on a cluster continue without this process (``detach``), or
      end with it (``cancel``); None is the value in the sweep file, else ``detach``
    - ``files``: whether dask workers share the work folder (``shared``), or instances and results
      are sent over the network (``send``); None detects it for each worker
    - ``solu``: files with references (``.solu``, ``.csv``); ``solu_columns`` names the columns of a
      CSV file, as ``instance=NAME,objective=NAME``
    - ``verify``: check each solution in exact arithmetic
    - ``lint``: first check the instance files for content that solvers silently misread; None is
      the value in the sweep file, else yes
    - ``system_metrics``: also log MLflow's own metrics of the whole machine
    - ``pass_env``: names of additional environment variables for the solver
      (`bench.execution.process.environment`); with ``jobs=0`` it runs in this process and has all
      variables
    - ``tasks_in_mlflow``: whether each task has a run of its own in MLflow, below that of its
      setting, whose table has all of them in any case; None keeps the choice of an earlier call, at
      first yes
    - ``record``: which data about the models is uploaded to MLflow: ``none``, ``tables``, ``logs``
      or ``all`` (`bench.model.record_level`); None keeps the level of an earlier call, at first all
    - ``no_mlflow``: record only in the journal, without loading MLflow; ``bench sync`` uploads the
      results later
    - ``run_id``: existing run in MLflow for the results of a setting, instead of a new one
    - ``command``: the command that repeats the call, as words; stored with the results
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
    executor: str | None = None
    workers: int | None = None
    scheduler: str | None = None
    queue: str | None = None
    queue_options: str | Path | Mapping[str, Any] | None = None
    on_interrupt: OnInterrupt | str | None = None
    files: Files | str | None = None
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
        """Return the limits by the fields of Limits, None if not given."""
        return {
            "time_s": real(self.time_limit),
            "memory_mib": real(self.memory_limit),
            "nodes": self.node_limit,
            "gap": real(self.gap),
            "clock": None if self.clock is None else clock_of(self.clock),
            "threads": self.threads,
            "grace_s": real(self.grace),
        }

    def cluster(self) -> ClusterOptions:
        """Return how tasks are sent to a cluster."""
        given = self.queue_options
        return ClusterOptions(
            workers=self.workers,
            scheduler=self.scheduler,
            queue=self.queue,
            queue_options=read_queue_options(Path(given))
            if isinstance(given, str | Path)
            else dict(given or {}),
            on_interrupt=on_interrupt_of(self.on_interrupt or OnInterrupt.DETACH),
            files=files_of(self.files),
        )

    def solu_files(self) -> list[Path]:
        """Return the files with references."""
        return [Path(file) for file in self.solu]


def real(number: float | None) -> float | None:
    """Return an int as float, as on the command line: 60 and 60.0 are the same value."""
    return None if number is None else float(number)


def truth(name: str, value: bool | str | None) -> bool | None:
    """Return the meaning of ``yes`` and ``no``; UsageError, with the option, for another word."""
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
    """Return the level of this name, None if none is given; UsageError for another name."""
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
    """Return a value as on the command line, e.g. True -> ``true``."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def list_text(values: Value | Sequence[Value]) -> str:
    """Return values as on the command line: a text as it is, several joined by commas."""
    if isinstance(values, str | float | int):
        return value_text(values)
    return ",".join(f'"{each}"' if isinstance(each, str) else value_text(each) for each in values)


def count_text(numbers: str | int | Sequence[int]) -> str:
    """Return seeds or permutations as on the command line: a count, or a list such as ``4,7,``."""
    if isinstance(numbers, str | int):
        return str(numbers)
    return "".join(f"{number}," for number in numbers)


def texts_by_name(values: Mapping[str, Value | Sequence[Value]]) -> dict[str, str]:
    """Return parameters with their values as on the command line."""
    return {name: list_text(each) for name, each in values.items()}
