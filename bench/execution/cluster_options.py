"""How tasks are sent to a cluster, from options and a file of the user."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from bench.errors import UsageError

_ADDRESS = re.compile(r"(?:(?:tcp|tls|ucx|wss?)://)?(?:\[[^\[\]/\s]+\]|[^:/\s\[\]]+):(\d{1,5})")
_MOST_PORT = 65535


class OnInterrupt(StrEnum):
    """What happens to the tasks on a cluster when the submitter is interrupted."""

    DETACH = "detach"
    CANCEL = "cancel"


class Files(StrEnum):
    """How workers get the files of tasks, and how their files are returned."""

    SHARED = "shared"
    SEND = "send"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterOptions:
    """How tasks are sent to a cluster.

    - ``workers``: number of tasks at a time; None leaves it to the queue
    - ``queue_options``: options of a job, by the queue's own names: for ``slurm-array`` long
      options of sbatch without the dashes, for ``dask`` arguments of dask-jobqueue's class
    - ``scheduler``: address of a dask scheduler
    - ``queue``: queue whose jobs are dask workers, e.g. ``slurm``
    - ``on_interrupt``: whether tasks continue without the submitter
    - ``files``: whether workers share a folder with the submitter, or files are sent to them; None
      detects it
    """

    workers: int | None = None
    queue_options: Mapping[str, Any] = field(default_factory=dict)
    scheduler: str | None = None
    queue: str | None = None
    on_interrupt: OnInterrupt = OnInterrupt.DETACH
    files: Files | None = None

    @property
    def ends_with_submitter(self) -> bool:
        """Whether an interrupt ends the tasks: on request, or because their scheduler ends too."""
        return self.on_interrupt is OnInterrupt.CANCEL or self.queue is not None


def read_queue_options(path: Path) -> dict[str, Any]:
    """Return the options in a YAML file; UsageError if it has none."""
    import yaml  # noqa: PLC0415 - 0.03 s that other executors do without

    try:
        found = yaml.safe_load(path.read_text())
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(found, dict) or not all(isinstance(name, str) for name in found):
        raise UsageError(f"{path}: expected options of the queue, such as 'partition: long'")
    return found


def check_scheduler(address: str) -> None:
    """Raise UsageError for a text that is no address of a dask scheduler.

    dask itself finds out after 40 s, with a traceback.
    """
    match = _ADDRESS.fullmatch(address)
    if match is None or int(match[1]) > _MOST_PORT:
        raise UsageError(
            f"{address!r} is no address of a dask scheduler, which has a host and a port, such as "
            "tcp://login1:8786"
        )


def on_interrupt_of(name: str) -> OnInterrupt:
    """Return the choice of this name; UsageError for another name."""
    if name not in list(OnInterrupt):
        raise UsageError(f"unknown value {name!r} of on_interrupt; known: {', '.join(OnInterrupt)}")
    return OnInterrupt(name)


def files_of(name: str | None) -> Files | None:
    """Return the choice of this name, None if none is given; UsageError for another name."""
    if name is None:
        return None
    if name not in list(Files):
        raise UsageError(f"unknown value {name!r} of files; known: {', '.join(Files)}")
    return Files(name)
