"""What an analysis makes of results; tracking records it without knowing how it came about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from bench.model.results.result import Result

Steps = Sequence[tuple[int, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunMetrics:
    """Metrics by name, series of (step, value), files, and what they come to in Markdown.

    ``headline`` is the answer in a sentence, empty where there is none; ``tags`` say in a few words
    what the metrics come to, so that one can filter by it.
    ``columns`` are further columns of the table of results: their values by the task's key.
    """

    metrics: Mapping[str, float] = field(default_factory=dict)
    series: Mapping[str, Steps] = field(default_factory=dict)
    files: tuple[Path, ...] = ()
    description: str = ""
    columns: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    headline: str = ""


class MetricsBuilder(Protocol):
    """Makes summaries; ``everything`` has the result of each task that counts, of all settings."""

    def setting(self, subset: Sequence[Result], all_results: Sequence[Result]) -> RunMetrics:
        """Return what one setting came to; ``subset`` are its results, at least one."""
        ...

    def sweep(self, all_results: Sequence[Result]) -> RunMetrics:
        """Return what the whole sweep came to; there is at least one result."""
        ...


class NoMetrics:
    """Summaries with nothing in them."""

    def setting(self, subset: Sequence[Result], all_results: Sequence[Result]) -> RunMetrics:
        """Return nothing."""
        del subset, all_results
        return RunMetrics()

    def sweep(self, all_results: Sequence[Result]) -> RunMetrics:
        """Return nothing."""
        del all_results
        return RunMetrics()
