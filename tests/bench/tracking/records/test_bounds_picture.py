"""The picture of both bounds at the top of a task's page."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from bench.model.results.result import Result
from bench.model.results.solver_output import TracePoint
from bench.tracking.records.bounds_picture import PICTURE, bounds_picture
from bench.tracking.records.descriptions import with_picture
from bench.tracking.records.record import task_record

MakeResult = Callable[..., Result]
VISIBLE = 100
"""Pixels of a description that MLflow's page shows before "Show more"."""
LINE = 24


def traced(result: Result, points: Sequence[tuple[float, float | None, float | None]]) -> Result:
    """Return the result with these (seconds, primal bound, dual bound)."""
    trace = tuple(TracePoint(*point, n_nodes=0) for point in points)
    return replace(result, answer=replace(result.answer, trace=trace))


def test_verdict_and_picture_are_in_the_visible_part_of_the_page(result: Result) -> None:
    """One line of text, an empty line, and the picture fit into what is not clipped."""
    record = task_record(result)
    assert record.picture == PICTURE
    lines = with_picture(record.description, record.picture, "RUN").splitlines()
    assert lines[0].startswith("**solved**: ")
    assert lines[2] == f"![Bounds over time](get-artifact?path={PICTURE}&run_uuid=RUN)"
    picture = ET.fromstring(record.texts[PICTURE])  # noqa: S314 - our own
    assert LINE + int(picture.attrib["height"]) <= VISIBLE


def test_both_bounds_are_drawn_and_named_with_their_last_value(result: Result) -> None:
    """The larger one above; time from 0 to the end."""
    found = bounds_picture(traced(result, [(0.0, 20.0, 1.0), (2.0, 12.5, 8.0), (4.0, 10.0, 10.0)]))
    texts = re.findall(">([^<]+)</text>", found)
    assert texts == ["primal bound 10", "dual bound 10", "0 s", "4 s"]
    assert found.count("<path") == 3
    assert len(set(re.findall('stroke="([^"]+)"', found))) == 3


def test_a_first_bound_far_away_does_not_flatten_the_others(result: Result) -> None:
    """It stands at the edge; what is drawn stays within the picture."""
    points = [(0.0, 1e9, 0.0), (2.0, 12.0, 8.0), (4.0, 11.0, 9.0)]
    heights = re.findall(r"V(-?[\d.]+)", bounds_picture(traced(result, points)))
    assert all(0 <= float(each) <= VISIBLE for each in heights)
    assert len(set(heights)) > 2


@pytest.mark.parametrize(
    "points",
    [
        [],
        [(1.0, None, None), (2.0, None, None)],
        [(0.0, 5.0, 5.0)],
        [(1.0, math.inf, -1e20), (2.0, 1e20, -math.inf)],
        [(0.0, 5.0, 4.0), (0.0, 5.0, 5.0)],
    ],
)
def test_without_bounds_at_two_moments_there_is_no_picture(
    result: Result, points: list[tuple[float, float | None, float | None]]
) -> None:
    """An empty frame would say nothing."""
    assert bounds_picture(traced(result, points)) == ""
    record = task_record(traced(result, points))
    assert (record.picture, PICTURE in record.texts) == ("", False)
    assert "![" not in with_picture(record.description, record.picture, "RUN")


def test_a_long_trace_makes_a_small_picture(result: Result) -> None:
    """It is read with every page."""
    points = [(n / 10, 1000.0 - n, float(n) / 7) for n in range(20_000)]
    assert len(bounds_picture(traced(result, points))) < 4000
