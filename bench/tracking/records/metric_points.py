"""Points: the metrics of a record in the form of MLflow, which never deletes one."""

from __future__ import annotations

import math
from collections.abc import Mapping

from bench.tracking.records.record import Record

Point = tuple[str, float, int, int]
"""Name, value, timestamp in ms since the epoch, step."""


def metric_points(record: Record, known: Mapping[str, float], now_ms: int) -> list[Point]:
    """Return the points to log, given the latest values of a run by name.

    An existing value is not repeated. A value that replaces another gets the present time, because
    MLflow shows the latest of the values of a step. A series is new if it ends in another value. A
    mean that the record no longer has (its name has no ``/``) becomes NaN, because nothing can be
    deleted.
    """
    single = [
        (name, value, now_ms if name in known else record.ended_ms, 0)
        for name, value in record.metrics.items()
        if known.get(name) != value
    ]
    series = [
        (name, value, when, step)
        for name, steps in record.series.items()
        if steps and known.get(name) != steps[-1][2]
        for when, step, value in steps
    ]
    kept = record.metrics.keys() | record.series.keys()
    gone = [
        (name, math.nan, now_ms, 0)
        for name in known
        if record.metrics and "/" not in name and name not in kept
    ]
    return single + series + gone
