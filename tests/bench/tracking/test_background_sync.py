"""The courier thread."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.errors import TrackingError
from bench.journal.journal import Journal
from bench.tracking import background_sync as module
from bench.tracking import patience
from bench.tracking.background_sync import BackgroundSync
from bench.tracking.patience import Patience
from bench.tracking.run_metrics import NoMetrics
from tests.waiting import PATIENCE_S, until

MakeCampaign = Callable[..., Path]
MakeStore = Callable[..., Any]


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr(module, "_LONGEST_PAUSE_S", 0.02)
    monkeypatch.setattr(module, "_LAST_PAUSES_S", (0.01, 0.01))
    monkeypatch.setattr(patience, "_POLL_S", 0.01)


def _kinds(store: Any) -> Counter[tuple[str, str]]:
    return Counter((kind, status) for kind, _, status in store.kinds())


def _down() -> Any:
    raise TrackingError("server down")


def test_results_arrive_while_the_campaign_goes_on(
    make_campaign: MakeCampaign, make_store: MakeStore
) -> None:
    """Rows are there from the start, tasks as they come."""
    store, folder = make_store(), make_campaign(n_results=0)
    results = list(Journal(make_campaign("same")).results())
    background_sync = BackgroundSync(folder, lambda: store, NoMetrics())
    until(lambda: _kinds(store)["setting", "RUNNING"] == 2)
    with Journal(folder) as journal:
        for number, result in enumerate(results, start=1):
            journal.add(result)
            background_sync.notify()
            until(lambda number=number: _kinds(store)["task", "FINISHED"] == number)  # type: ignore[misc]
    assert background_sync.close() == 0
    assert set(background_sync.record_ids) == {"a", "b"}
    assert {status for _, status in _kinds(store)} == {"FINISHED"}


def test_a_store_that_comes_up_later_gets_everything(
    make_campaign: MakeCampaign, make_store: MakeStore
) -> None:
    """It is said once that it was away, and once that it is back."""
    store, attempts = make_store(), iter(range(100))
    heard: list[str] = []

    def connect() -> Any:
        return _down() if next(attempts) < 5 else store

    background_sync = BackgroundSync(
        make_campaign(),
        connect,
        NoMetrics(),
        on_failure=heard.append,
        on_recovery=lambda: heard.append("back"),
    )
    until(lambda: "back" in heard)
    assert background_sync.n_waiting == 1
    assert heard == ["server down", "back"]
    assert background_sync.close() == 0
    assert background_sync.failures == ()


def test_a_store_that_goes_away_in_the_middle_gets_the_rest_later(
    make_campaign: MakeCampaign, make_store: MakeStore
) -> None:
    """Nothing twice."""
    store = make_store(*["none"] * 5, *["lost", "unanswered", "half"] * 4)
    background_sync = BackgroundSync(make_campaign(), lambda: store, NoMetrics())
    until(lambda: background_sync.n_waiting == 1)
    assert background_sync.close() == 0
    assert _kinds(store)["task", "FINISHED"] == 6


def test_what_is_abandoned_ends_after_the_result_at_hand(
    make_campaign: MakeCampaign, make_store: MakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody writes any more once the journal's lock is free; the rest is delivered later."""
    store, folder = make_store(), make_campaign()
    add_task, writing, going_on = type(store).add_task, threading.Event(), threading.Event()

    def slow(*arguments: Any) -> Any:
        writing.set()
        assert going_on.wait(PATIENCE_S)
        return add_task(*arguments)

    monkeypatch.setattr(type(store), "add_task", slow)
    heard: list[str] = []
    background_sync = BackgroundSync(folder, lambda: store, NoMetrics(), on_failure=heard.append)
    assert writing.wait(PATIENCE_S)
    threading.Timer(0.05, going_on.set).start()
    background_sync.abandon()
    assert not background_sync._thread.is_alive()
    assert heard == []
    assert _kinds(store)["task", "FINISHED"] == 1
    assert BackgroundSync(folder, lambda: store, NoMetrics()).close() == 0
    assert _kinds(store)["task", "FINISHED"] == 6


def test_a_store_that_stays_away_is_given_up_soon(make_campaign: MakeCampaign) -> None:
    """The number tells what `bench sync` has to deliver: six results, and the end."""
    background_sync = BackgroundSync(make_campaign(), _down, NoMetrics())
    assert background_sync.close() == 7
    assert background_sync.failures == ("server down",)
    assert background_sync.record_ids == {}


def test_a_result_that_is_refused_is_named_at_the_end(
    make_campaign: MakeCampaign, make_store: MakeStore
) -> None:
    """The others are there all the same."""
    store = make_store(*["none"] * 3, "refused", *["none"] * 6, "refused")
    background_sync = BackgroundSync(make_campaign(), lambda: store, NoMetrics())
    until(lambda: background_sync.n_waiting == 1)
    assert background_sync.close() == 1
    assert background_sync.failures == ("refused",)
    assert _kinds(store)["task", "FINISHED"] == 5


def test_an_unexpected_error_does_not_end_the_thread(
    make_campaign: MakeCampaign, make_store: MakeStore
) -> None:
    """Whatever MLflow raises, the campaign goes on."""
    store, errors = make_store(), iter([ValueError("odd")])

    def connect() -> Any:
        for error in errors:
            raise error
        return store

    heard: list[str] = []
    background_sync = BackgroundSync(make_campaign(), connect, NoMetrics(), on_failure=heard.append)
    until(lambda: background_sync.n_waiting == 1)
    assert background_sync.close() == 0
    assert heard == ["ValueError('odd')"]


def test_closing_waits_no_longer_than_it_may(
    make_campaign: MakeCampaign, make_store: MakeStore
) -> None:
    """What is not done then counts as not delivered."""
    release = threading.Event()

    def connect() -> Any:
        release.wait(PATIENCE_S)
        return make_store()

    background_sync = BackgroundSync(make_campaign(), connect, NoMetrics())
    assert background_sync.close(Patience(uri="http://host", quiet_s=0.05, total_s=9)) == 7
    assert "the server answers too slowly" in background_sync.failures[0]
    release.set()


def test_a_store_that_gets_ahead_slowly_has_no_end_of_time(
    make_campaign: MakeCampaign, make_store: MakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each answer comes in time, all of them do not; nothing is asked after the present one."""
    store = make_store()
    add_task = type(store).add_task

    def slow(*arguments: Any) -> Any:
        time.sleep(0.1)
        return add_task(*arguments)

    monkeypatch.setattr(type(store), "add_task", slow)
    background_sync = BackgroundSync(make_campaign(), lambda: store, NoMetrics())
    missing = background_sync.close(Patience(uri="http://host", quiet_s=5, total_s=0.25))
    assert 1 < missing <= 7
    background_sync._thread.join(PATIENCE_S)
    assert _kinds(store)["task", "FINISHED"] < 6
    monkeypatch.undo()
    assert BackgroundSync(make_campaign(), lambda: store, NoMetrics()).close() == 0


def test_hearing_of_a_result_never_waits_for_the_store(make_campaign: MakeCampaign) -> None:
    """Not even while it connects."""
    release = threading.Event()
    background_sync = BackgroundSync(
        make_campaign(), lambda: (release.wait(PATIENCE_S), _down())[1], NoMetrics()
    )
    start = time.monotonic()
    for _ in range(100):
        background_sync.notify()
    assert time.monotonic() - start < PATIENCE_S / 2
    release.set()
    background_sync.close()


def test_closing_shows_how_many_are_left(
    make_campaign: MakeCampaign, make_store: MakeStore
) -> None:
    """Down to none."""
    heard: list[int] = []
    background_sync = BackgroundSync(make_campaign(), make_store, NoMetrics())
    background_sync.close(progress=heard.append)
    assert heard == sorted(heard, reverse=True)
    assert heard[-1] == 0


def test_a_stopped_campaign_is_closed_as_killed(
    make_campaign: MakeCampaign, make_store: MakeStore
) -> None:
    """Not even one result came."""
    store = make_store()
    background_sync = BackgroundSync(make_campaign(n_results=0), lambda: store, NoMetrics())
    assert background_sync.close() == 0
    assert _kinds(store) == {("setting", "KILLED"): 2, ("sweep", "KILLED"): 1}


def test_system_metrics_are_logged_as_long_as_the_campaign_goes_on(
    make_campaign: MakeCampaign, make_store: MakeStore
) -> None:
    """To the sweep and its settings; they are over before the runs are closed."""
    store = make_store()
    background_sync = BackgroundSync(
        make_campaign(), lambda: store, NoMetrics(), system_metrics=True
    )
    until(lambda: background_sync.n_waiting == 1)
    background_sync.close()
    after = store.log[store.log.index("watch no more") :]
    assert [line.split()[0] for line in after] == ["watch", "close", "close", "close"]
