"""MLflow: the runs of a campaign written exactly once, and read back."""

from __future__ import annotations
