"""The part of a campaign that was uploaded to MLflow from this folder.

It is stored next to the journal as ``delivered.json`` after each complete upload. Only the store
knows whether the runs still exist.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.errors import TrackingError
from bench.journal import origin
from bench.journal.journal import Journal
from bench.store.uri import without_credentials

DELIVERED = "delivered.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """The last complete upload: the store, the time, and the size of the journal in bytes."""

    tracking_uri: str
    delivered_at: float
    size: int


def remember(folder: Path, tracking_uri: str, delivered_at: float) -> None:
    """Store that the store has all results of the journal. The caller holds its lock.

    This has no effect if it cannot be written; it is only for display.
    """
    found = Delivery(
        tracking_uri=without_credentials(tracking_uri),
        delivered_at=delivered_at,
        size=Journal(folder).size(),
    )
    half = folder / f"{DELIVERED}.{os.getpid()}"
    with suppress(OSError):
        half.write_text(json.dumps(asdict(found)), encoding="utf-8")
        half.replace(folder / DELIVERED)


def read(folder: Path) -> Delivery | None:
    """Return the last complete upload, None if there was none or its file is damaged."""
    try:
        content = (folder / DELIVERED).read_bytes()
    except OSError:
        return None
    from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415 - 0.1 s, not to plan anew

    try:
        return TypeAdapter(Delivery).validate_json(content)
    except ValidationError:
        return None


def is_begun(folder: Path) -> bool:
    """Return whether a store may have results of this folder.

    An earlier version of bench kept no record, so it may have uploaded some.
    """
    meant = origin.read(folder)
    if meant is None or meant.identity is None:
        return True
    return meant.used_experiment is not None or read(folder) is not None


def n_undelivered(folder: Path) -> int | None:
    """Return of how many tasks results were not uploaded from this folder; None if unknown.

    It is unknown if an earlier version of bench, which kept no record, may have uploaded them.
    """
    found, journal = read(folder), Journal(folder)
    with suppress(TrackingError):
        if not journal.size():
            return 0
        if found is not None and found.size <= journal.size():
            return journal.n_tasks(found.size)
    return None
