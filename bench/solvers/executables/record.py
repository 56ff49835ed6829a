"""Executables by name: the record of each, in a file of its folder.

The folders are next to those of environments (`bench.solvers.environments.environment`). An
executable exists once its ``executable.json`` does, which is written last.
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
from bench.solvers.environments.environment import folder, read_record, recorded_names, write_json

RECORD = "executable.json"
CATALOGUE = "catalogue.json"
LDD_S = 20.0
CHUNK = 1 << 20
DIGITS = 12
"""The number of digits of the digest in a version."""
RUNTIME = re.compile(r"(libc|libm|libdl|librt|libpthread|libresolv|ld-linux.*)\.so")
"""Libraries of the system that do not characterise a solver."""


@dataclass(frozen=True, slots=True)
class ProgramFile:
    """A file of an executable, with the data that shows whether it has changed.

    The path may be a link: if that points elsewhere, it is another file.
    """

    path: Path
    sha256: str
    size: int
    mtime_ns: int
    inode: int

    def is_unchanged(self) -> bool:
        """Whether size and time are unchanged."""
        try:
            stat = self.path.stat()
        except OSError:
            return False
        seen = (stat.st_size, stat.st_mtime_ns, stat.st_ino)
        return seen == (self.size, self.mtime_ns, self.inode)


@dataclass(frozen=True, kw_only=True)
class Executable:
    """An executable: its path, its kind, and its files.

    ``number`` is its own version, ``version_line`` the output line with it. ``files`` are the
    executable and the libraries that it is linked with. ``limit_parameters`` maps its parameters to
    fields of Limits. ``variables`` are environment variables of its processes.
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
        """The version in task keys, e.g. ``2.10.8+3f2a9c0112ab``.

        It contains the beginning of a digest of the line with the version, and of all files.
        """
        content = [self.version_line, *(each.sha256 for each in self.files)]
        digest = hashlib.sha256("\n".join(content).encode()).hexdigest()
        return f"{self.number}+{digest[:DIGITS]}"

    @property
    def add_command(self) -> str:
        """The command that registers it."""
        return f"bench solvers add {self.name} --executable {self.path} --like {self.like}"

    def is_unchanged(self) -> bool:
        """Whether its files are the recorded ones, by size and time."""
        return all(each.is_unchanged() for each in self.files)

    def catalogue(self) -> Catalogue:
        """Return its parameters; SolverError if they cannot be read."""
        try:
            found = json.loads((folder(self.name) / CATALOGUE).read_bytes())
            return Catalogue(from_plain(Parameter, each) for each in found)
        except (OSError, ValueError, TypeError) as error:
            fix = f"bench solvers remove {self.name} && {self.add_command}"
            raise SolverError(
                f"{self.name}: its parameter catalogue is missing; add it again: {fix}"
            ) from error


def program_files(path: Path, variables: Mapping[str, str]) -> tuple[ProgramFile, ...]:
    """Return the files of an executable: its own, and the libraries that it is linked with.

    The C library of the system is excluded. Raise SolverError if a file cannot be read.
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
    """Yield the libraries of an executable, by ``ldd``; none for a script."""
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
    """Return an executable, None if there is none; SolverError if its record is damaged."""
    return read_record(name, RECORD, Executable)


def write(executable: Executable, catalogue: Catalogue) -> None:
    """Record an executable, which exists from then on."""
    place = folder(executable.name)
    place.mkdir(parents=True, exist_ok=True)
    write_json(place / CATALOGUE, [to_plain(parameter) for parameter in catalogue.values()])
    write_json(place / RECORD, to_plain(executable))
