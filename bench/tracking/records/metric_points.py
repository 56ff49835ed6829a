"""Points: the metrics of a record as MLflow keeps them, which never forgets one."""

from __future__ import annotations

import math
from collections.abc import Mapping

from bench.tracking.records.record import Record

Point = tuple[str, float, int, int]
"""Name, value, timestamp in ms since the epoch, step."""


def metric_points(record: Record, known: Mapping[str, float], now_ms: int) -> list[Point]:
    """Return what is to be logged beside the latest values that a run has by name.

    A value that is there is not repeated. One that replaces another gets the present time: of
    the values of a step MLflow shows the latest. A series is new if it ends in another value. A
    mean that the record has no more (its name has no ``/``) becomes NaN: nothing can be deleted.
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
