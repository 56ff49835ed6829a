"""The files of the work folder: results, the plan, and their store."""

from __future__ import annotations
