"""MLflow: write the runs of a campaign exactly once, and read them back."""

from __future__ import annotations
