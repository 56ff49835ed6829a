"""The standing of one setting: only data, cheap to import."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Standing:
    """The numbers of a setting, its conclusion in short, and the sentence with evidence."""

    metrics: dict[str, float]
    conclusion: str
    sentence: str
