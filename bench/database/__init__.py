"""``bench db``: direct access to MLflow's database with SQLAlchemy."""

from __future__ import annotations
