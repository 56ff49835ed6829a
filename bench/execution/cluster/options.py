"""How tasks are sent to a cluster, as options and a file of the user say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from bench.errors import UsageError

QUEUE_VALUES = (str, int, float, bool)


class OnInterrupt(StrEnum):
    """What becomes of the tasks on a cluster when the submitter is interrupted."""

    DETACH = "detach"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterOptions:
    """How tasks are sent to a cluster.

    - ``workers``: so many tasks at a time; None leaves it to the queue
    - ``queue_options``: what the queue is asked for, by its own names: for ``slurm-array`` long
      options of sbatch without the dashes, for ``dask`` arguments of dask-jobqueue's class
    - ``scheduler``: address of a scheduler of dask
    - ``queue``: queue whose jobs are workers of dask, e.g. ``slurm``
    - ``on_interrupt``: whether tasks go on without the submitter
    - ``name``: of the campaign, for the names of jobs
    """

    workers: int | None = None
    queue_options: Mapping[str, Any] = field(default_factory=dict)
    scheduler: str | None = None
    queue: str | None = None
    on_interrupt: OnInterrupt = OnInterrupt.DETACH
    name: str = "bench"

    @property
    def ends_with_submitter(self) -> bool:
        """Whether an interrupt ends the tasks: on request, or as their scheduler ends, too."""
        return self.on_interrupt is OnInterrupt.CANCEL or self.queue is not None


def read_queue_options(path: Path) -> dict[str, Any]:
    """Return the options of a YAML file; UsageError where it has none."""
    import yaml  # noqa: PLC0415 - 0.03 s that other executors do without

    try:
        found = yaml.safe_load(path.read_text())
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: no YAML: {' '.join(str(error).split())}") from error
    if not isinstance(found, dict) or not all(isinstance(name, str) for name in found):
        raise UsageError(f"{path}: options of the queue are needed, such as 'partition: long'")
    return found


def on_interrupt_of(name: str) -> OnInterrupt:
    """Return the choice of this name; UsageError for another name."""
    if name not in list(OnInterrupt):
        raise UsageError(f"on_interrupt {name!r}: there are {', '.join(OnInterrupt)}")
    return OnInterrupt(name)
