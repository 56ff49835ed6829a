"""``bench db``: MLflow's database read directly, over SQLAlchemy."""

from __future__ import annotations
