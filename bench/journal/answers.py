"""The answers of a work folder by the digest of their instance, from all campaigns.

Campaigns can thus be compared without reading their journals again. The index is built from the
journals alone: it grows with them, and may be deleted at any time.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import statistics
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bench.errors import TrackingError
from bench.journal.journal import JOURNAL, Journal
from bench.model.instances.problem import Sense
from bench.model.results.result import Result
from bench.model.results.verdict import FAILURES, Category
from bench.verification.judge import judge
from bench.verification.statuses import FINAL

INDEX = ".answers.sqlite"
_PATIENCE_S = 30.0
_TOLD_BY_BYTES = 4096
"""The part of a journal that identifies it: it contains keys, and times to a microsecond."""
_VERSION = 3
_SCHEMA = """
CREATE TABLE IF NOT EXISTS campaigns (folder TEXT PRIMARY KEY, size INTEGER, fingerprint TEXT);
CREATE TABLE IF NOT EXISTS answers (
    folder TEXT, key TEXT, digest TEXT, begins INTEGER, ends INTEGER,
    solver TEXT, status TEXT, primal REAL, dual REAL,
    seconds REAL, n_rows INTEGER, n_columns INTEGER, PRIMARY KEY (folder, key)
);
CREATE INDEX IF NOT EXISTS by_digest ON answers (digest);
"""
_BAD = frozenset(map(str, (*FAILURES, Category.WRONG)))

Measures = tuple[float | None, int | None, int | None]
"""Seconds of the process, rows and columns of the instance."""
Entry = tuple[str, int, int, str, str, float | None, float | None]
"""Folder, beginning and end of the line, solver, status, and bounds as for a minimisation."""


def update(work_dir: Path) -> None:
    """Update the index of a work folder to its journals; create it if there is none.

    This has no effect if it cannot be written. Several processes may do it at the same time.
    """
    if not work_dir.is_dir():
        return
    with suppress(sqlite3.OperationalError):
        try:
            _update(work_dir)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            (work_dir / INDEX).unlink(missing_ok=True)
            _update(work_dir)


def of_others(folder: Path, own: Sequence[Result]) -> list[Result]:
    """Return the decisive results of other campaigns of the work folder for these instances.

    For each instance, these are the solution with the best value, the highest dual bound, a claim
    of infeasibility or unboundedness, and an answer of each other solver: enough to decide whether
    something is contradicted or confirmed. Results that the references disprove are left out. The
    names of the settings include their campaign. Empty without an index.
    """
    path = folder.parent / INDEX
    if not path.is_file():
        return []
    by_digest: dict[str, list[Result]] = {}
    for result in own:
        if result.task.instance.digest and not result.verdict.failed:
            by_digest.setdefault(result.task.instance.digest, []).append(result)
    try:
        with closing(_connect(path)) as connection:
            found = {digest: _entries(connection, digest, folder) for digest in by_digest}
    except sqlite3.DatabaseError:
        return []
    return [
        each
        for digest, entries in found.items()
        for each in _telling(folder.parent, entries, by_digest[digest])
    ]


@dataclass(frozen=True, slots=True)
class KnownInstance:
    """Known facts about an instance from results: the median seconds of its tasks, its size."""

    seconds: float | None
    n_rows: int | None
    n_columns: int | None


def known_instances(work_dir: Path) -> dict[str, KnownInstance]:
    """Return the facts about instances from the results of a work folder, by their digests.

    Wrong and failed results are ignored. Empty without an index.
    """
    path = work_dir / INDEX
    if not path.is_file():
        return {}
    update(work_dir)
    query = "SELECT digest, seconds, n_rows, n_columns FROM answers ORDER BY folder, begins"
    try:
        with closing(_connect(path)) as connection:
            rows = connection.execute(query).fetchall()
    except sqlite3.DatabaseError:
        return {}
    by_digest: dict[str, list[Measures]] = {}
    for digest, *measures in rows:
        by_digest.setdefault(digest, []).append(tuple(measures))
    return {digest: _known(measures) for digest, measures in by_digest.items()}


def _known(measures: Sequence[Measures]) -> KnownInstance:
    seconds = [each[0] for each in measures if each[0] is not None]
    sizes = [each[1:] for each in measures if each[1] is not None]
    n_rows, n_columns = sizes[-1] if sizes else (None, None)
    return KnownInstance(statistics.median(seconds) if seconds else None, n_rows, n_columns)


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=_PATIENCE_S, isolation_level=None)


def _entries(connection: sqlite3.Connection, digest: str, folder: Path) -> list[Entry]:
    return connection.execute(
        "SELECT folder, begins, ends, solver, status, primal, dual FROM answers"
        " WHERE digest = ? AND folder <> ? ORDER BY folder, begins",
        (digest, folder.name),
    ).fetchall()


def _telling(work_dir: Path, entries: list[Entry], own: Sequence[Result]) -> Iterator[Result]:
    """Yield the decisive results; each is read from its journal and judged by the present rules."""
    told: set[Entry] = set()
    for candidates in _questions(entries, own):
        for entry in candidates:
            if entry in told:
                break
            result = _read(work_dir, entry, own)
            if result is not None:
                told.add(entry)
                yield result
                break


def _questions(entries: list[Entry], own: Sequence[Result]) -> Iterator[list[Entry]]:
    """Yield lists of entries; the first valid one of each list is needed."""

    def primal(entry: Entry) -> float:
        value = float("inf") if entry[5] is None else entry[5]
        return float("-inf") if entry[4] == "unbounded" else value

    def dual(entry: Entry) -> float:
        value = float("-inf") if entry[6] is None else entry[6]
        return float("inf") if entry[4] == "infeasible" else value

    yield sorted(entries, key=primal)
    yield sorted(entries, key=dual, reverse=True)
    yield [entry for entry in entries if entry[4] == "inforunbd"]
    statuses = FINAL & {result.answer.status or "" for result in own}
    for solver in sorted({entry[3] for entry in entries}):
        for status in sorted(statuses):
            yield [entry for entry in entries if entry[3:5] == (solver, status)]


def _read(work_dir: Path, entry: Entry, own: Sequence[Result]) -> Result | None:
    """Return the result of an entry, None if it is gone or its verdict is bad now."""
    name, begins, ends = entry[:3]
    try:
        _, result = next(Journal(work_dir / name).since(begins, ends))
    except (StopIteration, TrackingError):
        return None
    task = result.task
    if task.instance.digest != own[0].task.instance.digest:
        return None
    known = next((one.reference for one in own if one.reference is not None), result.reference)
    verdict = judge(
        result.answer,
        result.execution,
        known,
        result.verification,
        gap_limit=task.limits.gap,
    )
    if verdict.bad:
        return None
    setting = replace(task.setting, name=f"{task.setting.name} in {name}")
    return replace(result, task=replace(task, setting=setting), verdict=verdict)


def _update(work_dir: Path) -> None:
    with closing(_connect(work_dir / INDEX)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        if connection.execute("PRAGMA user_version").fetchone()[0] != _VERSION:
            connection.execute("DROP TABLE IF EXISTS campaigns")
            connection.execute("DROP TABLE IF EXISTS answers")
            connection.execute(f"PRAGMA user_version = {_VERSION}")
        for statement in filter(str.strip, _SCHEMA.split(";")):
            connection.execute(statement)
        known = {
            folder: (size, fingerprint)
            for folder, size, fingerprint in connection.execute(
                "SELECT folder, size, fingerprint FROM campaigns"
            )
        }
        there = {path.parent.name: path for path in work_dir.glob(f"*/{JOURNAL}")}
        for name in known.keys() - there.keys():
            _forget(connection, name)
        for name, path in there.items():
            with suppress(OSError, TrackingError):
                _follow(connection, path, *known.get(name, (0, "")))
        connection.execute("COMMIT")


def _follow(
    connection: sqlite3.Connection, path: Path, known_size: int, known_fingerprint: str
) -> None:
    """Add the new part of a journal; all of it if the journal was replaced."""
    folder, size = path.parent, path.stat().st_size
    if size == known_size:
        return
    followed = known_size
    if size < known_size or _fingerprint(path, known_size) != known_fingerprint:
        _forget(connection, folder.name)
        followed = 0
    for begins, followed, key, body in Journal(folder).lines(followed, size):  # noqa: B020
        _add(connection, (folder.name, key, begins, followed), body)
    connection.execute(
        "INSERT OR REPLACE INTO campaigns VALUES (?, ?, ?)",
        (folder.name, followed, _fingerprint(path, followed)),
    )


def _fingerprint(path: Path, size: int) -> str:
    """Return a digest of the beginning and the end of a journal at this size.

    Removing a line moves the end.
    """
    with path.open("rb") as file:
        beginning = file.read(min(size, _TOLD_BY_BYTES))
        file.seek(max(0, size - _TOLD_BY_BYTES))
        end = file.read(min(size, _TOLD_BY_BYTES))
    return hashlib.sha256(beginning + end).hexdigest()


def _forget(connection: sqlite3.Connection, folder: str) -> None:
    for table in ("answers", "campaigns"):
        connection.execute(f"DELETE FROM {table} WHERE folder = ?", (folder,))  # noqa: S608


def _add(connection: sqlite3.Connection, place: tuple[str, str, int, int], body: bytes) -> None:
    """Add the newest answer of a task; wrong and failed ones are not used against others."""
    folder, key, begins, ends = place
    connection.execute("DELETE FROM answers WHERE folder = ? AND key = ?", (folder, key))
    found = _answer(body)
    if found is not None:
        connection.execute(
            "INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (folder, key, found[0], begins, ends, *found[1:]),
        )


def _answer(
    body: bytes,
) -> tuple[str, str, str, float | None, float | None, float | None, int | None, int | None] | None:
    """Return digest, solver, status, bounds of a minimisation and measures of a result's JSON text.

    None if it is wrong, failed or not a result. Only the fields that are used here are read.
    """
    try:
        result: Mapping[str, Any] = json.loads(body)
        answer, task = result["answer"], result["task"]
        texts = task["instance"]["digest"], task["setting"]["solver"], answer["status"]
        if result["verdict"]["category"] in _BAD or None in texts or not texts[0]:
            return None
        sign = -1 if (answer["problem"] or {}).get("sense") == Sense.MAXIMIZE else 1
        primal, dual = (
            None if value is None else sign * float(value)
            for value in (answer["primal_bound"], answer["dual_bound"])
        )
        digest, solver, status = (text.encode().decode() for text in texts)
        measures = _measures(result)
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError):
        return None
    return digest, solver, status, primal, dual, *measures


def _measures(result: Mapping[str, Any]) -> Measures:
    problem = result["answer"]["problem"] or {}
    return (
        float(result["execution"]["wall_s"]),
        problem.get("n_conss"),
        problem.get("n_vars"),
    )
