"""Calling ``bench ...`` as a user would: inside this process, or as a process of its own.

Inside, a command costs a tenth: mlflow, the solvers and the fork server are loaded already. What
a command changes of its process (working folder, environment, ``sys``, standard streams, signal
handlers, MLflow's engines, frozen garbage) is put back. Where the process itself is under test,
start a real one.
"""

from __future__ import annotations

import gc
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from io import TextIOWrapper
from pathlib import Path
from types import ModuleType
from typing import Any

import bench.__main__
from bench.execution.process.fork_servers import fork_server

PRELOADED = ("bench.solvers.scip.warm", "bench.solvers.highs.warm", "bench.solvers.fake")
PROGRAMS = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
"""A search path that begins with the programs of this Python's environment."""
SERVERS = ("ui", "serve")
SHELL_SIGNS = frozenset("|&;<>()$`*?[#~{}\\")
QUOTED = re.compile(r"""'[^']*'|"[^"$`\\]*\"""")
"""What a shell takes as it stands there."""
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


@dataclass(frozen=True, slots=True)
class Ended:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, parsed."""
        return json.loads(self.out)


Run = Callable[..., Ended]


def in_process(
    folder: Path,
    *arguments: str | Path,
    env: Mapping[str, str] | None = None,
    code: int | None = 0,
    merged: bool = False,
) -> Ended:
    """Execute ``bench ...`` in a folder, which is also its HOME, and return how it ended.

    With ``merged``, standard error goes where standard output goes, as with ``2>&1``. Raise
    AssertionError where it does not end with ``code`` (None: any), or with a traceback.
    """
    fork_server.prepare(PRELOADED)  # a fork server that runs already ignores what is asked of it
    argv = (bench.__main__.__file__, *map(str, arguments))
    with _program(argv, bench.__main__):
        return _called(bench.__main__.main, folder, env or {}, code, merged=merged)


def mlflow_run(
    folder: Path,
    *arguments: str,
    project: str = ".",
    manager: str = "local",
    env: Mapping[str, str] | None = None,
    code: int = 0,
) -> Ended:
    """Execute ``mlflow run PROJECT --env-manager ...`` in a folder; the project is a process."""
    from mlflow.cli import cli

    words = ("mlflow", "run", project, "--env-manager", manager, "--storage-dir", "..", *arguments)
    with _program(words, sys.modules["__main__"]):
        return _called(cli, folder, {"PATH": PROGRAMS, "PYTHONPATH": "", **(env or {})}, code)


def as_process(
    folder: Path, *arguments: str | Path, env: Mapping[str, str] | None = None, code: int | None = 0
) -> Ended:
    """Execute ``python -m bench ...`` in a folder, which is also its HOME."""
    done = subprocess.run(
        [sys.executable, "-m", "bench", *map(str, arguments)],
        cwd=folder,
        env={**os.environ, "HOME": str(folder), **(env or {})},
        capture_output=True,
        text=True,
        timeout=250,
        check=False,
    )
    return _checked(Ended(done.returncode, done.stdout, done.stderr), code)


def typed(folder: Path, line: str, code: int | None = 0) -> Ended:
    """Execute a line as a user types it: ``bench ...`` alone in this process, else in a shell.

    Ctrl-C is pressed in a server as soon as it has printed its address. Raise
    AssertionError where the exit code is not ``code`` (None: any).
    """
    bare, merged = line.removesuffix(" 2>&1"), line.endswith(" 2>&1")
    name, *words = shlex.split(bare)
    plain = not set(QUOTED.sub("", bare)) & SHELL_SIGNS
    if name == "bench" and words[0] not in SERVERS and plain:
        return in_process(folder, *words, merged=merged, code=code)
    if name == "bench" and words[0] in SERVERS:
        waiting = "while [ ! -s shown ] && kill -0 $!; do sleep 0.1; done"
        line = f"{line} > shown & {waiting}; cat shown; kill -INT $!; wait $!"
    done = subprocess.run(
        line,
        shell=True,
        cwd=folder,
        env={**os.environ, "HOME": str(folder), "PATH": PROGRAMS, "BENCH_PORT": "0"},
        capture_output=True,
        text=True,
        timeout=250,
        check=False,
    )
    return _checked(Ended(done.returncode, done.stdout, done.stderr), code)


class Output:
    """Catches what Python or a library in C writes to standard output and error meanwhile."""

    out = err = ""

    def __init__(self, *, merged: bool = False) -> None:
        """Choose whether both streams are one."""
        self._merged = merged

    def __enter__(self) -> None:
        """Put files in the place of both streams."""
        self._files = tempfile.TemporaryFile(), tempfile.TemporaryFile()
        self._before = sys.stdout, sys.stderr, os.dup(1), os.dup(2)
        os.dup2(self._files[0].fileno(), 1)
        os.dup2(self._files[0 if self._merged else 1].fileno(), 2)
        sys.stdout = TextIOWrapper(os.fdopen(1, "wb", closefd=False), "utf-8")
        sys.stderr = TextIOWrapper(
            os.fdopen(2, "wb", closefd=False), "utf-8", "backslashreplace", line_buffering=True
        )

    def __exit__(self, *_: object) -> None:
        """Put the streams back, and read what was caught."""
        for stream in (sys.stdout, sys.stderr):
            with suppress(ValueError):
                stream.close()
        sys.stdout, sys.stderr, out, err = self._before
        for number, descriptor in ((1, out), (2, err)):
            os.dup2(descriptor, number)
            os.close(descriptor)
        self.out, self.err = map(_content, self._files)


def _content(file: Any) -> str:
    with file:
        file.seek(0)
        content: bytes = file.read()
        return content.decode()


def _called(
    main: Callable[[], object],
    folder: Path,
    env: Mapping[str, str],
    code: int | None,
    *,
    merged: bool = False,
) -> Ended:
    environment = {**os.environ, "HOME": str(folder), **env}
    environment.pop("PYTEST_CURRENT_TEST", None)  # mlflow behaves differently with it
    output = Output(merged=merged)
    with _environment(environment), _working_folder(folder), output:
        try:
            ended_with = _exit_code(main)
        finally:
            gc.unfreeze()
            forget_stores()
    return _checked(Ended(ended_with, output.out, output.err), code)


def _exit_code(main: Callable[[], object]) -> int:
    try:
        main()
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        sys.stderr.write(f"{end.code}\n")
        return 1
    return 0


def _checked(ended: Ended, code: int | None) -> Ended:
    assert "Traceback" not in ended.err, ended.err
    assert code is None or ended.code == code, ended.err + ended.out
    return ended


@contextmanager
def _environment(wanted: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(wanted)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def _working_folder(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


@contextmanager
def _program(argv: tuple[str, ...], main: ModuleType) -> Iterator[None]:
    """Be another program: children of multiprocessing import what ``__main__`` is."""
    before = sys.argv, sys.modules["__main__"]
    handlers = {number: signal.getsignal(number) for number in SIGNALS}
    sys.argv, sys.modules["__main__"] = list(argv), main
    try:
        yield
    finally:
        sys.argv, sys.modules["__main__"] = before
        for number, handler in handlers.items():
            signal.signal(number, handler)


def forget_stores() -> None:
    """Close MLflow's connections: it keeps an engine for each database that it has seen."""
    if "mlflow.store.tracking.sqlalchemy_store" not in sys.modules:
        return
    _find_newest_migration_once()
    from mlflow.store.model_registry.sqlalchemy_store import SqlAlchemyStore as ModelStore
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore
    from mlflow.tracking._model_registry.registry import ModelRegistryStoreRegistry
    from mlflow.tracking._tracking_service.registry import TrackingStoreRegistry

    TrackingStoreRegistry._get_store_with_resolved_uri.cache_clear()
    ModelRegistryStoreRegistry._get_store_with_resolved_uri.cache_clear()
    for store in (SqlAlchemyStore, ModelStore):
        engines = getattr(store, "_engine_map", {})  # from MLflow 3.8 on
        for engine in engines.values():
            engine.dispose()
        engines.clear()


def _find_newest_migration_once() -> None:
    """Let MLflow load all its migrations once in this process, not for each store: 30 ms."""
    from mlflow.store.db import utils

    if not hasattr(utils._get_latest_schema_revision, "cache_info"):
        utils._get_latest_schema_revision = cache(utils._get_latest_schema_revision)
