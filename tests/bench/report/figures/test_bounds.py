"""The figure of an instance's bounds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench.model.instances.instance import Instance
from bench.model.results.process_stats import ProcessStats, Termination
from bench.model.results.result import Result
from bench.model.results.solver_output import SolverOutput, TracePoint
from bench.model.results.verdict import Category, Verdict
from bench.model.setting import Setting
from bench.model.task import Task
from bench.report.figures.bounds import bounds_figure

TRACE = (
    TracePoint(time_s=0.0, primal_bound=None, dual_bound=-1e9, n_nodes=1),
    TracePoint(time_s=1.0, primal_bound=20.0, dual_bound=10.0, n_nodes=1),
    TracePoint(time_s=10.0, primal_bound=15.0, dual_bound=15.0, n_nodes=9),
)


def result(setting: str, trace: tuple[TracePoint, ...] = TRACE, **task: Any) -> Result:
    """Return a result with a trace."""
    return Result(
        task=Task(
            instance=Instance(name="p", path=Path("p.mps"), digest="a" * 64),
            setting=Setting(name=setting, solver="scip"),
            solver_version="10",
            **task,
        ),
        answer=SolverOutput(status="optimal", trace=trace),
        execution=ProcessStats(
            termination=Termination.NORMAL, evidence="", started_at=0.0, wall_s=10.0
        ),
        verdict=Verdict(Category.SOLVED, "optimal"),
        folder=Path(),
    )


def test_each_setting_has_a_primal_and_a_dual_curve() -> None:
    """They meet at the end, and begin where something is known."""
    figure = bounds_figure("p", [result("b"), result("a")])
    assert [curve.name for curve in figure.curves] == ["a primal", "a dual", "b primal", "b dual"]
    primal, dual = figure.curves[:2]
    assert list(primal.xs) == [1.0, 10.0]
    assert primal.ys[-1] == dual.ys[-1] == 15.0
    assert "a solved, b solved" in figure.alternative


def test_the_scale_shows_what_comes_later() -> None:
    """A bound of -1e9 at the very beginning does not squeeze the rest."""
    figure = bounds_figure("p", [result("a")])
    assert figure.y.low is not None
    assert figure.y.low > 0


def test_what_is_early_in_the_picture_does_not_squeeze_the_rest() -> None:
    """Though it is half of the time of a task that was solved at once."""
    quick = (
        TracePoint(time_s=0.0, primal_bound=6e9, dual_bound=10.0, n_nodes=1),
        TracePoint(time_s=0.2, primal_bound=6e9, dual_bound=10.0, n_nodes=1),
        TracePoint(time_s=0.4, primal_bound=15.0, dual_bound=15.0, n_nodes=1),
    )
    figure = bounds_figure("p", [result("a"), result("b", quick)])
    assert figure.y.high is not None
    assert figure.y.high < 30


def test_a_bound_that_is_held_for_long_is_within_the_scale() -> None:
    """Also where nothing happens until it changes."""
    held = (
        TracePoint(time_s=0.0, primal_bound=90.0, dual_bound=10.0, n_nodes=1),
        TracePoint(time_s=8.0, primal_bound=15.0, dual_bound=10.0, n_nodes=1),
        TracePoint(time_s=9.0, primal_bound=15.0, dual_bound=15.0, n_nodes=1),
    )
    figure = bounds_figure("p", [result("a", held)])
    assert figure.y.high is not None
    assert figure.y.high > 90


def test_no_trace_is_an_empty_figure() -> None:
    """Nothing to draw is no error."""
    assert bounds_figure("p", []).curves == ()


def test_seeds_are_told_apart_by_dashes() -> None:
    """The label says by which; a setting keeps its colour, and its one entry in the legend."""
    results = [result(name, seed=seed) for name in "ab" for seed in (3, 7)]
    figure = bounds_figure("p", results)
    assert [curve.name for curve in figure.curves[:2]] == ["a seed 3 primal", "a seed 3 dual"]
    assert [(curve.colour, curve.dash) for curve in figure.curves[::2]] == [
        *((0, 0), (0, 1), (1, 0), (1, 1)),
    ]
    assert {curve.series for curve in figure.curves} == {"a", "b"}
    assert figure.x.label.endswith("(seeds: solid 3; dashes 7)")
    many = bounds_figure("p", [result("a", seed=seed) for seed in range(5)])
    assert "solid 0, 4; dashes 1; dots 2; dashes and dots 3" in many.x.label
    permuted = bounds_figure("p", [result("a", permutation=k) for k in (0, 1)])
    assert "solid 0 permutation 0; dashes 0 permutation 1" in permuted.x.label
    assert bounds_figure("p", [result("a")]).x.label == "seconds since the start of the solve"
