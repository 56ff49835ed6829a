"""What an analysis makes of results; tracking records it without knowing how it came about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from bench.model.result import Result

Steps = Sequence[tuple[int, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Metrics by name, series of (step, value), files, and what they come to in Markdown.

    ``columns`` are further columns of the table of results: their values by the task's key.
    """

    metrics: Mapping[str, float] = field(default_factory=dict)
    series: Mapping[str, Steps] = field(default_factory=dict)
    files: tuple[Path, ...] = ()
    description: str = ""
    columns: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


class Analysis(Protocol):
    """Makes summaries; ``everything`` has the newest result of each task, of all settings."""

    def setting(self, own: Sequence[Result], everything: Sequence[Result]) -> Summary:
        """Return what one setting came to; ``own`` are its results, at least one."""
        ...

    def sweep(self, everything: Sequence[Result]) -> Summary:
        """Return what the whole sweep came to; there is at least one result."""
        ...


class NoAnalysis:
    """Summaries with nothing in them."""

    def setting(self, own: Sequence[Result], everything: Sequence[Result]) -> Summary:
        """Return nothing."""
        del own, everything
        return Summary()

    def sweep(self, everything: Sequence[Result]) -> Summary:
        """Return nothing."""
        del everything
        return Summary()
