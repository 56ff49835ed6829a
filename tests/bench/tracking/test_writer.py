"""The writer thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bench.errors import TrackingError
from bench.model.instance import Instance
from bench.tracking import writer as module
from bench.tracking.instance_set import InstanceSet
from bench.tracking.record import Record
from bench.tracking.writer import Writer

_INSTANCES = InstanceSet.of("visible", [Instance(name="a", path=Path("/a.mps"))])


class _Store:
    """Keeps what it is asked for; raises the errors it was given, one a call."""

    def __init__(self, *errors: Exception | None) -> None:
        self.calls: list[str] = []
        self._errors: Iterator[Exception | None] = iter(errors)

    def open_setting(self, record: Record) -> str:
        self._call(f"open {record.name}")
        return f"id of {record.name}"

    def add_task(self, record: Record, parent_id: str | None) -> str:
        self._call(f"add {record.name} to {parent_id}")
        return "task"

    def close_setting(self, run_id: str, record: Record, status: str | None = None) -> None:
        self._call(f"close {run_id} as {status or record.status}")

    def log_dataset(self, run_id: str, instances: InstanceSet) -> None:
        self._call(f"dataset {instances.name} of {run_id}")

    def _call(self, text: str) -> None:
        error = next(self._errors, None)
        if error is not None:
            raise error
        self.calls.append(text)


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PAUSES_S", (0.0, 0.0))


def _record(name: str) -> Record:
    return Record(name=name, params={}, metrics={}, tags={}, started_ms=0, ended_ms=0)


def _down(reason: str = "server down") -> TrackingError:
    return TrackingError(reason)


def test_jobs_are_done_in_order_beneath_their_setting() -> None:
    """Opening, dataset, tasks, end."""
    store = _Store()
    writer = Writer(lambda: store)
    run = writer.open_setting(_record("s"), _INSTANCES)
    writer.add_task(_record("t1"), run)
    writer.add_task(_record("t2"))
    writer.close_setting(run, _record("s"), "KILLED")
    assert writer.close() == 0
    assert store.calls == [
        "open s",
        "dataset visible of id of s",
        "add t1 to id of s",
        "add t2 to None",
        "close id of s as KILLED",
    ]


def test_a_failure_that_passes_costs_nothing() -> None:
    """A database locked for a moment is tried again."""
    store = _Store(_down(), _down())
    writer = Writer(lambda: store)
    writer.add_task(_record("t"))
    _wait_for(writer)
    assert writer.close() == 0
    assert store.calls == ["add t to None"]


def test_a_job_given_up_is_named_and_the_next_ones_are_done() -> None:
    """One bad record does not stop the others."""
    store = _Store(_down("bad"), _down("bad"), _down("bad"))
    writer = Writer(lambda: store)
    writer.add_task(_record("t1"))
    writer.add_task(_record("t2"))
    _wait_for(writer)
    assert writer.close() == 1
    assert writer.failures == ("t1: bad",)
    assert store.calls == ["add t2 to None"]


def test_an_unexpected_error_does_not_end_the_thread() -> None:
    """Whatever MLflow raises, the campaign goes on."""
    store = _Store(*[ValueError("odd")] * 3)
    writer = Writer(lambda: store)
    writer.add_task(_record("t1"))
    writer.add_task(_record("t2"))
    _wait_for(writer)
    writer.close()
    assert writer.failures == ("t1: ValueError('odd')",)
    assert store.calls == ["add t2 to None"]


def test_a_setting_that_could_not_be_opened_is_opened_with_its_task() -> None:
    """The server came up a little later."""
    store = _Store(*[_down()] * 3)
    writer = Writer(lambda: store)
    run = writer.open_setting(_record("s"))
    writer.add_task(_record("t"), run)
    _wait_for(writer)
    writer.close()
    assert store.calls == ["open s", "add t to id of s"]


def test_a_setting_is_opened_once_even_if_its_dataset_fails() -> None:
    """The dataset is tried again by itself."""
    store = _Store(None, _down())
    writer = Writer(lambda: store)
    writer.open_setting(_record("s"), _INSTANCES)
    _wait_for(writer)
    assert writer.close() == 0
    assert store.calls == ["open s", "dataset visible of id of s"]


def test_a_connection_is_tried_again_with_every_job() -> None:
    """The sweep begins while the server is still down."""
    store = _Store()
    attempts: list[int] = []

    def connect() -> _Store:
        attempts.append(1)
        if len(attempts) < 3:
            raise _down()
        return store

    writer = Writer(connect)
    writer.add_task(_record("t"))
    _wait_for(writer)
    assert writer.close() == 0
    assert store.calls == ["add t to None"]


def test_the_first_failure_is_reported_once_and_at_once() -> None:
    """The user can start the server while the sweep goes on."""
    heard: list[str] = []

    def connect() -> _Store:
        raise _down("nobody there")

    writer = Writer(connect, heard.append)
    writer.add_task(_record("t1"))
    writer.add_task(_record("t2"))
    assert writer.close() == 2
    assert heard == ["nobody there"]


def test_closing_waits_no_longer_than_it_may() -> None:
    """What is not done then counts as not delivered."""
    release = threading.Event()

    def connect() -> _Store:
        release.wait(10)
        return _Store()

    writer = Writer(connect)
    writer.add_task(_record("t1"))
    writer.add_task(_record("t2"))
    assert writer.close(timeout_s=0.05) == 2
    release.set()


def test_closing_shows_how_many_are_left() -> None:
    """Down to none."""
    heard: list[int] = []
    writer = Writer(_Store)
    for number in range(5):
        writer.add_task(_record(str(number)))
    writer.close(progress=heard.append)
    assert heard == sorted(heard, reverse=True)
    assert heard[-1] == 0


def test_asking_never_waits_for_the_store() -> None:
    """Not even while it connects."""
    release = threading.Event()
    connect: Callable[[], _Store] = lambda: (release.wait(10), _Store())[1]  # noqa: E731
    writer = Writer(connect)
    for number in range(100):
        writer.add_task(_record(str(number)))
    assert writer.n_waiting == 100
    release.set()
    assert writer.close() == 0


def _wait_for(writer: Writer) -> None:
    pause = threading.Event()
    for _ in range(1000):
        if not writer.n_waiting:
            return
        pause.wait(0.01)
