"""Orders: what a host needs to know to execute tasks of a campaign, as JSON on a shared folder.

The submitter writes them, a host reads them. A host is a process of ours on some machine of the
cluster: an element of an array of jobs, or what a dask worker has started.
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
"""The folder, in that of a campaign, by which submitter and hosts hear of each other."""


def exchange_of(campaign: Path) -> Path:
    """Return the folder in which submitter and hosts of a campaign leave what the other needs."""
    return campaign.absolute() / EXCHANGE


@dataclass(frozen=True, slots=True, kw_only=True)
class HostOrders:
    """What holds for all tasks of a campaign.

    Below ``tasks_folder`` each execution of a task has a folder of its own; ``exchange`` is where
    hosts leave what came out. ``bench_version`` is that of the submitter. ``wall_s`` is how long
    the job of a host may last, None for no limit. ``directory`` is where the submitter is, from
    which relative paths of tasks count.
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
    """One task to be executed, as the so-many-th attempt at it, counted from 1.

    An attempt ends with an outcome. One that ends with the death of its worker is executed again
    under the same number.
    """

    task: Task
    attempt: int = 1

    @property
    def name(self) -> str:
        """What tells this attempt from all others of the campaign."""
        return f"{self.task.key}-{self.attempt}"


def write(path: Path, content: object) -> None:
    """Write a dataclass as JSON: the file is there whole, or not at all."""
    write_text(path, json.dumps(to_plain(content)))


def read(path: Path, kind: type[T]) -> T:
    """Return the dataclass of a file; OSError or ValueError where there is none."""
    return from_text(path.read_text(), kind)


def from_text(text: str | bytes, kind: type[T]) -> T:
    """Return the dataclass of a JSON text; ValueError for another text."""
    try:
        return from_plain(kind, json.loads(text))
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"no {kind.__name__}: {error}") from error


def write_lines(path: Path, contents: Iterable[object]) -> None:
    """Write dataclasses as JSON, a line each: the file is there whole, or not at all."""
    write_text(path, "".join(f"{json.dumps(to_plain(each))}\n" for each in contents))


def read_lines(path: Path, kind: type[T]) -> list[T]:
    """Return the dataclasses of a file; OSError or ValueError where there are none."""
    return [from_text(line, kind) for line in path.read_text().splitlines()]


def write_text(path: Path, text: str) -> None:
    """Write a file that is there whole, or not at all, also after a crash of the machine."""
    half = path.with_name(f"{path.name}.{os.getpid()}.half")
    with half.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)
