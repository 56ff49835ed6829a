"""Slurm's commands: sbatch, squeue, scancel, and what they say."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.errors import BenchError, UsageError

MINE = frozenset({"array", "job-name", "output", "error", "parsable", "wrap", "chdir", "open-mode"})
"""Options of sbatch that are bench's own to set."""
LONGEST_S = 60.0
ENDED = frozenset(
    {"BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE", "FAILED", "NODE_FAIL", "OUT_OF_MEMORY"}
    | {"PREEMPTED", "TIMEOUT", "REVOKED"}
)
"""States in which nothing of a job goes on. squeue shows them for a while."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedElement:
    """An element of an array that is in the queue, and the queue's reason why it waits."""

    index: int
    state: str
    reason: str


class SlurmUnreachableError(BenchError):
    """The controller does not answer; it may be back in a moment."""


def submit(  # noqa: PLR0913 - what sbatch is told, by what it is for
    script: Path,
    n_elements: int,
    *,
    name: str,
    log: Path,
    n_at_a_time: int | None,
    options: Mapping[str, Any],
) -> str:
    """Submit an array of jobs and return its number.

    BenchError with the words of the queue where it does not take it.
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
        raise BenchError(f"Slurm does not take the jobs: {_said(done)}; see --queue-options")
    return done.stdout.strip().splitlines()[-1].partition(";")[0]


def option_words(options: Mapping[str, Any]) -> list[str]:
    """Return options of sbatch as words; UsageError for those that are not the user's to set."""
    words = []
    for name, value in options.items():
        if name in MINE:
            raise UsageError(f"queue option {name!r}: bench sets it itself")
        if isinstance(value, Mapping | list) or value is None:
            raise UsageError(f"queue option {name!r}: one value is needed, such as 'mem: 8G'")
        if value is not False:
            words.append(f"--{name}" if value is True else f"--{name}={value}")
    return words


def elements(job: str) -> list[QueuedElement]:
    """Return the elements of an array that wait or are being executed.

    SlurmUnreachableError where the controller does not answer.
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


def find(name: str) -> str | None:
    """Return the number of the array of this name, None where the queue has none."""
    done = _call(["squeue", "--noheader", f"--name={name}", "--format=%F"])
    if done.returncode:
        raise SlurmUnreachableError(f"Slurm does not answer: {_said(done)}")
    return next(iter(done.stdout.split()), None)


def cancel(jobs: Sequence[str]) -> None:
    """End arrays; without effect on those that have ended. BenchError where Slurm refuses."""
    if jobs:
        done = _call(["scancel", *jobs])
        if done.returncode and "Invalid job id" not in done.stderr:
            raise BenchError(f"Slurm does not cancel the jobs: {_said(done)}")


def largest_array() -> int:
    """Return how many elements an array may have."""
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
            f"{words[0]} is not here: --executor slurm-array needs Slurm's commands on the path"
        ) from error
    except subprocess.TimeoutExpired as error:
        raise SlurmUnreachableError(
            f"Slurm does not answer: {words[0]} took more than {LONGEST_S:.0f} s"
        ) from error


def _said(done: subprocess.CompletedProcess[str]) -> str:
    """Return what a command said, in one line, without its own name."""
    lines = [line.strip() for line in (done.stderr or done.stdout).splitlines() if line.strip()]
    name = f"{done.args[0]}: error: "
    return " ".join(line.removeprefix(name) for line in lines) or f"exit code {done.returncode}"
