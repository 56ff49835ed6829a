"""The stored state of a job array: its orders, its script, its job number.

``FOLDER/arrays/NAME`` has ``orders.json`` (common to all tasks), ``chunks.json`` (the number of
orders of each chunk), ``tasks.jsonl`` (an order per line), ``job.sh``, and ``job`` once it is
submitted.
"""

from __future__ import annotations

import hashlib
import json
import shlex
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import bench
from bench.execution.cluster.orders import (
    HostOrders,
    TaskOrder,
    read_lines,
    write,
    write_lines,
    write_text,
)
from bench.execution.cluster.orders import read as read_json

FOLDER = "arrays"
ORDERS, CHUNKS, TASKS, SCRIPT, JOB, ENDED = (
    *("orders.json", "chunks.json", "tasks.jsonl"),
    *("job.sh", "job", "ended"),
)


@dataclass(frozen=True, slots=True)
class ArrayFolder:
    """A planned job array."""

    path: Path
    orders: HostOrders
    sizes: tuple[int, ...]
    """The number of orders of each chunk."""

    @property
    def name(self) -> str:
        """The name, which is unique among the arrays of the campaign."""
        return self.path.name

    @property
    def script(self) -> Path:
        """The script that each of its jobs executes."""
        return self.path / SCRIPT

    @property
    def job(self) -> str | None:
        """Its job number in the queue, None while it is unknown."""
        with suppress(OSError):
            return (self.path / JOB).read_text().strip() or None
        return None

    @property
    def job_name(self) -> str:
        """Its name in the queue, which is unique; it begins with that of the campaign."""
        campaign = self.path.parents[2].name
        readable = "".join(c if c.isalnum() or c in "._-" else "-" for c in campaign)[:40]
        digits = hashlib.sha256(str(self.path).encode()).hexdigest()[:8]
        return f"bench-{readable}-{digits}"

    @property
    def end_mark(self) -> Path:
        """The file that exists once the array is over."""
        return self.path / ENDED

    @property
    def is_over(self) -> bool:
        """Whether the submitter no longer waits for any part of it."""
        return self.end_mark.exists()

    def tasks(self) -> list[TaskOrder]:
        """Return all its orders, chunk by chunk."""
        return read_lines(self.path / TASKS, TaskOrder)

    def chunk(self, index: int) -> list[TaskOrder]:
        """Return the orders of an element."""
        start = sum(self.sizes[:index])
        return self.tasks()[start : start + self.sizes[index]]

    def chunks(self) -> list[list[TaskOrder]]:
        """Return the orders of all elements."""
        orders = iter(self.tasks())
        return [[next(orders) for _ in range(size)] for size in self.sizes]

    def log(self, index: int | str) -> Path:
        """Return the output file of an element; ``%a`` is Slurm's placeholder for its index."""
        return self.path / f"log-{index}.txt"

    def set_job(self, number: str) -> None:
        """Store its job number."""
        write_text(self.path / JOB, f"{number}\n")

    def end(self) -> None:
        """Mark the array as finished."""
        with suppress(OSError):
            self.end_mark.touch()


def make(exchange: Path, orders: HostOrders, chunks: Sequence[Sequence[TaskOrder]]) -> ArrayFolder:
    """Write all files that the jobs of an array need."""
    folder = exchange / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    path = _new_folder(folder)
    array = ArrayFolder(path, orders, tuple(map(len, chunks)))
    write(path / ORDERS, orders)
    write_text(path / CHUNKS, json.dumps(array.sizes))
    write_lines(path / TASKS, (order for chunk in chunks for order in chunk))
    write_text(array.script, script(path))
    return array


def read(path: Path) -> ArrayFolder:
    """Return the array of a folder; OSError or ValueError if it was not written completely."""
    sizes = json.loads((path / CHUNKS).read_text())
    return ArrayFolder(path, read_json(path / ORDERS, HostOrders), tuple(sizes))


def arrays(exchange: Path) -> list[ArrayFolder]:
    """Return the arrays of a campaign; one that was not written completely was never submitted."""
    found = []
    for path in sorted((exchange / FOLDER).glob("*")):
        with suppress(OSError, ValueError):
            array = read(path)
            if array.script.exists():
                found.append(array)
    return found


def script(path: Path) -> str:
    """Return the script that each job of an array executes.

    It runs the submitter's Python, which must be in a shared folder, with bench from the same
    place; ``exec`` makes signals of the queue reach it.
    """
    python = " ".join(map(shlex.quote, _python()))
    root = shlex.quote(str(Path(bench.__file__).parents[1]))
    return (
        "#!/bin/sh\n"
        f"export PYTHONPATH={root}${{PYTHONPATH:+:$PYTHONPATH}}\n"
        f"exec {python} -m bench.execution.cluster.array_element "
        f'{shlex.quote(str(path))} "$SLURM_ARRAY_TASK_ID"\n'
    )


def _python() -> Iterable[str]:
    return sys.executable, "-P"


def _new_folder(folder: Path) -> Path:
    number = len(list(folder.iterdir())) + 1
    while True:
        path = folder / f"{number:04d}"
        try:
            path.mkdir()
        except FileExistsError:
            number += 1
        else:
            return path
