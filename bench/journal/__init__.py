"""What lies in the work folder: results, the plan, and where they belong."""

from __future__ import annotations
