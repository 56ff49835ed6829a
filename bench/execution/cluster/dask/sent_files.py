"""Files that are sent between submitter and worker if they share no folder.

Instances, start solutions and the sources of plug-ins are sent to a worker, each once, by digest;
reports are returned with the files of their tasks, compressed. A worker keeps them in a folder of
its own, which is removed when it ends.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import psutil

from bench.execution.cluster.dask.agent import AgentSetup
from bench.execution.cluster.orders import TaskOrder
from bench.execution.cluster.spool import HostReport, from_line
from bench.execution.process.machine import text
from bench.model.included import Included
from bench.model.task import Task
from bench.model.workspace import Workspace
from bench.solvers import include

PREFIX = "bench-worker-"
PART_BYTES = 64 * 2**20
"""Files are sent in parts, which are in the memory of submitter, scheduler and worker."""


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file that tasks need: its path at the submitter, and its place on a worker.

    The place has a digest in it and is relative to the worker's folder of the campaign.
    """

    path: Path
    place: str

    def parts(self) -> Iterator[tuple[bytes, bool]]:
        """Yield the content in parts, at least one, and whether it is the last one.

        Raise UnreadableFileError if it cannot be read.
        """
        try:
            with self.path.open("rb") as file:
                part = file.read(PART_BYTES)
                while following := file.read(PART_BYTES):
                    yield part, False
                    part = following
                yield part, True
        except OSError as error:
            raise UnreadableFileError(f"{self.path}: cannot be read: {error.strerror}") from error


class UnreadableFileError(Exception):
    """The submitter cannot read a file that a task needs."""


@dataclass(frozen=True, slots=True)
class ReturnedReport:
    """The line of a report, and the files of its task by name, each compressed by zlib."""

    line: bytes
    files: Mapping[str, bytes]

    def unpack(self, tasks_folder: Path) -> HostReport:
        """Return the report with its files in a folder of the submitter."""
        report = from_line(self.line)
        if report.executed is None:
            return report
        folder = tasks_folder / report.executed.folder.name
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in self.files.items():
            (folder / Path(name).name).write_bytes(zlib.decompress(content))
        Workspace(folder).sent.unlink(missing_ok=True)
        return replace(report, executed=replace(report.executed, folder=folder))


def files_of(task: Task) -> Iterator[SentFile]:
    """Yield the files that a worker needs for a task; UnreadableFileError if one is not there."""
    yield SentFile(task.instance.path, _place(task.instance.digest, task.instance.path.name))
    if task.start is not None:
        start = Path(task.start.path)
        yield SentFile(start, _place(task.start.digest, start.name))
    for function in task.setting.include:
        root = include.root_of(function)
        for name in _sources(function):
            yield SentFile(root / name, f"{_plug_in(function)}/{name}")


@cache
def _sources(function: Included) -> tuple[str, ...]:
    try:
        return tuple(include.sources(function))
    except OSError as error:
        raise UnreadableFileError(
            f"--include {function.name} cannot be read: {error.strerror}"
        ) from error


def receive(campaign: str, place: str, part: bytes, offset: int, is_last: bool) -> str | None:
    """Keep a part of a file on this worker; return why that is not possible, None if it is kept."""
    try:
        path = worker_folder(campaign) / place
        path.parent.mkdir(parents=True, exist_ok=True)
        half = path.with_name(f"{path.name}.half")
        with half.open("r+b" if offset else "wb") as file:
            file.seek(offset)
            file.write(part)
        if is_last:
            half.replace(path)
    except OSError as error:
        return text(error)
    return None


def local_setup(campaign: str, setup: AgentSetup) -> AgentSetup:
    """Return the setup of an agent, with all its folders on this worker."""
    folder = worker_folder(campaign)
    orders = replace(
        setup.orders,
        tasks_folder=folder / "tasks",
        exchange=folder / "cluster",
        directory=folder,
    )
    return replace(setup, orders=orders)


def local_order(campaign: str, order: TaskOrder) -> TaskOrder:
    """Return an order whose files are those of this worker."""
    folder, task = worker_folder(campaign), order.task
    path = folder / _place(task.instance.digest, task.instance.path.name)
    functions = tuple(include.moved(one, folder / _plug_in(one)) for one in task.setting.include)
    task = replace(
        task,
        instance=replace(task.instance, path=path),
        setting=replace(task.setting, include=functions),
    )
    if task.start is not None:
        start = folder / _place(task.start.digest, Path(task.start.path).name)
        task = replace(task, start=replace(task.start, path=str(start)))
    return replace(order, task=task)


def pack(line: bytes) -> ReturnedReport:
    """Return a report of this worker with the files of its task, which are removed."""
    report = from_line(line)
    if report.executed is None:
        return ReturnedReport(line, {})
    folder = report.executed.folder
    files = {
        path.name: zlib.compress(path.read_bytes())
        for path in Workspace(folder).kept
        if path.is_file()
    }
    shutil.rmtree(folder, ignore_errors=True)
    return ReturnedReport(line, files)


def remove(campaign: str) -> None:
    """Remove this worker's data of a campaign that is finished, or was ended on purpose."""
    shutil.rmtree(worker_folder(campaign), ignore_errors=True)
    with suppress(OSError):  # other campaigns have files there
        _base(os.getpid()).rmdir()
        _base.cache_clear()


def worker_folder(campaign: str) -> Path:
    """Return the folder of a campaign on this worker."""
    return _base(os.getpid()) / hashlib.sha256(campaign.encode()).hexdigest()[:16]


def _place(digest: str, name: str) -> str:
    return f"files/{digest}/{name}"


def _plug_in(function: Included) -> str:
    return f"plug-ins/{function.digest}"


@cache
def _base(pid: int) -> Path:
    """Return a folder that only this worker uses; those of dead ones are removed."""
    for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        owner = path.name.removeprefix(PREFIX).partition("-")[0]
        if owner.isdecimal() and not psutil.pid_exists(int(owner)):
            shutil.rmtree(path, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{pid}-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
