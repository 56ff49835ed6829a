"""Analysis: means, tests and comparisons over results; pure functions."""

from __future__ import annotations
