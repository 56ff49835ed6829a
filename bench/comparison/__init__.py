"""Comparing settings: tables, costs, subsets, the gate, and the conclusion."""

from __future__ import annotations
