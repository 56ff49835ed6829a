"""The folder with the fork server's socket, which is removed also where its process was killed.

multiprocessing makes such a folder for each process, and one that is killed cannot remove it. Ours
has a lock that ends with its process, so that the next one can tell whose folders nobody uses.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from multiprocessing import current_process, util
from pathlib import Path

from bench.store.file_lock import try_lock

PREFIX = "bench-mp-"
LOCK = "lock"


def use_own_folder() -> None:
    """Let multiprocessing use a folder of ours in this process, and remove those left behind.

    Without effect if it has one already, or where none can be made.
    """
    config = vars(current_process())["_config"]
    if config.get("tempdir") is not None:
        return
    with suppress(OSError):
        # not by its name yet, so that nobody takes it for one that was left
        new = Path(tempfile.mkdtemp(prefix=f".{PREFIX}"))
        lock = os.open(new / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try_lock(lock)
        folder = new.with_name(new.name.removeprefix("."))
        new.rename(folder)
        util.Finalize(None, shutil.rmtree, args=(folder, True), exitpriority=-100)
        config["tempdir"] = str(folder)
        if _is_held(folder):
            _remove_abandoned(folder.parent)


def _remove_abandoned(parent: Path) -> None:
    """Remove the folders of processes that have ended."""
    for folder in parent.glob(f"{PREFIX}*"):
        if not folder.is_symlink() and not _is_held(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _is_held(folder: Path) -> bool:
    """Return whether a process has the lock of a folder, or it cannot be known."""
    try:
        fd = os.open(folder / LOCK, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return True
    try:
        return not try_lock(fd)
    finally:
        os.close(fd)
