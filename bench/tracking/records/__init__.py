"""Records: what stands on a run in MLflow, as plain data."""

from __future__ import annotations
