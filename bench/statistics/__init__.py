"""Means, tests, intervals and power: functions of numbers that know nothing about MIP."""

from __future__ import annotations
