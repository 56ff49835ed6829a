"""Linux functions to control processes; on other systems each function does nothing."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

LINUX = sys.platform.startswith("linux")
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
RESET_PEAK = "5"
"""The text for ``clear_refs`` that resets the peak of resident memory (proc(5))."""


@cache
def _prctl() -> ctypes._FuncPointer | None:
    return ctypes.CDLL(None).prctl if LINUX else None


def die_with_parent(number: signal.Signals, parent: int) -> None:
    """Request a signal for when the parent ends; send it at once if the parent is gone already."""
    if prctl := _prctl():
        prctl(PR_SET_PDEATHSIG, int(number))
        if os.getppid() != parent:
            os.kill(os.getpid(), number)


def adopt_orphans() -> None:
    """Become the parent of all orphaned descendants, so that none escapes."""
    if prctl := _prctl():
        prctl(PR_SET_CHILD_SUBREAPER, 1)


def reset_peak_memory() -> None:
    """Reset the peak of resident memory that was inherited through fork."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text(RESET_PEAK)


def pin(cores: frozenset[int]) -> None:
    """Pin this process to the given cores; an empty set changes nothing."""
    if cores and LINUX:
        os.sched_setaffinity(0, cores)


def children(pid: int) -> list[int]:
    """Return the process ids of the children of all threads of a process."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(OSError):
                found += map(int, (task / "children").read_text().split())
    return found


def descendants(pid: int) -> Iterator[int]:
    """Yield the process ids of all descendants, parents first."""
    for child in children(pid):
        yield child
        yield from descendants(child)
