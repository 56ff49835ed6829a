"""Anonymous copies of problem files: new names, the same numbers in the same order."""

from __future__ import annotations
