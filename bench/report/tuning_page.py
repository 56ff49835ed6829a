"""A tuning as one page: its race as a figure, the reasons for the winner, and its test."""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup

from bench.report.figures.figure import Axis, Curve, CurveKind, Figure
from bench.report.figures.files import svg
from bench.report.rendering import environment
from bench.report.tables import Grid
from bench.report.terminal.tuning import (
    CHANGES,
    change_rows,
    effort_text,
    interval_text,
    test_sentences,
    why_text,
    winner_sentences,
)
from bench.tuning.ablation import Ablation
from bench.tuning.candidate import STOCK
from bench.tuning.importance import Importance, importances, to_stock, value_effects
from bench.tuning.race import Standing
from bench.tuning.record import Progress, Split
from bench.tuning.scores import Objective

MOST_RATIO = 5.0
"""Candidates that cost more are drawn here."""
COST = {Objective.CPU: "CPU time", Objective.INTEGRAL: "primal-dual integral"}


def tuning_page(name: str, progress: Progress, split: Split, command: str) -> str:
    """Return the page, which needs no network; ``command`` repeats it."""
    important = importances(progress.standings)
    return (
        environment()
        .get_template("tuning.html")
        .render(
            name=name,
            effort=effort_text(progress, split),
            winner=winner_sentences(progress),
            test_says=[each.removeprefix("- ") for each in test_sentences(name, progress)],
            race=_drawn(race_figure(progress)) if progress.standings else "",
            incumbents=_incumbents(progress),
            why=progress.why,
            why_figure=_why_drawn(progress.why),
            why_table=Grid(CHANGES, tuple(change_rows(progress.why))) if progress.why else None,
            why_text=why_text(progress.why) if progress.why else "",
            smallest=_setting(progress),
            importance=_importance_grid(important),
            effects=_effects_grid(progress, important),
            train=[split.names.get(each, each) for each in split.train],
            test=[split.names.get(each, each) for each in split.test],
            command=command,
        )
    )


def _why_drawn(why: Ablation | None) -> Markup | str:
    """Return the figure of the changes; a single change is only in the table."""
    return _drawn(ablation_figure(why)) if why and len(why.contributions) > 1 else ""


def _drawn(figure: Figure) -> Markup:
    return Markup(svg(figure))  # noqa: S704  our own drawing


def race_figure(progress: Progress) -> Figure:
    """Return the figure of dropped candidates and of incumbents, over the CPU seconds spent."""
    standings = progress.standings
    ratios = [_ratio(log) for log in to_stock(standings)]
    pairs = list(zip(standings, ratios, strict=True))
    xs, ys = [0.0], [1.0]
    for one, ratio in pairs:
        if one.won:
            xs.append(one.spent_s)
            ys.append(ratio)
    xs.append(max(one.spent_s for one in standings))
    ys.append(ys[-1])
    out = [(one, ratio) for one, ratio in pairs if not one.won]
    won = [(one, ratio) for one, ratio in pairs if one.won]
    return Figure(
        title="Candidates and incumbent over the budget",
        x=Axis(label="CPU seconds spent"),
        y=Axis(
            label=f"{COST[progress.objective]} as a ratio to stock, on training pairs", log=True
        ),
        curves=(
            Curve(name="incumbent", kind=CurveKind.STEPS, xs=xs, ys=ys),
            *([_points("new incumbent", won, 2)] if won else []),
            *([_points("candidate that dropped out", out, 1)] if out else []),
        ),
        alternative=(
            f"{len(pairs)} candidates over {xs[-1]:.3g} CPU seconds: {len(out)} dropped out, "
            f"{len(won)} became the incumbent, whose ratio to stock ended at {ys[-1]:.2f}."
        ),
        level=1.0,
    )


def _points(name: str, found: Sequence[tuple[Standing, float]], colour: int) -> Curve:
    return Curve(
        name=name,
        kind=CurveKind.POINTS,
        xs=[one.spent_s for one, _ in found],
        ys=[ratio for _, ratio in found],
        texts=[_candidate_text(one, ratio) for one, ratio in found],
        colour=colour,
    )


def _ratio(log: float) -> float:
    return min(math.exp(min(log, 100.0)), MOST_RATIO)


def _candidate_text(one: Standing, ratio: float) -> str:
    return f"{one.candidate.name}, round {one.round}, {one.n_pairs} pairs: {ratio:.2f}"


def _incumbents(progress: Progress) -> Grid:
    rows = [
        (
            str(one.round),
            one.candidate.name,
            f"{one.spent_s:.3g}",
            str(one.n_pairs),
            f"{math.exp(one.log_ratio):.2f}",
        )
        for one in progress.standings
        if one.won
    ]
    header = ("round", "new incumbent", "CPU seconds", "pairs", "ratio to the one before")
    return Grid(header, tuple(rows))


def ablation_figure(why: Ablation) -> Figure:
    """Return the ratio of each change alone, and of all changes up to it, with intervals."""
    alone = [
        (at - 0.12, one.alone, one.alone_interval) for at, one in enumerate(why.contributions, 1)
    ]
    after = [
        (at + 0.12, one.after, one.after_interval) for at, one in enumerate(why.contributions, 1)
    ]
    curves = []
    for colour, (name, points) in enumerate((("alone", alone), ("with those above", after))):
        curves += [
            Curve(
                name=name,
                kind=CurveKind.LINE,
                xs=[at, at],
                ys=[ends.low, ends.high],
                colour=colour,
                dash=0,
                series=name,
            )
            for at, _, ends in points
            if ends is not None
        ]
        curves.append(
            Curve(
                name=name,
                kind=CurveKind.POINTS,
                xs=[at for at, _, _ in points],
                ys=[value for _, value, _ in points],
                texts=[f"{name}: {value:.2f} ({interval_text(ends)})" for _, value, ends in points],
                colour=colour,
                series=name,
            )
        )
    told = ", ".join(f"{one.label} {one.alone:.2f}, {one.after:.2f}" for one in why.contributions)
    return Figure(
        title="Each change alone, and with those above it",
        x=Axis(label="change"),
        y=Axis(label="ratio to stock, with 95 % intervals", log=True),
        curves=tuple(curves),
        alternative=f"Ratio of each change alone, and with those above it: {told}.",
        level=1.0,
        names=tuple(one.label for one in why.contributions),
    )


def _setting(progress: Progress) -> list[str]:
    """Return the changes of the smallest setting that keeps 95 % of the gain."""
    if progress.why is None:
        return []
    smallest = progress.why.smallest
    starts = () if smallest.start == STOCK else tuple(smallest.start.split(" "))
    return [*starts, *(f"{name} = {value}" for name, value in smallest.changes.items())]


def _effects_grid(progress: Progress, important: Sequence[Importance]) -> Grid:
    """Return what candidates with each value cost, for the parameters in order of importance."""
    found = value_effects(progress.standings, [one.label for one in important])
    rows = [(one.label, one.values, str(one.n), f"{one.ratio:.2f}") for one in found]
    return Grid(("parameter", "value", "candidates", "mean ratio to stock"), tuple(rows))


def _importance_grid(found: Sequence[Importance]) -> Grid:
    rows = [
        (
            one.label,
            str(one.n),
            f"{one.ratio:.2f}",
            f"{100 * one.share:.0f} %",
            f"{100 * one.chance:.0f} %",
            "yes" if one.stands_out else "no",
        )
        for one in found
    ]
    header = ("change", "candidates", "ratio", "explains", "chance explains", "stands out")
    return Grid(header, tuple(rows))
