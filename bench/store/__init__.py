"""Stores: their addresses, whether they answer, and the keys of their runs."""

from __future__ import annotations
