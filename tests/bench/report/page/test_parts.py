"""Parts of the page: thinned bounds, logs within their room, rows, conditions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest

from bench.comparison.compare import prepare
from bench.comparison.options import Options
from bench.comparison.sources import RecordedResults
from bench.model.results.solver_output import TracePoint
from bench.model.results.verdict import Category, Verdict
from bench.model.workspace import Workspace
from bench.report.figures.drawing import Scale
from bench.report.page.cells import MISSING
from bench.report.page.conditions import checks, conditions, disturbances
from bench.report.page.instances import bounds_drawings, longest, thinned
from bench.report.page.results import logs, result_rows, tail
from bench.report.page.settings import alone_rows, changes, ratio_ticks
from bench.report.page.side_by_side import side_by_side_rows

Make = Callable[..., RecordedResults]


def test_a_thinned_trace_keeps_its_ends_and_where_bounds_change() -> None:
    """Points at which nothing happens go first."""
    quiet = [TracePoint(float(t), 10.0, 1.0 if t < 50 else 2.0, n_nodes=t) for t in range(100)]
    kept = thinned(quiet, 10)
    assert [point.time_s for point in kept] == [0.0, 50.0, 99.0]
    busy = [TracePoint(float(t), 100.0 - t, 1.0, n_nodes=t) for t in range(1000)]
    kept = thinned(busy, 100)
    assert len(kept) == 100
    assert (kept[0], kept[-1]) == (busy[0], busy[-1])


def test_bounds_have_a_figure_an_instance(make: Make) -> None:
    """By name; the one that took longest is shown first."""
    recorded = make(["a", "b"])
    slow = recorded.results[2]
    late = replace(slow.answer, trace=(*slow.answer.trace, TracePoint(99.0, 8.0, 8.0, n_nodes=1)))
    results = (*recorded.results[:2], replace(slow, answer=late), *recorded.results[3:])
    assert list(bounds_drawings(results)) == ["gap-1", "gap-22", "tsp-333"]
    assert longest(results) == "gap-22"


def test_a_setting_has_the_same_colour_in_all_figures_of_the_page(make: Make) -> None:
    """Also on an instance of which another setting has no bounds."""
    recorded = make(["a", "b"])
    without = replace(recorded.results[0], answer=replace(recorded.results[0].answer, trace=()))
    results = (without, *recorded.results[1:])
    for drawing in bounds_drawings(results, ["b", "a"]).values():
        colours = {curve.name[0]: curve.colour for curve in drawing.figure.curves}
        assert colours.items() <= {("b", 0), ("a", 1)}
        assert {name for _, name in drawing.legend} == set(colours)


def test_imported_results_do_not_pass_for_stock_parameters(make: Make) -> None:
    """Nobody told which they had."""
    table = make(["a"]).table.assign(params="{}")
    assert {changed for _, _, changed in changes(table)} == {"none, stock parameters"}
    assert {changed for _, _, changed in changes(table.assign(instance_sha256=None))} == {MISSING}


def test_the_logs_of_failures_have_room_first(make: Make) -> None:
    """What has no room is counted."""
    recorded = make(["a"])
    results = list(recorded.results)
    results[4] = replace(results[4], verdict=Verdict(Category.CRASHED, "signal 11"))
    for one in results:
        one.folder.mkdir()
        (one.folder / "solver.log").write_text(f"log of {one.folder.name}\n")
    found = logs(results, room=20)
    assert list(found.tails) == [0, 4]
    assert found.n_left_out == 4


def test_a_log_that_is_not_there_is_empty(tmp_path: Path) -> None:
    """The folder of a sweep may have been tidied."""
    assert tail(Workspace(tmp_path)) == ""


def test_a_link_in_place_of_a_file_is_neither_shown_nor_kept(tmp_path: Path) -> None:
    """In a folder that was unpacked from an archive it may lead to any file."""
    (tmp_path / "private").write_text("a secret\n")
    workspace = Workspace(tmp_path)
    workspace.log.symlink_to("private")
    assert tail(workspace) == ""
    assert workspace.log not in workspace.kept
    workspace.log.unlink()
    workspace.log.write_text("a log\n")
    assert tail(workspace) == "a log"
    (tmp_path / "linked").symlink_to(tmp_path)
    assert tail(Workspace(tmp_path / "linked")) == ""


def test_results_have_dashes_where_nothing_is_known(make: Make) -> None:
    """A table of others has few columns."""
    table = make(["a"]).table
    bare = table.assign(**dict.fromkeys(("primal_bound", "gap", "solve_time_s"), float("nan")))
    found = result_rows(bare, logs([]))
    row = dict(zip(found.header, found.rows[0], strict=True))
    assert row["primal"] == row["gap"] == row["seconds"] == MISSING
    assert found.families[0] == "gap"


def test_a_single_setting_has_counts_and_a_mean(make: Make) -> None:
    """What is wrong is in no mean."""
    ((name, n, solved, limits, wrong, failed, mean),) = alone_rows(make(["a"], wrong="gap-1").table)
    assert (name, n, solved, limits, wrong, failed) == ("a", "6", "4", "0", "2", "0")
    assert 8 < float(mean) < 10


def test_conditions_say_what_the_numbers_stand_on(make: Make) -> None:
    """Extent, moment, solver, limits; not what is not known."""
    found = dict(conditions(make(["a", "b"]).table, [], None))
    assert found["results"] == "12 results, 3 instances, 2 settings, 2 seeds"
    assert found["executed"] == "2023-11-14 22:13 UTC"
    assert found["solvers"] == "scip 10"
    assert found["limits"].startswith("time 60 s")
    assert "machine" not in found


def test_disturbances_and_checks_are_counted(make: Make) -> None:
    """The most frequent first."""
    table = make(["a"], instances=["p"], seeds=3).table
    table["noise"] = ["x; 1.5 CPUs busy", "2 CPUs busy", None]
    assert disturbances(table) == (("1.5 to 2 CPUs busy", "2"), ("x", "1"))
    table["verification_level"] = ["1e-9", "none", None]
    table["verification_reader"] = "highs"
    table["verification_independent"] = [True, True, None]
    table["verification_exact"] = [True, False, None]
    table["verification_skipped"] = [None, None, "no solution"]
    table["one_reader"] = [False, None, True]
    assert {(what, how) for what, how, _ in checks(table)} == {
        ("feasible to 1e-9", "exact arithmetic, instance read by highs"),
        ("not feasible", "double precision, instance read by highs"),
        ("not checked", "no solution; one reader: no other solver reads the file"),
    }


@pytest.mark.parametrize(
    "ends",
    [(0.9, 2.0), (0.05, 20), (0.93, 1.04), (0.2, 1.0), (0.999, 1.0005), (1.0, 1.0), (1, 1e6)],
)
def test_ratios_have_an_axis_with_numbers(ends: tuple[float, float]) -> None:
    """Round ones, with room beside each other, 1 among them."""
    ticks = ratio_ticks(Scale.of([1.0, *ends], 0.0, 100.0, log=True))
    assert "1" in [tick.label.removesuffix(".0") for tick in ticks]
    places = [tick.at for tick in ticks]
    assert all(right - left >= 20 for left, right in pairwise(places))
    assert 2 <= len(ticks) <= 6


def test_columns_beyond_the_room_are_left_out(make: Make) -> None:
    """The measure that is compared is there in any case, first."""
    recorded = make(["a", "b"])
    options = Options(n_resamples=100, measure="nodes")
    ready = prepare(recorded.table, options)
    for room, n in ((0, 1), (13, 2), (18, 3)):
        found = side_by_side_rows(recorded.table, ready, options, room)
        assert len(found.columns) == n
        assert found.columns[0].label == "nodes"


@pytest.mark.parametrize(
    ("base", "new", "limited", "colour"),
    [
        (10.0, 10.9, "", ""),
        (10.0, 12.0, "", "worse"),
        (10.0, 25.0, "", "worse far"),
        (10.0, 8.0, "", "better"),
        (10.0, 4.0, "", "better far"),
        (10.0, 60.0, "new", "worse far"),
        (60.0, 31.0, "base", "better"),
        (60.0, 60.0, "base", ""),
    ],
)
def test_a_ratio_is_coloured_by_what_is_known(
    base: float, new: float, limited: str, colour: str
) -> None:
    """Not where it is near 1, or where a limit leaves open which is better."""
    table = pd.DataFrame(
        [
            {
                "instance": "p",
                "setting": name,
                "verdict": "limit" if name == limited else "solved",
                "termination": "time" if name == limited else "normal",
                "solve_time_s": time,
                "time_limit_s": 60.0,
            }
            for name, time in (("base", base), ("new", new))
        ]
    )
    options = Options(n_resamples=100, baseline="base")
    found = side_by_side_rows(table, prepare(table, options), options)
    assert found.columns[0].cells[0][1].colour == colour
