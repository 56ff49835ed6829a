"""The machine: its cores, limits, disturbances, and what it can measure."""

from __future__ import annotations
