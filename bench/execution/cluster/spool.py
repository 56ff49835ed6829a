"""The spool: the reports of hosts on executed tasks, on a shared folder until they are read.

Each host appends to a file of its own, so no locks are needed, which shared file systems may lack.
A line is ``{"crc32":"<8 hex digits>","report":{...}}`` and is written before anyone is told of the
report. A line that was truncated by a crash, or changed later, is ignored.
"""

from __future__ import annotations

import json
import os
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.execution.cluster.orders import TaskOrder, from_text
from bench.journal.append import append, open_for_append
from bench.model.plain_data import to_plain
from bench.model.results.process_stats import ProcessStats
from bench.model.results.result import Outcome
from bench.model.results.solver_output import SolverOutput
from bench.model.results.verification import Verification

FOLDER = "spool"
SUFFIX = ".jsonl"
_LINE = re.compile(rb'\{"crc32":"([0-9a-f]{8})","report":(\{.*\})\}\n', re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Executed:
    """The outcome of a task, without the task, which the submitter knows."""

    answer: SolverOutput
    execution: ProcessStats
    folder: Path
    verification: Verification | None = None

    def outcome(self, order: TaskOrder) -> Outcome:
        """Return the outcome of an order."""
        return Outcome(
            task=order.task,
            answer=self.answer,
            execution=self.execution,
            folder=self.folder,
            verification=self.verification,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class HostReport:
    """A host's report on an order: its outcome, or the reason why it has none.

    ``order`` is the name of the order, ``host`` that of the machine. ``fault`` says what this
    machine lacks, such as space on its disk: another one may execute the order. It is no end of the
    order, and never in a spool.
    """

    order: str
    host: str
    executed: Executed | None = None
    lost: str | None = None
    fault: str | None = None

    @classmethod
    def of(cls, order: TaskOrder, host: str, outcome: Outcome) -> HostReport:
        """Return the report with an outcome."""
        executed = Executed(
            answer=outcome.answer,
            execution=outcome.execution,
            folder=outcome.folder,
            verification=outcome.verification,
        )
        return cls(order=order.name, host=host, executed=executed)


def to_line(report: HostReport) -> bytes:
    """Return the line of a report."""
    body = json.dumps(_as_numbers(to_plain(report)), separators=(",", ":")).encode()
    return b'{"crc32":"%08x","report":%b}\n' % (zlib.crc32(body), body)


def from_line(line: bytes) -> HostReport:
    """Return the report of a line; ValueError if it is not an intact report."""
    match = _LINE.fullmatch(line)
    if match is None:
        raise ValueError("it is not a report")
    if int(match[1], 16) != zlib.crc32(match[2]):
        raise ValueError("its checksum does not match: it was changed after it was written")
    return from_text(match[2], HostReport)


def _as_numbers(data: Any) -> Any:
    """Return plain data, with numpy scalars as plain numbers."""
    if isinstance(data, dict):
        return {name: _as_numbers(each) for name, each in data.items()}
    if isinstance(data, list):
        return [_as_numbers(each) for each in data]
    return data.item() if hasattr(data, "item") else data


class SpoolWriter:
    """Appends the reports of one host to its file."""

    def __init__(self, exchange: Path, name: str) -> None:
        """Create the file; OSError if that is not possible."""
        folder = exchange / FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / f"{name}{SUFFIX}"
        self._fd = open_for_append(self.path)

    def add(self, report: HostReport) -> None:
        """Append a report and wait until it is on the disk; OSError if it cannot be written."""
        append(self._fd, to_line(report))

    def close(self) -> None:
        """Close the file."""
        os.close(self._fd)


class SpoolReader:
    """Reads the reports of all hosts as they arrive."""

    def __init__(self, exchange: Path) -> None:
        """Begin with the first report of each host."""
        self._folder = exchange / FOLDER
        self._offsets: dict[Path, int] = {}
        self.n_damaged = 0
        """The number of lines that were not reports."""

    def new(self) -> Iterator[HostReport]:
        """Yield the reports that came since the last call."""
        for path in sorted(self._folder.glob(f"*{SUFFIX}")):
            offset = self._offsets.get(path, 0)
            try:
                if path.stat().st_size <= offset:
                    continue
                with path.open("rb") as file:
                    file.seek(offset)
                    lines = file.readlines()
            except OSError:  # a shared folder that does not answer now will later
                continue
            for line in lines:
                if not line.endswith(b"\n"):
                    break
                offset += len(line)
                self._offsets[path] = offset
                try:
                    yield from_line(line)
                except ValueError:
                    self.n_damaged += 1


def find(exchange: Path, order: TaskOrder) -> HostReport | None:
    """Return the first report on an order, None if there is none."""
    return next((one for one in SpoolReader(exchange).new() if one.order == order.name), None)
