"""A solver over its versions, as tables and sentences for the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from bench.comparison.history import History, Line, Step, excludes_one
from bench.comparison.options import FAILURES_TEXT, MEASURE_TEXTS, Failures, measure_text
from bench.report.tables import PLAIN, Column, Grid, Style, grid
from bench.report.terminal.table import filled, render
from bench.statistics.intervals import Interval

NO_STEP = Step(
    before="",
    after="",
    ratio=None,
    interval=None,
    is_marked=False,
    n_instances=0,
    slower=(),
    faster=(),
    newly_wrong=(),
    newly_failed=(),
)
"""The text for the first version of a line, which has no step."""
SHOWN = 8
"""The number of instances of a step that are named."""


def history_text(history: History) -> str:
    """Return a table for each line, with the meaning of its steps below it."""
    parts = [filled(basis_text(history))]
    for line in history.lines:
        table = line_grid(line, PLAIN)
        parts.append(f"{line_title(line)}\n{render(table.header, table.rows, left=1)}")
        parts += [filled(sentence) for sentence in sentences(line, history)]
    return "\n\n".join(parts)


def basis_text(history: History) -> str:
    """Return how the values are counted."""
    clip = f", values below {history.clip:g} count as {history.clip:g}" if history.clip else ""
    measure = measure_text(history.measure, history.unit)
    return (
        f"mean: shifted geometric mean of the {measure} (shift "
        f"{history.shift:g}{clip}) with the {100 * (1 - history.alpha):g} % interval over the "
        f"choice of instances; step: ratio to the previous version on the same instances, with an "
        f"interval adjusted for all steps (Holm); *: the interval excludes 1; wrong and failed "
        f"results: {FAILURES_TEXT[Failures(history.failures)]}."
    )


def line_title(line: Line) -> str:
    """Return the title of a line."""
    return (
        f"{line.name}: {len(line.points)} versions, {line.n_pairs} pairs (instance, seed) that all "
        f"of them have, means of {line.n_instances} instances"
    )


def line_grid(line: Line, style: Style) -> Grid:
    """Return a row per version."""
    steps = (NO_STEP, *line.steps)
    columns: list[Column[int]] = [
        Column("version", "Version", lambda at, style: style.word(line.points[at].version)),
        Column("solved", "Solved", lambda at, _: str(line.points[at].solved)),
        Column("limits", "Limits", lambda at, _: str(line.points[at].limits)),
        Column("wrong", "Wrong", lambda at, _: str(line.points[at].wrong)),
        Column("failed", "Failed", lambda at, _: str(line.points[at].failed)),
        Column("mean", "Mean", lambda at, style: style.number(line.points[at].mean)),
        Column("interval", "Interval", lambda at, s: _ends(line.points[at].interval, s)),
        Column("step", "Step", lambda at, style: style.number(steps[at].ratio)),
        Column("of step", "Interval of step", lambda at, style: _ends(steps[at].interval, style)),
        Column("marked", "More than noise", lambda at, _: "*" if steps[at].is_marked else ""),
    ]
    return grid(columns, range(len(line.points)), style)


def _ends(interval: Interval | None, style: Style) -> str:
    if interval is None:
        return style.missing
    return f"{style.number(interval.low)}..{style.number(interval.high)}"


def sentences(line: Line, history: History) -> Iterator[str]:
    """Yield the meaning of each step, and the instances that it changed."""
    for step in line.steps:
        where = f"{line.name} {step.before} to {step.after}"
        yield f"{where}: {_meaning(step, history)}{_instances(step)}"


def _meaning(step: Step, history: History) -> str:
    if step.ratio is None or step.interval is None:
        return "too few results to decide"
    change = f"{abs(100 * (step.ratio - 1)):.1f} % {'more' if step.ratio > 1 else 'less'}"
    if excludes_one(step.interval):
        return (
            f"{change} than before in the mean of the "
            f"{MEASURE_TEXTS.get(history.measure, history.measure)}; the interval excludes 'no "
            "change'"
        )
    return (
        f"no significant change: the mean is between {step.interval.low:.4g} and "
        f"{step.interval.high:.4g} times the previous one"
    )


def _instances(step: Step) -> str:
    found = (
        ("slower by 25 % or more", step.slower),
        ("faster by 25 % or more", step.faster),
        ("newly wrong", step.newly_wrong),
        ("newly failed", step.newly_failed),
    )
    told = [f"{what}: {len(names)} ({_few(names)})" for what, names in found if names]
    return "".join(f"; {each}" for each in told)


def _few(names: tuple[str, ...]) -> str:
    return ", ".join(names[:SHOWN]) + (", ..." if len(names) > SHOWN else "")
