"""Stores: their addresses, whether they answer, and how runs are known again."""

from __future__ import annotations
