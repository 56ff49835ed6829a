"""Executing tasks: executors, and who checks instances and solutions."""

from __future__ import annotations
