"""Servers that answer too slowly, or with anything but what MLflow says."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from bench.app.campaign.attached_run import AttachedRun
from bench.app.campaign.delivery import connect_to_mlflow, deliver
from bench.app.campaign.target import Target
from bench.app.sync import SyncOptions, sync
from bench.errors import TrackingError
from bench.report.listener import Listener
from bench.store.experiment import NOTHING_ASKED
from bench.tracking import patience
from bench.tracking.background_sync import BackgroundSync, mlflow_connection
from bench.tracking.patience import Patience, SlowServerError
from bench.tracking.record_store import RecordStore
from bench.tracking.records.record import Record
from bench.tracking.run_metrics import NoMetrics
from tests.commands import Run
from tests.servers import answering
from tests.waiting import PATIENCE_S

MakeCampaign = Callable[..., Path]

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
SLOW = (HEAD, b"X-Filler: ", b"x")
"""A byte now and then: no single wait is too long."""


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "QUIET_S", 0.3)
    monkeypatch.setattr(patience, "PER_RESULT_S", 0.0)
    monkeypatch.setattr("bench.tracking.background_sync._LAST_PAUSES_S", (0.01, 0.01))


def test_a_slow_server_does_not_hold_the_end_of_a_command(make_campaign: MakeCampaign) -> None:
    """What it has not got is delivered later."""
    with answering(*SLOW, pause_s=0.05, endless=True) as uri:
        began = time.monotonic()
        background_sync = BackgroundSync(make_campaign(), mlflow_connection(uri, None), NoMetrics())
        assert background_sync.close(Patience.with_server(uri, 7)) == 7
        assert time.monotonic() - began < PATIENCE_S
    (reason,) = background_sync.failures
    assert reason.startswith(f"MLflow at {uri}: the server answers too slowly, and bench gave up")


def test_a_slow_server_does_not_hold_a_delivery(make_campaign: MakeCampaign) -> None:
    """As ``bench sync``, ``import`` and ``check`` deliver."""
    folder = make_campaign()
    with (
        answering(*SLOW, pause_s=0.05, endless=True) as uri,
        pytest.raises(TrackingError, match="answers too slowly"),
    ):
        deliver(folder, Target(uri, NOTHING_ASKED), connect_to_mlflow, Listener())


def test_a_server_that_was_given_up_is_not_asked_again(
    make_campaign: MakeCampaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By ``bench sync``, which names each campaign that is not delivered."""
    asked = []

    def connect(where: Target, campaign_id: str | None) -> RecordStore:
        asked.append(where.uri)
        return connect_to_mlflow(where, campaign_id)

    monkeypatch.setattr("bench.app.sync.connect_to_mlflow", connect)
    folder = make_campaign("one")
    make_campaign("two")
    with answering(*SLOW, pause_s=0.05, endless=True) as uri:
        found = sync(SyncOptions(work_dir=folder.parent, tracking_uri=uri))
    assert ["answers too slowly" in problem for problem in found.problems] == [True, True]
    assert asked == [uri]


def test_a_slow_server_does_not_hold_the_run_of_mlflow() -> None:
    """Which a command that compares or checks fills at its end."""
    record = Record(
        name="compared", started_ms=0, ended_ms=0, status="FINISHED", params={}, metrics={}, tags={}
    )
    with (
        answering(*SLOW, pause_s=0.05, endless=True) as uri,
        pytest.raises(TrackingError, match="answers too slowly"),
    ):
        AttachedRun(Target(uri, NOTHING_ASKED), Listener()).fill(record)


def test_a_slow_server_does_not_hold_a_command_that_reads(bench: Run, tmp_path: Path) -> None:
    """It ends with one line, for each way to read from a server."""
    version = tmp_path / "out.html"
    commands = (
        ("compare", "--experiment-name", "x"),
        ("statistics", "--experiment-name", "x"),
        ("report", "--experiment-name", "x", "--output", version),
        ("export", "--experiment-name", "x", "--output", tmp_path / "out.csv"),
        ("check", "--experiment-name", "x"),
        ("statistics", "--run-id", "0" * 32),
        ("promote", "model", "1", "--alias", "best"),
    )
    with answering(*SLOW, pause_s=0.05, endless=True) as uri:
        for words in commands:
            began = time.monotonic()
            ended = bench(*words, "--tracking-uri", uri, code=1)
            assert time.monotonic() - began < PATIENCE_S
            assert ended.err.splitlines()[-1].startswith(
                f"Error: MLflow at {uri}: the server answers too slowly, and bench gave up"
            )


def test_all_that_is_read_has_a_limit_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers that come in time one by one do not go on for ever."""
    monkeypatch.setattr(patience, "QUIET_S", 60.0)
    monkeypatch.setattr(patience, "READING_S", 60.0)
    client = patience.PatientClient(SimpleNamespace(ask=time.sleep, name="x"), "http://a")
    assert client.name == "x"
    for _ in range(2):
        client.ask(0.01)
    client._end = time.monotonic() + 0.1
    with pytest.raises(SlowServerError, match="answers too slowly"):
        client.ask(2.0)


def test_a_slow_database_does_not_hold_a_command_that_reads(bench: Run) -> None:
    """It listens, and never answers as PostgreSQL does."""
    with answering(b"N", b"R", pause_s=0.05, endless=True) as uri:
        address = uri.replace("http://", "postgresql://bench@") + "/mlflow"
        for words in (("runs",), ("tables",), ("query", "select 1"), ("schema", "runs")):
            ended = bench("db", *words, "--tracking-uri", address, code=1)
            assert ended.err.count("\n") == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\0\1\2\3",
        b"220 mail.example.org ESMTP\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
        HEAD + b"Content-Length: 7\r\n\r\nno json",
        HEAD + b"Content-Length: 2\r\n\r\n[]",
        b"HTTP/1.1 400 Bad\r\nContent-Length: 2\r\n\r\n{}",
        HEAD + b"Content-Length: 4\r\n\r\nnull",
        b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>",
        b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 6\r\n\r\n<html>",
        b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 429 Slow down\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 407 Proxy\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
    ],
)
def test_what_is_no_answer_of_mlflow_is_one_line_that_says_what_to_do(answer: bytes) -> None:
    """Never the words of a library about its connections and parsers."""
    with answering(answer) as uri, pytest.raises(TrackingError) as caught:
        mlflow_connection(uri, None)()
    said = str(caught.value)
    assert said.startswith(f"MLflow at {uri}: ")
    assert "\n" not in said
    for word in ("exception", "HTTPConnection", "Error(", "line 1 column", "object", "Max retries"):
        assert word not in said
