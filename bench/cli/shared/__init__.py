"""What several commands share: options, progress, and the steps they take."""

from __future__ import annotations
