"""Tracking: the journal, and MLflow behind it."""
