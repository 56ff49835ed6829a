"""Faults of the machine: failures to execute a task that are not its solver's fault.

Only the machine is evidence. A message of the solver, in an error or in its log, is only a reason
to check the machine and to repeat the task.
"""

from __future__ import annotations

import errno
import mmap
import os
import resource
import signal
import tempfile
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from bench.errors import MachineError
from bench.execution.process.task_files import read_start

FAULTS = frozenset(
    {
        *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO, errno.ESTALE),
        *(errno.ENFILE, errno.ENOMEM, errno.EAGAIN),
    }
)
"""System errors for missing space, inodes, quota, open files, memory, processes."""
OURS = FAULTS | {errno.EMFILE}
"""Faults only for bench's own processes: these do not leak descriptors, a solver may."""
UNKNOWN = "the machine lacked something; see the log of the task"
PAUSES_S = (0.1, 1.0, 4.0)
"""The pause before each repetition of an action that the machine has prevented."""
NEEDED_BYTES = 1 << 20
"""With less free space than this, answers may not be saved."""
NEEDED_MEMORY = 32 << 20
"""With less memory than this, in bytes, a solver cannot be loaded."""
NEEDED_OPEN_FILES = 64
"""The open files that a process needs out of the system's limit."""
MEMORY = Path("/proc/meminfo")
OPEN_FILES = Path("/proc/sys/fs/file-nr")
_PROBE_BYTES = 1 << 16
LOST_SERVER = 255
"""multiprocessing's exit code of a process whose fork server has ended."""

T = TypeVar("T")


def fault(error: BaseException | None, numbers: Collection[int | None] = OURS) -> OSError | None:
    """Return the fault of the machine in an error or its causes, None if there is none."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in numbers:
            return error
        error = error.__cause__ or error.__context__
    return None


def raise_fault(error: OSError) -> None:
    """Raise MachineError if this error of bench's own process is a fault of the machine."""
    if error.errno in OURS:
        raise MachineError(text(error)) from error


def text(error: BaseException) -> str:
    """Return the text of an error, which is the same for all tasks."""
    strerror = error.strerror if isinstance(error, OSError) else None
    return strerror or str(error) or type(error).__name__


def fault_now(folder: Path, instance: Path) -> str | None:
    """Return what the machine lacks at this time to execute a task in a folder, or None.

    The caller's process must have a single thread, because it is forked.
    """
    return (
        storage_fault(folder)
        or _file_size_fault(folder)
        or _reading_fault(instance)
        or _open_files_fault()
        or _memory_fault()
        or _process_fault()
    )


def storage_fault(folder: Path) -> str | None:
    """Return what the machine lacks at this time to write below a folder, or None."""
    there = next(path for path in (folder, *folder.parents) if path.is_dir())
    try:
        disk = os.statvfs(there)
        if disk.f_bavail * disk.f_frsize < NEEDED_BYTES:
            return os.strerror(errno.ENOSPC)
        if disk.f_files and not disk.f_favail:
            return f"{os.strerror(errno.ENOSPC)}: no inodes are left"
        with tempfile.TemporaryFile(dir=there, buffering=0) as file:
            file.write(bytes(_PROBE_BYTES))
    except OSError as error:
        return text(error) if error.errno in OURS else None
    return None


def _file_size_fault(folder: Path) -> str | None:
    """Return a fault if a file in a folder has the largest allowed size, else None."""
    largest, _ = resource.getrlimit(resource.RLIMIT_FSIZE)
    if largest == resource.RLIM_INFINITY:
        return None
    with suppress(OSError), os.scandir(folder) as entries:
        if any(entry.stat(follow_symlinks=False).st_size >= largest for entry in entries):
            return f"{os.strerror(errno.EFBIG)}: files may have {largest} bytes (ulimit -f)"
    return None


def _reading_fault(instance: Path) -> str | None:
    """Return why the disk of an instance cannot be read, None if it can or the file is missing."""
    try:
        read_start(instance, _PROBE_BYTES)
    except OSError as error:
        return text(error) if error.errno in OURS else None
    return None


def _open_files_fault() -> str | None:
    """Return a fault if the whole system has too many open files, else None."""
    try:
        n_allocated, n_unused, most = map(int, OPEN_FILES.read_text().split())
    except (OSError, ValueError):
        return None
    left = most - (n_allocated - n_unused)
    return os.strerror(errno.ENFILE) if left < NEEDED_OPEN_FILES else None


def _memory_fault() -> str | None:
    try:
        mmap.mmap(-1, NEEDED_MEMORY).close()
        lines = MEMORY.read_text().splitlines()
    except OSError as error:
        return text(error) if error.errno in OURS else None
    available = next((line.split()[1] for line in lines if line.startswith("MemAvailable:")), "")
    is_short = available.isdecimal() and int(available) << 10 < NEEDED_MEMORY
    return os.strerror(errno.ENOMEM) if is_short else None


def _process_fault() -> str | None:
    """Return why no process can be forked, None if one can."""
    try:
        pid = os.fork()
    except OSError as error:
        return text(error)
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    return None


def exit_text(code: int) -> str:
    """Return in words why a task's supervisor has ended early, by its exit code."""
    if code == LOST_SERVER:
        return "the fork server, which starts the processes of tasks, has ended"
    if code < 0:
        return f"its supervisor was killed by {_signal_name(-code)}"
    if code == errno.EINTR:
        return "its supervisor was asked to stop, and not by bench"
    if code in OURS:
        return os.strerror(code)
    return f"its supervisor has left no report (exit code {code})"


def repeatedly(action: Callable[[bool], T]) -> T:
    """Return the result of the action; repeat it a few times if it raises MachineError.

    The action is told whether this is its last attempt.
    """
    for pause_s in PAUSES_S:
        try:
            return action(False)
        except MachineError as error:
            if not error.may_be_repeated:
                raise
            time.sleep(pause_s)
    return action(True)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
