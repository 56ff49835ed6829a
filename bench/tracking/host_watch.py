"""The host watch: logs a measurement regularly during a campaign."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class HostWatch:
    """Calls ``log(milliseconds since the epoch, step)`` at intervals, in a separate thread.

    An error loses one point; a store that is temporarily down does not end the watch.
    """

    def __init__(self, log: Callable[[int, int], None], interval_s: float) -> None:
        """Begin; the first point is logged at once."""
        self._log = log
        self._interval_s = interval_s
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="bench-host", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the watch after the current point is logged."""
        self._stopped.set()
        self._thread.join()

    def _watch(self) -> None:
        step = 0
        while True:
            with suppress(Exception):
                self._log(round(time.time() * 1000), step)
            step += 1
            if self._stopped.wait(self._interval_s):
                return
