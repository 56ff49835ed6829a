"""What the terminal shows, and the same as JSON."""

from __future__ import annotations
