"""What several commands share: options, how they become objects, and what the terminal hears."""

from __future__ import annotations
