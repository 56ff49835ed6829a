"""Execute ``bench`` and write down when each of its steps began and ended.

::

    python benchmarks/ways/bench_timed.py events.json run instances/ --jobs 1

The first task waits until MLflow is connected, so that start-up and tasks stand apart. An event
is (step, instance, start, end) in seconds since the epoch. ``bench`` itself is the main module, as
a process of a task loads that again.
"""

from __future__ import annotations

import functools
import json
import runpy
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.execution.process.launch import LaunchedTask
from bench.journal.journal import Journal
from bench.tracking.mlflow_store import MlflowStore

CONNECTED = threading.Event()
PATIENCE_S = 120.0
EVENTS: list[tuple[str, str, float, float]] = []


def timed(step: str, function: Callable[..., Any], name: Callable[..., str]) -> Callable[..., Any]:
    """Return the function with an event for each call; ``name`` gets its arguments."""

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        start = time.time()
        try:
            return function(*args, **kwargs)
        finally:
            EVENTS.append((step, name(*args, **kwargs), start, time.time()))

    return wrapper


def announced(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function, after whose first call the tasks may start."""

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        finally:
            CONNECTED.set()

    return wrapper


def waiting(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function, which waits for MLflow before its first call."""

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        CONNECTED.wait(PATIENCE_S)
        return function(*args, **kwargs)

    return wrapper


def wrap() -> None:
    """Put the events in."""
    task: Any = LaunchedTask
    task.__init__ = waiting(timed("launch", task.__init__, lambda _, o: o.task.instance.name))
    journal: Any = Journal
    journal.add = timed("journal", journal.add, lambda _, result: result.task.instance.name)
    store: Any = MlflowStore
    store.open_setting = announced(store.open_setting)
    store.add_task = timed("record", store.add_task, lambda _, r, *__: r.params["instance"])


if __name__ == "__main__":
    wrap()
    events, sys.argv = Path(sys.argv[1]), ["bench", *sys.argv[2:]]
    try:
        runpy.run_module("bench", run_name="__main__", alter_sys=True)
    finally:
        events.write_text(json.dumps(EVENTS))
