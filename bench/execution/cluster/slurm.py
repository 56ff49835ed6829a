"""Slurm's commands and their output: sbatch, squeue, scancel."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.errors import BenchError, UsageError

MINE = frozenset({"array", "job-name", "output", "error", "parsable", "wrap", "chdir", "open-mode"})
"""Options of sbatch that only bench may set."""
WITHOUT_JOB = frozenset({"help", "usage", "version", "test-only", "wait"})
"""Options with which sbatch submits nothing, or does not return before its jobs have ended."""
NO_ANSWER = (
    *("Unable to contact slurm controller", "Socket timed out", "connection failure"),
    *("Zero Bytes were transmitted", "standby mode"),
)
"""Slurm's errors after which nobody knows whether the controller has the jobs."""
LONGEST_S = 60.0
ENDED = frozenset(
    {"BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE", "FAILED", "NODE_FAIL", "OUT_OF_MEMORY"}
    | {"PREEMPTED", "TIMEOUT", "REVOKED"}
)
"""Job states in which nothing runs; squeue still shows such jobs for a while."""
USABLE = frozenset({"ALLOCATED", "COMPLETING", "IDLE", "MIXED", "PLANNED"})
"""States of nodes that execute jobs, now or later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedElement:
    """An element of an array in the queue, and the queue's reason why it waits."""

    index: int
    state: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A node of a partition; ``kind`` is the queue's description of its cores and features."""

    name: str
    kind: str
    is_usable: bool


class SlurmUnreachableError(BenchError):
    """The controller does not answer at the moment."""


def submit(  # noqa: PLR0913 - what sbatch is told, by what it is for
    script: Path,
    n_elements: int,
    *,
    name: str,
    log: Path,
    n_at_a_time: int | None,
    options: Mapping[str, Any],
) -> str:
    """Submit a job array and return its number.

    Raise BenchError with the queue's message if it rejects the array, SlurmUnreachableError if the
    controller does not answer; it may have the array nevertheless, see `find`.
    """
    at_a_time = f"%{n_at_a_time}" if n_at_a_time else ""
    words = [
        "sbatch",
        "--parsable",
        f"--array=0-{n_elements - 1}{at_a_time}",
        f"--job-name={name}",
        f"--output={log}",
        "--open-mode=append",
        *option_words(options),
        str(script),
    ]
    done = _call(words)
    if done.returncode:
        if any(words in done.stderr for words in NO_ANSWER):
            raise SlurmUnreachableError(f"Slurm does not answer: {_said(done)}")
        raise BenchError(f"Slurm rejects the jobs: {_said(done)}; see --queue-options")
    number = done.stdout.strip().rpartition("\n")[2].partition(";")[0]
    if not number.isdecimal():
        raise BenchError(f"sbatch gives no job number, but says: {_said(done)}")
    return number


def option_words(options: Mapping[str, Any]) -> list[str]:
    """Return options of sbatch as arguments; UsageError for those that the user may not set."""
    words = []
    for name, value in options.items():
        if name in MINE:
            raise UsageError(f"queue option {name!r}: bench sets it itself")
        if name in WITHOUT_JOB:
            raise UsageError(
                f"queue option {name!r}: remove it, because sbatch then does not only submit jobs"
            )
        if isinstance(value, Mapping | list) or value is None:
            raise UsageError(f"queue option {name!r}: one value is needed, such as 'mem: 8G'")
        if value is not False:
            words.append(f"--{name}" if value is True else f"--{name}={value}")
    return words


def elements(job: str) -> list[QueuedElement]:
    """Return the waiting and running elements of an array.

    Raise SlurmUnreachableError if the controller does not answer.
    """
    done = _call(["squeue", "--noheader", "--array", f"--jobs={job}", "--format=%K|%T|%r"])
    if done.returncode:
        if "Invalid job id" in done.stderr:
            return []
        raise SlurmUnreachableError(f"Slurm does not answer: {_said(done)}")
    found = (line.split("|", maxsplit=2) for line in done.stdout.splitlines() if line.strip())
    return [
        QueuedElement(index=int(index), state=state, reason=reason.strip())
        for index, state, reason in found
        if index.isdecimal() and state not in ENDED
    ]


def how_ended(job: str, index: int) -> str:
    """Return the controller's information about an ended element; empty if there is none.

    E.g. ``FAILED on node7, exit code 1:0``.
    """
    try:
        done = _call(["scontrol", "--oneliner", "show", "job", f"{job}_{index}"])
    except BenchError:
        return ""
    known = dict(word.partition("=")[::2] for word in done.stdout.split())
    if done.returncode or not known.get("JobState"):
        return ""
    node = known.get("NodeList", "")
    where = f" on {node}" if node and node != "(null)" else ""
    return f"{known['JobState']}{where}, exit code {known.get('ExitCode', 'unknown')}"


def find(name: str) -> str | None:
    """Return the number of the array of this name, None if the queue has none."""
    done = _call(["squeue", "--noheader", f"--name={name}", "--format=%F"])
    if done.returncode:
        raise SlurmUnreachableError(f"Slurm does not answer: {_said(done)}")
    return next(iter(done.stdout.split()), None)


def cancel(jobs: Sequence[str]) -> None:
    """Cancel arrays; ended ones are ignored. Raise BenchError if Slurm does not do it."""
    if jobs:
        done = _call(["scancel", *jobs])
        if done.returncode and "Invalid job id" not in done.stderr:
            raise BenchError(
                f"Slurm does not cancel the jobs: {_said(done)}; cancel them later with: scancel "
                f"{' '.join(jobs)}"
            )


def nodes(partition: str) -> list[Node]:
    """Return the nodes of a partition, by default of the user's; none if Slurm does not answer."""
    partition = partition or os.environ.get("SBATCH_PARTITION", "")
    try:
        done = _call(["sinfo", "--noheader", "--Node", "--format=%N|%P|%T|%c|%z|%f"])
    except BenchError:
        return []
    wanted = set(partition.split(",")) if partition else None
    found = {}
    for line in filter(None, map(str.strip, done.stdout.splitlines())):
        name, where, state, *kind = line.split("|")
        is_wanted = where.rstrip("*") in wanted if wanted else where.endswith("*")
        if is_wanted:
            is_usable = state.upper().rstrip("~#%$@+^-") in USABLE  # "*": it does not respond
            found[name] = Node(name=name, kind="|".join(kind), is_usable=is_usable)
    return list(found.values())


def largest_array() -> int:
    """Return the largest number of elements of an array."""
    done = _call(["scontrol", "show", "config"])
    for line in done.stdout.splitlines():
        name, _, value = line.partition("=")
        if name.strip() == "MaxArraySize" and value.strip().isdecimal():
            return max(1, int(value))
    return 1001


def _call(words: Sequence[str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(words, capture_output=True, text=True, check=False, timeout=LONGEST_S)
    except FileNotFoundError as error:
        raise BenchError(
            f"{words[0]} was not found; --executor slurm-array needs Slurm's commands on the PATH"
        ) from error
    except subprocess.TimeoutExpired as error:
        raise SlurmUnreachableError(
            f"Slurm does not answer: {words[0]} took more than {LONGEST_S:.0f} s"
        ) from error


def _said(done: subprocess.CompletedProcess[str]) -> str:
    """Return the output of a command in one line, without its own name."""
    lines = [line.strip() for line in (done.stderr or done.stdout).splitlines() if line.strip()]
    said = (line.removeprefix(f"{done.args[0]}: ").removeprefix("error: ") for line in lines)
    return "; ".join(said) or f"exit code {done.returncode}"
