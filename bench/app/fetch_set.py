"""Download a benchmark set into a folder according to its manifest."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from bench.app.progress import Progress, listener_of
from bench.errors import BenchError, UsageError
from bench.instances.sets import manifest
from bench.instances.sets.download import Fetched, FileError, fetch
from bench.instances.sets.manifest import RemoteFile, SetManifest

MANIFEST = "manifest.yaml"
"""The copy of the manifest in the folder, which contains source, licence and citation."""
STEP = "fetch"


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchOptions:
    """Which set is downloaded, and where to.

    - ``name``: name of a benchmark set, or the file of a manifest (``.yaml``)
    - ``output_dir``: folder to fill; None is a folder with the set's name
    - ``only``: patterns of instance names, e.g. ``neos-*``; none means all
    """

    name: str = field(kw_only=False)
    output_dir: str | Path | None = None
    only: Sequence[str] = ()
    progress: Progress = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchReport:
    """The files that are in the folder now, and the reasons for missing ones, one line each."""

    manifest: SetManifest
    folder: Path
    files: tuple[Fetched, ...]
    problems: tuple[str, ...]

    @property
    def n_new(self) -> int:
        """The number of downloaded files; the others were there."""
        return sum(file.is_new for file in self.files)


def fetch_set(options: FetchOptions) -> FetchReport:
    """Download the files of a benchmark set that are not in the folder yet.

    Another call resumes the download, also within a file. A file that the server does not have, or
    that has another digest, becomes a problem in the report. Raise UsageError for an unknown set,
    ServerError if the server cannot be reached.
    """
    found = manifest.read(options.name)
    folder = Path(options.output_dir or found.name)
    wanted = _wanted(found, options.only)
    listener = listener_of(options.progress)
    done: list[Fetched] = []
    problems: list[str] = []
    _keep_manifest(options.name, folder)
    listener.step_started(STEP, len(wanted), "file")
    try:
        for file in wanted:

            def show(n_bytes: int, total: int | None, name: str = file.name) -> None:
                of_all = f" of {_mib(total)}" if total else ""
                listener.step_advanced(0, f"{name} {_mib(n_bytes)}{of_all}")

            listener.step_advanced(0, file.name)
            try:
                done.append(fetch(file, folder, show))
            except FileError as error:
                problems.append(str(error))
            listener.step_advanced(1)
    finally:
        listener.step_ended()
    return FetchReport(manifest=found, folder=folder, files=tuple(done), problems=tuple(problems))


def _wanted(found: SetManifest, patterns: Sequence[str]) -> list[RemoteFile]:
    """Return the additional files, and the instances that match a pattern."""
    instances = {f"{name}{found.suffix}": name for name in found.instances}
    chosen = [
        file
        for file in found.files
        if file.name not in instances
        or not patterns
        or any(fnmatchcase(instances[file.name], each) for each in patterns)
    ]
    if instances and not any(file.name in instances for file in chosen):
        raise UsageError(f"{found.name}: no instance matches {', '.join(patterns)}")
    return chosen


def _keep_manifest(word: str, folder: Path) -> None:
    source = manifest.known().get(word, Path(word))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / MANIFEST).exists() or not source.samefile(folder / MANIFEST):
            shutil.copyfile(source, folder / MANIFEST)
    except OSError as error:
        raise BenchError(f"{folder}: cannot be written: {error.strerror or error}") from error


def _mib(n_bytes: int) -> str:
    return f"{n_bytes / 2**20:.1f} MiB"
