"""Means, tests, intervals and power: numbers only, no idea of MIP."""

from __future__ import annotations
