"""Callbacks of HiGHS."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from highspy import cb

from bench.model.limits import Clock
from bench.solvers.highs.events import Events


class Caller:
    """A HiGHS of some version that passes one line of its log on."""

    def __init__(self, major: int, minor: int) -> None:
        """Be of this version."""
        self.versionMajor = lambda: major
        self.versionMinor = lambda: minor
        self.startCallback = lambda _: None

    def setCallback(self, listener: Any, _: object) -> None:  # noqa: N802 - as HiGHS names it
        """Call at once."""
        listener(int(cb.HighsCallbackType.kCallbackLogging), "a line\n", None, None, None)


@pytest.mark.parametrize(("version", "printed"), [((1, 12), "a line\n"), ((1, 13), "")])
def test_a_log_that_highs_does_not_print_is_printed(
    version: tuple[int, int], printed: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Before 1.13, HiGHS prints no log that a callback receives; later it would be there twice."""
    highs: Any = Caller(*version)
    events = Events(highs, Clock.WALL, SimpleNamespace(), lambda _: None)  # type: ignore[arg-type]
    assert events.lines == ["a line\n"]
    assert capfd.readouterr().out == printed
