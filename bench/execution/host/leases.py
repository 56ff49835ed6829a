"""Leases: which process of this machine has exclusive use of which cores.

A lease is a kernel lock on a file, one for each physical core, in a folder that all users can
write. The lock ends with the process that holds it, however that ends; the file names the process.
In a container, only leases in the same shared folder are visible.
"""

from __future__ import annotations

import errno
import json
import os
import stat
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil

from bench.execution.host.topology import Core, cpu_list
from bench.store.file_lock import try_lock

VARIABLE = "BENCH_LEASE_FOLDER"
"""The environment variable that names another folder, which must be the same for all users."""
PLACES = (Path("/run/lock"), Path("/tmp"))  # noqa: S108 - it has to be the same for all users
NAME = "bench-cores"
_PREFIX, _SUFFIX = "core-", ".lock"
_FOR_ALL, _FOLDER_FOR_ALL = 0o666, 0o1777
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_LONGEST = 80
_ATTEMPTS = 5
_PAUSE_S = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """The process that holds a core, by its own account; unknown values are empty or None.

    ``purpose`` is its task, e.g. ``sweep cuts``; ``since`` is seconds since the epoch.
    """

    user: str = ""
    pid: int | None = None
    purpose: str = ""
    since: float | None = None


@dataclass(frozen=True, slots=True)
class HeldCore:
    """A leased physical core: its number, its CPUs, and its holder."""

    number: int
    cpus: frozenset[int]
    holder: Holder


@dataclass(slots=True)
class LeaseAttempt:
    """The outcome of a request for cores.

    ``cores`` may be used, in the requested order; ``held`` are leased by others. ``problem`` is the
    reason why a core of ``cores`` could not be leased, so that others may use it too.
    """

    cores: list[Core] = field(default_factory=list)
    held: list[HeldCore] = field(default_factory=list)
    problem: str = ""


def lease_folder() -> Path:
    """Return the folder of the leases, the same for all users of this machine."""
    given = os.environ.get(VARIABLE)
    if given:
        return Path(given)
    return next(filter(_is_for_all, PLACES), PLACES[-1]) / NAME


def this_process(purpose: str) -> Holder:
    """Return the description of this process for its leases."""
    return Holder(
        user=psutil.Process().username(), pid=os.getpid(), purpose=purpose, since=time.time()
    )


class CoreLeases:
    """The leases of one process; they end with `release`, or with the process."""

    def __init__(self, folder: Path, holder: Holder) -> None:
        """Hold no lease, and create nothing yet."""
        self._folder = folder
        self._holder = holder
        self._files: dict[int, int] = {}

    def lease(self, cores: Iterable[Core], n_most: int) -> LeaseAttempt:
        """Lease the first free cores, at most this many, and return the outcome.

        A core to which no process can be pinned needs no lease. If leases are impossible, every
        core counts as free.
        """
        attempt = LeaseAttempt()
        for core in cores:
            if len(attempt.cores) == n_most:
                break
            if not core.cpus:
                attempt.cores.append(core)
                continue
            number = number_of(core)
            try:
                is_ours = self._lock(number, core.cpus)
            except OSError as error:
                attempt.problem = _reason(self._folder, error)
                attempt.cores.append(core)
                continue
            if is_ours:
                attempt.cores.append(core)
            else:
                attempt.held.append(_held(self._path(number), number, core.cpus))
        return attempt

    def release(self, cores: Iterable[Core] | None = None) -> None:
        """Release cores, by default all."""
        some = None if cores is None else [number_of(core) for core in cores if core.cpus]
        for number in list(self._files) if some is None else some:
            fd = self._files.pop(number, None)
            if fd is not None:
                with suppress(OSError):
                    os.ftruncate(fd, 0)
                os.close(fd)

    def _path(self, number: int) -> Path:
        return self._folder / f"{_PREFIX}{number}{_SUFFIX}"

    def _lock(self, number: int, cpus: frozenset[int]) -> bool:
        """Return whether the core is leased by this process; OSError if that is unknown."""
        if number in self._files:
            return True
        fd = _locked(self._path(number))
        if fd is None:
            return False
        self._files[number] = fd
        text = json.dumps(asdict(self._holder) | {"cpus": ",".join(map(str, sorted(cpus)))})
        with suppress(OSError):  # a full disk: the lock counts, not the content of the file
            os.ftruncate(fd, 0)
            os.pwrite(fd, text.encode(), 0)
        return True


def held_cores(folder: Path) -> list[HeldCore]:
    """Return the leased cores of this machine by their numbers.

    Raise OSError if the folder exists and cannot be read.
    """
    try:
        names = [path.name for path in folder.iterdir()]
    except FileNotFoundError:
        return []
    return [
        _held(folder / name, number) for number, name in _numbered(names) if _is_held(folder / name)
    ]


def number_of(core: Core) -> int:
    """Return the number of a core, which is the same for all processes."""
    return min(core.cpus) if core.number is None else core.number


def _locked(path: Path) -> int | None:
    """Return the locked file, None if another process holds the lock; OSError on other failures."""
    for _ in range(_ATTEMPTS):
        fd = _open(path)
        try:
            if not _is_free(fd):
                os.close(fd)
                return None
            if os.path.samestat(os.fstat(fd), path.stat()):
                return fd
        except FileNotFoundError:  # somebody has tidied up: ours is the lock of a file that is gone
            pass
        except BaseException:
            os.close(fd)
            raise
        os.close(fd)
    raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))


def _is_free(fd: int) -> bool:
    """Take the lock; retry briefly, because a query for its holder also takes it for a moment."""
    if try_lock(fd):
        return True
    time.sleep(_PAUSE_S)
    return try_lock(fd)


def _open(path: Path) -> int:
    """Open a file that all users may lock and write; create it and its folder if necessary."""
    flags = os.O_RDWR | _NO_FOLLOW
    _make_folder(path.parent)
    for last in (False, True):
        try:
            return _regular(os.open(path, flags))
        except FileNotFoundError:
            with suppress(FileExistsError):
                fd = os.open(path, flags | os.O_CREAT | os.O_EXCL, _FOR_ALL)
                os.fchmod(fd, _FOR_ALL)
                return fd
        except PermissionError:  # perhaps it was made a moment ago, and its mode is not set yet
            if last:
                raise
        time.sleep(_PAUSE_S)
    return _regular(os.open(path, flags))


def _regular(fd: int) -> int:
    if stat.S_ISREG(os.fstat(fd).st_mode):
        return fd
    os.close(fd)
    raise OSError(errno.EINVAL, "a file in it is not a regular file")


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir()
    except FileExistsError:
        if folder.is_symlink() or not folder.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR)) from None
    else:
        folder.chmod(_FOLDER_FOR_ALL)


def _is_for_all(folder: Path) -> bool:
    try:
        mode = folder.stat().st_mode
    except OSError:
        return False
    return stat.S_ISDIR(mode) and stat.S_IMODE(mode) & _FOLDER_FOR_ALL == _FOLDER_FOR_ALL


def _numbered(names: Sequence[str]) -> list[tuple[int, str]]:
    found = [(name.removeprefix(_PREFIX).removesuffix(_SUFFIX), name) for name in names]
    return sorted((int(n), name) for n, name in found if n.isdecimal() and n.isascii())


def _is_held(path: Path) -> bool:
    try:
        fd = _regular(os.open(path, os.O_RDONLY | _NO_FOLLOW))
    except OSError:
        return False
    try:
        return not try_lock(fd, shared=True)
    except OSError:
        return False
    finally:
        os.close(fd)


def _held(path: Path, number: int, cpus: frozenset[int] = frozenset()) -> HeldCore:
    """Return the holder of a core according to its file, which any user may have written."""
    try:
        fd = os.open(path, os.O_RDONLY | _NO_FOLLOW)
        try:
            said = json.loads(os.read(fd, 4096))
        finally:
            os.close(fd)
    except (OSError, ValueError):
        said = None
    if not isinstance(said, dict):
        return HeldCore(number, cpus, Holder())
    pid, since = said.get("pid"), said.get("since")
    holder = Holder(
        user=_printable(said.get("user")),
        pid=pid if isinstance(pid, int) and pid > 0 else None,
        purpose=_printable(said.get("purpose")),
        since=float(since) if isinstance(since, int | float) and 0 < since < time.time() else None,
    )
    with suppress(ValueError):
        cpus = cpus or cpu_list(_printable(said.get("cpus")))
    return HeldCore(number, cpus, holder)


def _printable(text: Any) -> str:
    shown = "".join(c for c in text if c.isprintable()) if isinstance(text, str) else ""
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}..."


def _reason(folder: Path, error: OSError) -> str:
    return f"{folder}: {error.strerror or error}"
