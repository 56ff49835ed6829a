"""What tests leave behind: processes that go on, temporary files that nobody removed."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from multiprocessing import current_process, forkserver, resource_tracker, util
from pathlib import Path

import psutil

from bench.execution.process.fork_servers.socket_folder import remove_abandoned

SESSION = "BENCH_TEST_SESSION"
"""The variable that every process of a session inherits."""
GRACE_S = 30.0
AFTER_OWN = -101
"""The priority of what happens after multiprocessing has removed its own folder."""


def begin() -> None:
    """Mark this process and all that it will start; give them a folder for temporary files.

    pytest's own folders stay where they are, so that they can be looked at afterwards.
    """
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", tempfile.gettempdir())
    folder = Path(tempfile.mkdtemp(prefix="bench-tests-"))
    folder.chmod(0o755)  # PostgreSQL's user has a folder in it
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
    os.environ[SESSION] = uuid.uuid4().hex


def end() -> list[str]:
    """Return a line for each process and each temporary file that is left; remove them."""
    forkserver._forkserver._stop()  # type: ignore[attr-defined]
    resource_tracker._resource_tracker._stop()  # type: ignore[attr-defined]
    until = time.monotonic() + GRACE_S
    while (alive := list(_processes())) and time.monotonic() < until:
        time.sleep(0.1)
    lines = []
    for process in alive:
        with suppress(psutil.Error):
            lines.append(f"process {process.pid}: {' '.join(process.cmdline())[:300]}")
            process.kill()
    folder = Path(os.environ["TMPDIR"])
    remove_abandoned(folder)  # as the next command would, after a process that was killed
    own = vars(current_process())["_config"].get("tempdir")  # removed when this process ends
    left = [path for path in sorted(folder.iterdir()) if str(path) != own]
    lines += [f"temporary file {path}: {', '.join(_names(path))}" for path in left]
    util.Finalize(None, shutil.rmtree, [folder], {"ignore_errors": True}, exitpriority=AFTER_OWN)
    return lines


def _names(path: Path) -> list[str]:
    """Return what tells whose a file or folder is: the first names in it, or its size."""
    if path.is_dir():
        return [str(one.relative_to(path)) for one in islice(path.rglob("*"), 5)] or ["empty"]
    return [f"{path.stat().st_size} bytes"]


def _processes() -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if (
                process.pid != os.getpid()
                and process.status() != psutil.STATUS_ZOMBIE
                and process.environ().get(SESSION) == os.environ[SESSION]
            ):
                yield process
