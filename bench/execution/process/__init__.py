"""One process per task: launched, limited, measured, cleaned up."""

from __future__ import annotations
