"""Executing tasks: executors, and the choice of the solvers that check instances and solutions."""

from __future__ import annotations
