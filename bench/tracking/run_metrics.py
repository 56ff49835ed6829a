"""The analysis of results for MLflow; tracking records it without knowing how it was made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from bench.model.results.result import Result

Steps = Sequence[tuple[int, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunMetrics:
    """Metrics by name, series of (step, value), files, and a summary in Markdown.

    ``headline`` is the conclusion in a sentence, empty if there is none; ``tags`` are short texts
    about the metrics for filters. ``columns`` are further columns of the table of results: their
    values by the task's key.
    """

    metrics: Mapping[str, float] = field(default_factory=dict)
    series: Mapping[str, Steps] = field(default_factory=dict)
    files: tuple[Path, ...] = ()
    description: str = ""
    columns: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    headline: str = ""


class MetricsBuilder(Protocol):
    """Builds summaries; ``all_results`` has the result that counts for each task."""

    def setting(self, subset: Sequence[Result], all_results: Sequence[Result]) -> RunMetrics:
        """Return the summary of one setting; ``subset`` are its results, at least one.

        ``all_results`` is empty if the setting does not count.
        """
        ...

    def sweep(self, all_results: Sequence[Result]) -> RunMetrics:
        """Return the summary of the whole sweep; there is at least one result."""
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
