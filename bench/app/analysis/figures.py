"""Figures as files: a single figure, or all figures of a report with their tables."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bench.app.analysis.sources import ComparisonOptions
from bench.app.progress import listener_of, tell
from bench.comparison.compare import compare, prepare
from bench.comparison.side_by_side import shown_column, side_by_side
from bench.comparison.sources import RecordedResults
from bench.errors import BenchError, UsageError
from bench.journal.last_campaign import of_task
from bench.report.comparison_formats import latex
from bench.report.figures.bounds import BOUNDS, instance_figure
from bench.report.figures.figure import Figure
from bench.report.figures.files import SUFFIXES, Paper, save
from bench.report.figures.settings import SETTING_FIGURES
from bench.report.instance_table import instance_latex
from bench.report.page.instances import longest

ALL = "all"
"""The name of all figures of a report."""
TABLE, INSTANCES = "comparison.tex", "instances.tex"
"""The tables that are written with all figures."""
LEAST_MM, MOST_MM = 50.0, 1000.0
WIDTHS_MM = {"column": 84.0, "text": 174.0}
"""The widths of one and of two columns in journals with two columns (Springer's)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureOptions(ComparisonOptions):
    """Which figure is drawn from which results, and where it is written.

    - ``figure``: ``profile``, ``cactus``, ``scatter``, ``ratios``, ``bounds`` or ``all``
    - ``output``: file to write; a folder for ``all``
    - ``file_kind``: format of the files of ``all``: ``pdf``, ``svg``, ``png`` or ``html``
    - ``width``: ``column`` or ``text`` of a paper, or a length such as ``85mm``, ``8.5cm``,
      ``3.3in``; None is that of the screen
    - ``title``: whether the figure has a title
    - ``instance``: the instance whose bounds are drawn
    """

    figure: str
    output: str | Path
    file_kind: str = "pdf"
    width: str | None = None
    title: bool = True
    instance: str | None = None


def draw_figures(options: FigureOptions) -> tuple[Path, ...]:
    """Write the figure, or all figures and the tables in LaTeX, and return the files.

    Raise UsageError if something cannot be drawn, BenchError if a file cannot be written.
    """
    paper = Paper(width_mm=width_mm(options.width), title=options.title)
    output = Path(options.output)
    if options.figure == ALL and (output.suffix in SUFFIXES or output.is_file()):
        raise UsageError(
            f"{output}: the kind all writes several files; give a folder instead of a file"
        )
    of_one = options.instance if options.figure == BOUNDS else None
    recorded = options.recorded(*([of_task(of_one)] if of_one else ()))
    if options.figure == ALL:
        return _all(recorded, options, paper)
    figure = _figure(recorded, options)
    save(figure, output, paper)
    return (output,)


def width_mm(text: str | None) -> float | None:
    """Return a width in millimetres; UsageError for any other text."""
    if text is None or text in WIDTHS_MM:
        return None if text is None else WIDTHS_MM[text]
    units = {"mm": 1.0, "cm": 10.0, "in": 25.4, "pt": 25.4 / 72.27}
    unit = next((unit for unit in units if text.endswith(unit)), None)
    try:
        width = float(text.removesuffix(unit or "")) * units[unit or ""]
    except (KeyError, ValueError):
        width = 0.0
    if not LEAST_MM <= width <= MOST_MM:
        raise UsageError(
            f"--width {text}: expected column, text, or {LEAST_MM:g} mm to {MOST_MM:g} mm, such as "
            "85mm, 8.5cm, 3.3in or 240pt"
        )
    return width


def _figure(recorded: RecordedResults, options: FigureOptions) -> Figure:
    listener = listener_of(options.progress)
    if options.figure == BOUNDS:
        tell(listener, (f"Note: {line}" for line in recorded.left_out))
        return instance_figure(recorded.results, options.instance)
    counting = options.counting(recorded)
    ready = prepare(recorded.table, counting)
    tell(listener, (f"Note: {note}" for note in ready.notes))
    tell(listener, (f"Warning: {warning}" for warning in ready.warnings))
    return SETTING_FIGURES[options.figure](ready, ready.options)


def _all(recorded: RecordedResults, options: FigureOptions, paper: Paper) -> tuple[Path, ...]:
    """Write all figures of a report, with the bounds of the instance or the longest solve."""
    folder, counting = Path(options.output), options.counting(recorded)
    comparison, ready = compare(recorded.table, counting), prepare(recorded.table, counting)
    counting = ready.options
    listener = listener_of(options.progress)
    tell(listener, (f"Note: {note}" for note in comparison.notes))
    tell(listener, (f"Warning: {warning}" for warning in comparison.warnings))
    figures = {name: make(ready, counting) for name, make in SETTING_FIGURES.items()}
    instance = options.instance or longest(recorded.results)
    if instance is not None:
        figures[BOUNDS] = instance_figure(recorded.results, instance)
    column = shown_column(recorded.table, counting.measure)
    side = side_by_side(recorded.table, ready, counting, column)
    tables = {TABLE: latex(comparison), INSTANCES: instance_latex(side, side.rows, counting)}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in tables.items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise BenchError(f"{folder}: cannot be written: {error.strerror}") from error
    files = {name: folder / f"{name}.{options.file_kind}" for name in figures}
    for name, figure in figures.items():
        save(figure, files[name], paper)
    return (*files.values(), *(folder / name for name in tables))
