"""Waiting for what happens in another thread or process, on a machine however slow."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE_S = 120.0
"""Longer than anything takes that a test waits for, so a test that ends later shows a fault."""


def until(condition: Callable[[], object], patience_s: float = PATIENCE_S) -> None:
    """Return as soon as a condition holds; AssertionError where it does not in `patience_s`."""
    end = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < end, f"it did not happen within {patience_s:g} s"
        time.sleep(0.02)
