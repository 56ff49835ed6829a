"""Faults of the machine: what keeps a task from being executed, and is not its solver's fault."""

from __future__ import annotations

import errno
import os
import signal
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from bench.errors import MachineError

FAULTS = frozenset(
    {
        *(errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.ESTALE),
        *(errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN),
    }
)
"""What the system answers where it has no space, inodes, quota, descriptors, memory, processes."""
WORDS = tuple(map(os.strerror, (errno.ENOSPC, errno.EDQUOT, errno.ENFILE, errno.EMFILE)))
"""How libraries say it, in the log of a solver that has no answer."""
UNKNOWN = "the machine lacked something; see the log of the task"
PAUSES_S = (0.1, 1.0, 4.0)
"""How long to wait before each repetition of what the machine has kept from being done."""
NEEDED_BYTES = 1 << 20
"""With less free space than this no answer can be trusted to arrive."""
_PROBE_BYTES = 1 << 16
LOST_SERVER = 255
"""multiprocessing's exit code of a process whose fork server has ended."""

T = TypeVar("T")


def fault(error: BaseException | None) -> OSError | None:
    """Return the fault of the machine that an error is or was caused by, None if there is none."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in FAULTS:
            return error
        error = error.__cause__ or error.__context__
    return None


def raise_fault(error: OSError) -> None:
    """Raise MachineError if this error is a fault of the machine."""
    if error.errno in FAULTS:
        raise MachineError(text(error)) from error


def text(error: BaseException) -> str:
    """Return an error in words that are the same for all tasks."""
    strerror = error.strerror if isinstance(error, OSError) else None
    return strerror or str(error) or type(error).__name__


def fault_now(folder: Path) -> str | None:
    """Return what the machine lacks to write below a folder at this moment, or None."""
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
        return text(error) if error.errno in FAULTS else None
    return None


def fault_in_log(tail: str) -> str | None:
    """Return what a log says that the machine lacked, or None."""
    return next((words for words in WORDS if words in tail), None)


def exit_text(code: int) -> str:
    """Return in words why a task's supervisor has ended before its time, by its exit code."""
    if code == LOST_SERVER:
        return "the fork server, which starts the processes of tasks, has ended"
    if code < 0:
        return f"its supervisor was killed by {_signal_name(-code)}"
    if code == errno.EINTR:
        return "its supervisor was told to stop, and not by bench"
    if code in FAULTS:
        return os.strerror(code)
    return f"its supervisor has left no report (exit code {code})"


def repeatedly(action: Callable[[], T]) -> T:
    """Return what the action returns; repeat it a few times where it raises MachineError."""
    for pause_s in PAUSES_S:
        try:
            return action()
        except MachineError as error:
            if not error.may_be_repeated:
                raise
            time.sleep(pause_s)
    return action()


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
