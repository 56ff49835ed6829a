"""Records: the content of MLflow runs, as plain data."""

from __future__ import annotations
