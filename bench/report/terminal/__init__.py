"""Output for the terminal, and the same data as JSON."""

from __future__ import annotations
