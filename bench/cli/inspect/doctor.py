"""``bench doctor``: what this machine can measure, and what disturbs it."""

from __future__ import annotations

import os
import platform
import sqlite3
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import closing
from importlib import metadata
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

import click
import psutil

from bench import __version__
from bench.cli.shared.options import json_option, tracking_options, work_dir_option
from bench.errors import BenchError, TrackingError
from bench.execution.host import machine, noise, topology
from bench.execution.host.abilities import abilities
from bench.execution.host.cores import default_jobs
from bench.journal import provenance
from bench.report import machine_findings
from bench.report.machine_findings import SLOW_S, MachineFinding, MachineSection, Mark
from bench.report.terminal.doctor import missing, render, to_json
from bench.solvers import registry
from bench.solvers.environments import environment
from bench.store import connectivity
from bench.store.uri import mask, resolve_uri, sqlite_path

NEEDED_SOLVER = "scip"
MIB = 2**20
NOISE_S = 0.5
SERVER_TIMEOUT_S = 5.0
N_ANSWERS = 3
"""The number of queries of a store: the median time counts, because the first may be slow."""


@click.command("doctor", context_settings={"help_option_names": ["-h", "--help"]})
@work_dir_option
@tracking_options
@json_option
def command(
    work_dir: Path, tracking_uri: str | None, experiment_name: str | None, as_json: bool
) -> None:
    """Show what this machine can measure, and what disturbs measurements.

    Each warning says what to do about it. The exit code is 1 if something needed is missing.
    """
    del experiment_name
    here, facts = topology.read(), machine.read()
    jobs = default_jobs(here)
    sections = [
        MachineSection("Versions", [*_versions(), *map(_solver, registry.names())]),
        MachineSection(
            "Processor", machine_findings.processor(provenance.cpu_model(), here, jobs, facts)
        ),
        MachineSection("Limits and measures", machine_findings.abilities(abilities())),
        MachineSection(
            "Memory and disk", [*machine_findings.memory(facts, jobs), *_disk(work_dir)]
        ),
        MachineSection("Tracking", [_tracking(tracking_uri)]),
        MachineSection("Now", [machine_findings.clock(facts), machine_findings.noise(_noise())]),
    ]
    click.echo(to_json(sections) if as_json else render(sections))
    if lacking := missing(sections):
        raise BenchError(f"required but missing: {'; '.join(lacking)}")


def _versions() -> list[MachineFinding]:
    versions = {"bench": __version__, "Python": platform.python_version()}
    found = [MachineFinding(name, text, value=text) for name, text in versions.items()]
    try:
        version = metadata.version("mlflow")
    except metadata.PackageNotFoundError:
        advice = "install it: pip install mlflow"
        return [*found, MachineFinding("MLflow", "not installed", Mark.MISSING, advice)]
    return [*found, MachineFinding("MLflow", version, value=version)]


def _solver(name: str) -> MachineFinding:
    try:
        version = registry.load(name).version()
    except BenchError as error:
        mark = Mark.MISSING if name == NEEDED_SOLVER else Mark.NOTE
        advice = "install the solver's package into this Python"
        if name in environment.names():
            advice = "see: bench solvers list"
        return MachineFinding(name, str(error), mark, advice)
    return MachineFinding(name, version + _lp_solver(name), Mark.OK, value=version)


def _lp_solver(name: str) -> str:
    if name != "scip":
        return ""
    from bench.solvers.scip import library  # noqa: PLC0415  only where SCIP could be loaded

    return f", LP solver {library.lp_solver() or 'unknown'}"


def _disk(work_dir: Path) -> list[MachineFinding]:
    """Test the work folder, or its nearest existing parent; no file is left behind."""
    folder = work_dir.absolute()
    while not folder.exists():
        folder = folder.parent
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            start = time.perf_counter()
            file.write(b"\n")
            file.flush()
            os.fsync(file.fileno())
            took = time.perf_counter() - start
    except OSError as error:
        text = f"{folder} cannot be written: {error.strerror}"
        return [MachineFinding("work folder", text, Mark.MISSING, "choose another with --work-dir")]
    return machine_findings.disk(psutil.disk_usage(str(folder)).free / MIB, took)


def _tracking(uri: str | None) -> MachineFinding:
    """Reach the store without changing anything in it."""
    try:
        resolved = resolve_uri(uri)
        database = sqlite_path(resolved)
        times = []
        for _ in range(N_ANSWERS):
            start = time.perf_counter()
            who = _database(database) if database else _server(resolved)
            times.append(time.perf_counter() - start)
    except TrackingError as error:
        return MachineFinding("store", str(error), Mark.MISSING, "see --tracking-uri")
    if not who:
        text = (
            "is created by the first results"
            if database
            else "not checked; used by the first results"
        )
        return MachineFinding("store", f"{mask(resolved)}: {text}")
    took = median(times)
    advice = "" if took < SLOW_S else "the server is slow: a sweep waits for it at its end"
    mark = Mark.WARN if advice else Mark.OK
    text = f"{mask(resolved)}: {who} answers in {1000 * took:.1f} ms"
    return MachineFinding("store", text, mark, advice, took)


def _server(uri: str) -> str:
    """Return the server at a web address; nothing for another kind of store."""
    parts = urlsplit(uri)
    if parts.scheme not in {"http", "https"}:
        return ""
    connectivity.check_server(uri)
    plain = parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="")
    address = f"{plain.geturl().rstrip('/')}/version"
    try:
        with urllib.request.urlopen(address, timeout=SERVER_TIMEOUT_S) as answer:  # noqa: S310
            return f"MLflow {answer.read(20).decode(errors='replace').strip()}"
    except urllib.error.HTTPError as error:
        if error.code in {401, 403}:
            return "a server that asks for credentials"
        raise TrackingError(f"{mask(uri)}: not an MLflow server, it answers {error}") from error
    except OSError as error:
        raise TrackingError(f"{mask(uri)}: does not answer: {error}") from error


def _database(path: Path) -> str:
    """Return the content of a SQLite file; nothing for one that does not exist yet."""
    where = f"MLflow at sqlite:///{path}"
    if not path.parent.is_dir():
        raise TrackingError(f"{where}: the folder does not exist")
    if not os.access(path.parent, os.W_OK):
        raise TrackingError(f"{where}: the folder cannot be written")
    if not path.exists():
        return ""
    if not os.access(path, os.W_OK):
        raise TrackingError(f"{where}: the file cannot be written")
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True)) as database:
            database.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error as error:
        raise TrackingError(f"{where}: not a database of MLflow: {error}") from error
    return "SQLite"


def _noise() -> noise.Noise:
    before, own = noise.read_counters(), time.process_time()
    time.sleep(NOISE_S)
    return noise.noise(before, noise.read_counters(), time.process_time() - own)
