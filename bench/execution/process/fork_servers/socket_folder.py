"""The folder with the fork server's socket, which is removed even if its process was killed.

multiprocessing makes such a folder for each process, and a killed process cannot remove it. The
folder of bench has a lock that ends with its process, so that the next process can find unused
ones.
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
    """Make multiprocessing use a folder of bench in this process, and remove abandoned ones.

    This has no effect if it has one already, or if none can be made.
    """
    config = vars(current_process())["_config"]
    if config.get("tempdir") is not None:
        return
    with suppress(OSError):
        # not under its final name yet, so that no process takes it for an abandoned one
        new = Path(tempfile.mkdtemp(prefix=f".{PREFIX}"))
        lock = os.open(new / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try_lock(lock)
        folder = new.with_name(new.name.removeprefix("."))
        new.rename(folder)
        util.Finalize(None, shutil.rmtree, args=(folder, True), exitpriority=-100)
        config["tempdir"] = str(folder)
        if _is_held(folder):
            remove_abandoned(folder.parent)


def remove_abandoned(parent: Path) -> None:
    """Remove the folders of processes that have ended from a folder of temporary files."""
    for folder in parent.glob(f"{PREFIX}*"):
        if not folder.is_symlink() and not _is_held(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _is_held(folder: Path) -> bool:
    """Return whether a process holds the lock of a folder, or whether that is unknown."""
    try:
        fd = os.open(folder / LOCK, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return True
    try:
        return not try_lock(fd)
    finally:
        os.close(fd)
