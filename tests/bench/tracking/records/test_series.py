"""What went on during a task."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.model.results.process_stats import Sample
from bench.model.results.result import Result
from bench.tracking.records.series import task_series


def test_samples_become_system_metrics_with_true_times(result: Result) -> None:
    """Memory and CPU of the process, and the load of the host where it is known."""
    execution = replace(result.execution, started_at=100.0, samples=(Sample(0.5, 50.0, 99.0, 1.5),))
    series = task_series(replace(result, execution=execution))
    assert series["system/process_rss_mib"] == [(100_500, 0, 50.0)]
    assert series["system/process_cpu_percent"] == [(100_500, 0, 99.0)]
    assert series["system/host_load"] == [(100_500, 0, 1.5)]


def test_what_was_not_measured_is_no_series(result: Result) -> None:
    """An empty chart says nothing."""
    assert "system/host_load" not in task_series(result)


@pytest.mark.parametrize(("wall_s", "n_points"), [(0.6, 17), (10.0, 44), (3600.0, 120)])
def test_recording_a_short_task_is_cheap(result: Result, wall_s: float, n_points: int) -> None:
    """A long one may have more points."""
    samples = tuple(Sample(step / 10, 50.0, 99.0) for step in range(1000))
    execution = replace(result.execution, wall_s=wall_s, samples=samples)
    series = task_series(replace(result, execution=execution))["system/process_rss_mib"]
    assert len(series) == n_points
    assert (series[0][1], series[-1][1]) == (0, 999)
