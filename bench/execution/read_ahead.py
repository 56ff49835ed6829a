"""Read a file with several solvers at a time, each in a process forked for it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from bench.execution.host import linux
from bench.solvers import registry

SMALLEST_MIB = 1.0
"""Smaller files are read as fast one after the other."""

Identities = Callable[[], list[bytes | None]]


@contextmanager
def reading_ahead(path: Path, solvers: Sequence[str]) -> Iterator[Identities]:
    """Begin to read a file with each solver, in the background if it is large.

    Yield a function that waits for the identity (`bench.instances.lint.identical`) of each reading,
    in order; None if a reader has none or crashes. Readings that are not waited for are ended.
    """
    if not _is_large(path) or len(os.sched_getaffinity(0)) == 1:
        yield lambda: [_identity(solver, path) for solver in solvers]
        return
    running = [_begin(solver, path) for solver in solvers]
    try:
        yield lambda: [_answer(read_end) for _, read_end in running]
    finally:
        for pid, read_end in running:
            os.close(read_end)
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _is_large(path: Path) -> bool:
    with suppress(OSError):
        return path.stat().st_size >= SMALLEST_MIB * 2**20
    return False


def _begin(solver: str, path: Path) -> tuple[int, int]:
    """Start a process; return its id, and the file of its answer."""
    read_end, write_end = os.pipe()
    me = os.getpid()
    pid = os.fork()
    if pid == 0:
        try:
            linux.die_with_parent(signal.SIGKILL, me)
            os.write(write_end, _identity(solver, path) or b"")
        finally:
            os._exit(0)
    os.close(write_end)
    return pid, read_end


def _answer(read_end: int) -> bytes | None:
    return os.read(read_end, 64) or None


def _identity(solver: str, path: Path) -> bytes | None:
    """Return the identity of a solver's reading; after any error, it is read again in detail.

    Only the solvers of this package read into arrays.
    """
    from bench.instances.lint.identical import identity  # noqa: PLC0415 - loads numpy

    read = getattr(registry.load(solver), "read_arrays", None)
    with suppress(Exception):
        program = read(path) if read else None
        return None if program is None else identity(program)
    return None
