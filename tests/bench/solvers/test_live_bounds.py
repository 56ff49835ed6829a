"""The bounds of a solve that is going on."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.model.results.solver_output import TracePoint
from bench.solvers import live_bounds
from bench.solvers.live_bounds import LiveBounds, read_bounds

FIRST = TracePoint(1.5, None, -1e300 / 3, 123456789)


def test_the_latest_point_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A short one leaves nothing of a long one."""
    monkeypatch.setattr(live_bounds, "EVERY_S", 0.0)
    live = LiveBounds(tmp_path / "bounds")
    assert read_bounds(tmp_path / "bounds") is None
    for point in (FIRST, TracePoint(2.0, 1.0, 0.5, 7, incumbent=True), TracePoint(3, 1, 1, 8)):
        live.show(point)
        assert read_bounds(tmp_path / "bounds") == point


def test_bounds_that_come_fast_are_passed_over_and_incumbents_are_not(tmp_path: Path) -> None:
    """Writing each of a thousand points a second would be time of the solver."""
    live = LiveBounds(tmp_path / "bounds")
    live.show(FIRST)
    live.show(TracePoint(1.6, None, 0.0, 2))
    assert read_bounds(tmp_path / "bounds") == FIRST
    incumbent = TracePoint(1.7, 3.0, 0.0, 3, incumbent=True)
    live.show(incumbent)
    assert read_bounds(tmp_path / "bounds") == incumbent


def test_a_folder_that_is_gone_costs_nothing(tmp_path: Path) -> None:
    """The solve goes on."""
    LiveBounds(tmp_path / "gone" / "bounds").show(FIRST)


@pytest.mark.parametrize("content", [b"", b"{", b"[1, 2]", b'{"time_s": 1}', b"\xff\xfe"])
def test_what_is_no_point_is_none(tmp_path: Path, content: bytes) -> None:
    """A solver may write anything there."""
    (tmp_path / "bounds").write_bytes(content)
    assert read_bounds(tmp_path / "bounds") is None


def test_links_and_folders_are_not_followed(tmp_path: Path) -> None:
    """They may lead anywhere."""
    LiveBounds(tmp_path / "real").show(FIRST)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert read_bounds(tmp_path / "link") is None
    assert read_bounds(tmp_path) is None
