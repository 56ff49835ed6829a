"""Orders: everything a host needs to execute tasks of a campaign, as JSON on a shared folder.

The submitter writes them, a host reads them. A host is a process of bench on a machine of the
cluster: an element of a job array, or a process that a dask worker has started.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from bench import __version__
from bench.model.plain_data import from_plain, to_plain
from bench.model.task import Task

T = TypeVar("T")
EXCHANGE = "cluster"
"""The folder, within the campaign's, for files between submitter and hosts."""


def exchange_of(campaign: Path) -> Path:
    """Return the folder for files between submitter and hosts of a campaign."""
    return campaign.absolute() / EXCHANGE


@dataclass(frozen=True, slots=True, kw_only=True)
class HostOrders:
    """The data that all tasks of a campaign share.

    Each execution of a task has a folder of its own below ``tasks_folder``; hosts save their
    reports in ``exchange``. ``bench_version`` is that of the submitter. ``wall_s`` is the wall time
    of a host's job, None for no limit. ``directory`` is the submitter's current folder, to which
    relative paths of tasks refer.
    """

    tasks_folder: Path
    exchange: Path
    verify: bool = True
    pass_env: frozenset[str] = frozenset()
    bench_version: str = __version__
    wall_s: float | None = None
    directory: Path = field(default_factory=Path.cwd)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskOrder:
    """One task to execute, with the number of the attempt, counted from 1.

    An attempt ends with an outcome. If its worker dies, it is executed again under the same number.
    """

    task: Task
    attempt: int = 1

    @property
    def name(self) -> str:
        """The name of this attempt, unique in the campaign."""
        return f"{self.task.key}-{self.attempt}"


def write(path: Path, content: object) -> None:
    """Write a dataclass as JSON; the file is written completely or not at all."""
    write_text(path, json.dumps(to_plain(content)))


def read(path: Path, kind: type[T]) -> T:
    """Return the dataclass in a file; OSError or ValueError if there is none."""
    return from_text(path.read_text(), kind)


def from_text(text: str | bytes, kind: type[T]) -> T:
    """Return the dataclass of a JSON text; ValueError for another text."""
    try:
        return from_plain(kind, json.loads(text))
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"no {kind.__name__}: {error}") from error


def write_lines(path: Path, contents: Iterable[object]) -> None:
    """Write dataclasses as JSON, one per line; the file is written completely or not at all."""
    write_text(path, "".join(f"{json.dumps(to_plain(each))}\n" for each in contents))


def read_lines(path: Path, kind: type[T]) -> list[T]:
    """Return the dataclasses in a file; OSError or ValueError if there are none."""
    return [from_text(line, kind) for line in path.read_text().splitlines()]


def write_text(path: Path, text: str) -> None:
    """Write a file completely or not at all, even if the machine crashes."""
    half = path.with_name(f"{path.name}.{os.getpid()}.half")
    with half.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)
