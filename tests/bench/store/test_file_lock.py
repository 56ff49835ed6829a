"""The lock between processes."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from bench.store.file_lock import FileLock, LockHeldError, lock_problem

_HOLDER = """
import sys, time
from pathlib import Path
from bench.store.file_lock import FileLock
FileLock(Path(sys.argv[1])).acquire()
print("held", flush=True)
time.sleep(60)
"""


def test_a_lock_is_held_by_one_and_names_its_process(tmp_path: Path) -> None:
    """The second one is told who has it."""
    with FileLock(tmp_path / "x.lock"), pytest.raises(LockHeldError) as caught:
        FileLock(tmp_path / "x.lock").acquire()
    assert caught.value.pid == os.getpid()


def test_a_released_lock_can_be_taken_again(tmp_path: Path) -> None:
    """Also by somebody else."""
    with FileLock(tmp_path / "x.lock"):
        pass
    FileLock(tmp_path / "x.lock").acquire()


def test_a_lock_ends_with_the_process_that_is_killed(tmp_path: Path) -> None:
    """Nothing has to be cleaned up by hand after a crash."""
    path = tmp_path / "x.lock"
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(path)], stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(LockHeldError) as caught:
            FileLock(path).acquire()
        assert caught.value.pid == holder.pid
        holder.send_signal(signal.SIGKILL)
    FileLock(path).acquire(timeout_s=5)


@pytest.mark.skipif(sys.platform == "win32", reason="flock is not there")
def test_a_file_system_without_locks_is_no_obstacle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Better a sweep without the guard than none."""
    import fcntl

    def refuse(_fd: int, _operation: int) -> None:
        raise OSError(errno.ENOLCK, "no locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    FileLock(tmp_path / "x.lock").acquire()
    assert lock_problem(tmp_path) == "without locks"


def test_it_is_known_whether_a_file_system_lock_problem(tmp_path: Path) -> None:
    """Nothing is left behind by the trial."""
    assert lock_problem(tmp_path) == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="flock is not there")
def test_locks_that_are_granted_to_everybody_are_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some file systems accept a lock and ignore it."""
    import fcntl

    monkeypatch.setattr(fcntl, "flock", lambda _fd, _operation: None)
    assert lock_problem(tmp_path) == "without locks"


@pytest.mark.parametrize(
    ("options", "is_local"),
    [("rw,relatime", False), ("rw,vers=3,nolock,addr=::1", True), ("rw,local_lock=none", False)],
)
def test_locks_of_one_machine_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: str, is_local: bool
) -> None:
    """NFS and Lustre can be mounted so; the nearest mount counts."""

    class Mount(NamedTuple):
        mountpoint: str
        opts: str

    mounts = [Mount("/", "nolock"), Mount(str(tmp_path.parent), options)]
    monkeypatch.setattr("psutil.disk_partitions", lambda **_: mounts)
    problem = "whose locks other machines do not see"
    assert lock_problem(tmp_path) == (problem if is_local else "")
