"""Executables by name: what is known of each, in a file of its folder.

The folders are beside those of environments (`bench.solvers.environments.environment`). An
executable is there once its ``executable.json`` is, which is written last.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from bench.errors import SolverError
from bench.model.parameters import Catalogue, Parameter
from bench.model.plain_data import from_plain, to_plain
from bench.solvers.environments.environment import (
    folder,
    read_record,
    recorded_names,
    write_json,
)

RECORD = "executable.json"
CATALOGUE = "catalogue.json"
LDD_S = 20.0
CHUNK = 1 << 20
DIGITS = 12
"""Of the digest, as they stand in a version."""
RUNTIME = re.compile(r"(libc|libm|libdl|librt|libpthread|libresolv|ld-linux.*)\.so")
"""Libraries of the system that say nothing of a solver."""


@dataclass(frozen=True, slots=True)
class ProgramFile:
    """A file that an executable consists of, with what tells whether it has changed.

    The path may be a link: where that leads elsewhere it is another file.
    """

    path: Path
    sha256: str
    size: int
    mtime_ns: int
    inode: int

    def is_unchanged(self) -> bool:
        """Whether size and time are still those that it had."""
        try:
            stat = self.path.stat()
        except OSError:
            return False
        seen = (stat.st_size, stat.st_mtime_ns, stat.st_ino)
        return seen == (self.size, self.mtime_ns, self.inode)


@dataclass(frozen=True, kw_only=True)
class Executable:
    """An executable: where it is, of which kind, and what it consists of.

    ``number`` is its own version, ``version_line`` the line in which it says so. ``files`` are the
    executable and the libraries that it is linked with. ``limit_parameters`` says which of its
    parameters is which field of Limits. ``variables`` are environment variables that its processes
    get.
    """

    name: str
    like: str
    path: Path
    number: str
    version_line: str
    files: tuple[ProgramFile, ...]
    limit_parameters: Mapping[str, str]
    variables: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def version(self) -> str:
        """The version that stands in task keys, e.g. ``2.10.8+3f2a9c0112ab``.

        It has the beginning of a digest of the line with the version, and of all files.
        """
        content = [self.version_line, *(each.sha256 for each in self.files)]
        digest = hashlib.sha256("\n".join(content).encode()).hexdigest()
        return f"{self.number}+{digest[:DIGITS]}"

    @property
    def add_command(self) -> str:
        """The command that makes it known."""
        return f"bench solvers add {self.name} --executable {self.path} --like {self.like}"

    def is_unchanged(self) -> bool:
        """Whether its files are those that were recorded, by size and time."""
        return all(each.is_unchanged() for each in self.files)

    def catalogue(self) -> Catalogue:
        """Return its parameters; SolverError where they cannot be read."""
        try:
            found = json.loads((folder(self.name) / CATALOGUE).read_bytes())
            return Catalogue(from_plain(Parameter, each) for each in found)
        except (OSError, ValueError, TypeError) as error:
            fix = f"bench solvers remove {self.name} && {self.add_command}"
            raise SolverError(f"{self.name}: its catalogue is lost; add it again: {fix}") from error


def program_files(path: Path, variables: Mapping[str, str]) -> tuple[ProgramFile, ...]:
    """Return what an executable consists of: its file, and the libraries that it is linked with.

    The C library of the system is none of them. SolverError where one cannot be read.
    """
    return tuple(_program_file(each) for each in (path, *_libraries(path, variables)))


def _program_file(path: Path) -> ProgramFile:
    digest = hashlib.sha256()
    try:
        stat = path.stat()
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
    except OSError as error:
        raise SolverError(f"{path}: cannot be read: {error.strerror}") from error
    return ProgramFile(path, digest.hexdigest(), stat.st_size, stat.st_mtime_ns, stat.st_ino)


def _libraries(path: Path, variables: Mapping[str, str]) -> Iterator[Path]:
    """Yield the libraries of an executable, by ``ldd``; none of a script."""
    with suppress(OSError, subprocess.TimeoutExpired):
        listed = subprocess.run(
            ["ldd", str(path)],
            env={**os.environ, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=LDD_S,
            check=False,
        )
        for name, found in re.findall(r"^\s*(\S+) => (/\S+) \(", listed.stdout, re.MULTILINE):
            if not RUNTIME.match(name):
                yield Path(found)


def names() -> list[str]:
    """Return the names of all executables, sorted."""
    return recorded_names(RECORD)


def find(name: str) -> Executable | None:
    """Return an executable, None where there is none; SolverError where its record is damaged."""
    return read_record(name, RECORD, Executable)


def write(executable: Executable, catalogue: Catalogue) -> None:
    """Record an executable; from then on it is there."""
    place = folder(executable.name)
    place.mkdir(parents=True, exist_ok=True)
    write_json(place / CATALOGUE, [to_plain(parameter) for parameter in catalogue.values()])
    write_json(place / RECORD, to_plain(executable))
