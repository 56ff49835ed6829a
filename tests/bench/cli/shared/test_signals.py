"""Signals that end a command."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator

import pytest

from bench.cli.shared import signals


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    """Put back what handled the signals."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, *signals.AT_ONCE)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGINT, *signals.AT_ONCE])
def test_a_signal_interrupts_once(number: signal.Signals) -> None:
    """Those that follow at once do not disturb the tidying up."""
    signals.listen()
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(number)
    signal.raise_signal(number)
    signal.raise_signal(signal.SIGINT)


def test_a_later_signal_ends_a_process_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tidying up may wait for a server that does not answer."""
    ended: list[int] = []
    monkeypatch.setattr(os, "_exit", ended.append)
    signals.listen()
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
    later = time.monotonic() + signals.PATIENCE_S + 1
    monkeypatch.setattr(time, "monotonic", lambda: later)
    signal.raise_signal(signal.SIGINT)
    assert ended == [130]


def test_a_signal_that_is_ignored_stays_ignored() -> None:
    """Under nohup a sweep outlives its terminal."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signals.listen()
    signal.raise_signal(signal.SIGHUP)
