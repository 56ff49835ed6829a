"""Tracking: how many results a second a store takes, and how long a sweep waits for it.

::

    python benchmarks/tracking.py                     five minutes and a half
    python benchmarks/tracking.py --seconds-each 20   for a first look

Stores: SQLite in this process, ``mlflow server`` over SQLite and over PostgreSQL, all on this
machine. The servers are started and stopped here; PostgreSQL has to be installed.
docs/performance.md explains the table.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import click

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.forked import Loaded
from tests.mlflow_server import MlflowServer
from tests.servers import Postgres, postgres_programs

REPOSITORY = Path(__file__).parent.parent
NOWHERE = "http://127.0.0.1:9"
TASK_S = 1.0
WORKERS = 2

DELIVER = """
import json, sys, time
from pathlib import Path
from bench.comparison.summary.summaries import SummaryMetrics
from bench.tracking.sync import CampaignSync
from bench.journal.journal import Journal
from bench.tracking.mlflow_store import MlflowStore
store = MlflowStore(sys.argv[2], "delivered")
folder = Path(sys.argv[1])
delivery, end = CampaignSync(folder, SummaryMetrics()), Journal(folder).size()
delivery.attach(store)
start = time.perf_counter()
delivery.follow(end)
delivery.finish(end)
print(json.dumps([delivery.n_new / (time.perf_counter() - start)]))
"""
WAIT = """
import json, sys, time
from bench.app.campaign import execute_plan
from bench.cli.main import command
waited, finish = [], execute_plan.finish_live
def timed(*arguments):
    start = time.perf_counter()
    try:
        return finish(*arguments)
    finally:
        waited.append(time.perf_counter() - start)
execute_plan.finish_live = timed
start = time.perf_counter()
command.main(sys.argv[1:], standalone_mode=False)
print(json.dumps([waited[0], time.perf_counter() - start]))
"""


@click.command()
@click.option("--results", default=300, show_default=True, help="Results to deliver.")
@click.option("--seconds-each", default=100, show_default=True, help="Length of a sweep.")
def main(results: int, seconds_each: int) -> None:
    """Print a row a store."""
    with TemporaryDirectory(prefix="bench-tracking-") as name:
        folder = Path(name)
        (folder / "m.lp").write_text("min\n x\nst\n a: x >= 2\nend\n")
        journal = _journal(folder, results)
        print(f"load average {os.getloadavg()[0]:.1f} before")
        print("| store | results a second | sweep s | waits s | share |")
        print("| --- | ---: | ---: | ---: | ---: |")
        for store, uri in _stores(folder):
            (rate,) = _last_line(folder, [DELIVER, str(journal), uri])
            waited, whole = _last_line(folder, [WAIT, *_sweep(store, seconds_each), uri])
            share = f"{waited / whole:.2%}"
            print(f"| {store} | {rate:.1f} | {whole:.1f} | {waited:.2f} | {share} |", flush=True)
        print(f"load average {os.getloadavg()[0]:.1f} after")


def _journal(folder: Path, results: int) -> Path:
    """Return the folder of a sweep that is executed and delivered to nobody."""
    sweep = ("sweep", "m.lp", "--solver", "fake", "-p", "seconds=1,2", "--name", "journal")
    seeds = ("--seeds", str(results // 2), "--tracking-uri", NOWHERE)
    command = [sys.executable, "-m", "bench", *sweep, *seeds]
    done = subprocess.run(command, cwd=folder, env=_environment(), capture_output=True, check=False)
    if b"bench sync" not in done.stderr:
        raise click.ClickException(done.stderr.decode())
    return folder / "bench-work" / "journal"


def _sweep(store: str, seconds: int) -> list[str]:
    """Return a sweep of tasks of a second each; the tracking URI is to follow."""
    seeds = str(round(seconds * WORKERS / TASK_S / 2))
    sleep = ("-p", "behaviour=sleep", "-p", f"seconds={TASK_S},{TASK_S + 1e-3}")
    name = store.replace(" ", "-")
    return [
        *("sweep", "m.lp", "--solver", "fake", *sleep, "--seeds", seeds, "--name", name),
        *("--jobs", str(WORKERS), "--oversubscribe", "--tracking-uri"),
    ]


def _stores(folder: Path) -> Iterator[tuple[str, str]]:
    yield "SQLite", f"sqlite:///{folder}/direct.db"
    with _server(folder, f"sqlite:///{folder}/served.db") as uri:
        yield "server over SQLite", uri
    programs = postgres_programs()
    if programs is None:
        print("PostgreSQL is not installed")
        return
    with TemporaryDirectory(prefix="bench-postgres-") as own:
        postgres = Postgres(Path(own), programs, durable=True)
        postgres.create()
        postgres.start()
        try:
            with _server(folder, postgres.create_database("mlflow")) as uri:
                yield "server over PostgreSQL", uri
        finally:
            postgres.stop()


@contextmanager
def _server(folder: Path, store: str) -> Iterator[str]:
    kept = ("--artifacts-destination", str(folder / "kept"))
    loaded = Loaded()
    server = MlflowServer(loaded, folder, ("--backend-store-uri", store, *kept))
    server.start()
    try:
        yield server.uri
    finally:
        server.stop()
        loaded.end()


def _last_line(folder: Path, script: list[str]) -> list[float]:
    done = subprocess.run(
        [sys.executable, "-c", *script],
        cwd=folder,
        env=_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise click.ClickException(done.stderr)
    return [float(value) for value in json.loads(done.stdout.splitlines()[-1])]


def _environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(REPOSITORY), "MLFLOW_DISABLE_TELEMETRY": "true"}


if __name__ == "__main__":
    main()
