"""Settings side by side on each instance: the text of a cell, for terminal, page and files."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import asdict

import pandas as pd

from bench.comparison.options import Options, measure_label
from bench.comparison.side_by_side import (
    DIFFERS,
    FILTERS,
    FoldedResults,
    InstanceRow,
    ShownColumn,
    SideBySide,
)
from bench.interop.csv_cells import to_csv
from bench.model.results.fields import LABELS
from bench.report.comparison_tables import factor
from bench.report.tables import PLAIN, Grid, Style, in_latex

INSTANCE, SPREAD, RATIO = "instance", "spread", "ratio"
"""The headers next to the names of settings."""
BOUNDS = {"": "", "at least": "≥", "at most": "≤", "about": "~"}
"""The sign before a ratio that a limit has truncated."""
LATEX_SIGNS = {
    "≥": r"$\geq$",
    "≤": r"$\leq$",
    r"\textasciitilde ": r"$\sim$",
    r"\textasciitilde{}": r"$\sim$",
}
FILTER_TEXTS = {
    "differ": f"a setting differs from the baseline (numbers: by more than {100 * DIFFERS:g} %)",
    "failed": "a result is wrong or failed",
    "solved-by-one": "only one setting solves it",
}


def label_of(column: ShownColumn) -> str:
    """Return the name of a column, with its unit."""
    if column.measure is None:
        return LABELS.get(column.name) or column.name
    return measure_label(column.measure)


def caption(content: SideBySide, options: Options, *, spread: bool = True) -> str:
    """Return the content of the cells; ``spread``: with smallest and largest value."""
    label, measure = label_of(content.column), content.column.measure
    if content.of_words:
        return f"{label}{', and on how many seeds' * content.of_seeds}."
    counting = []
    if measure is not None:
        is_compared = measure == options.of
        shift = options.shift_used if is_compared else measure.shift
        clip = options.clip_used if is_compared else measure.clip
        counting += [f"shift {shift:g}"] if content.of_seeds else []
        counting += [f"values below {clip:g} count as {clip:g}"] if clip else []
    kind = "mean" if measure is None else "shifted geometric mean"
    over = f": {kind} over seeds" * content.of_seeds
    counted = f" ({', '.join(counting)})" * bool(counting)
    extremes = "; spread: smallest and largest value" * (content.of_seeds and spread)
    return (
        f"{label}{over}{counted}{extremes}. Ratio to {content.settings[0]}; "
        "≥, ≤ and ~: a limit cut off the setting, the baseline, or both."
    )


def value_text(cell: FoldedResults | None, style: Style = PLAIN) -> str:
    """Return the value of a setting on an instance, after the number of its unsolved results."""
    if cell is None:
        return style.missing
    if cell.words:
        return cell.words
    value = "" if cell.value is None else style.number(cell.value)
    return " ".join(filter(None, (state_text(cell), value))) or style.missing


def state_text(cell: FoldedResults) -> str:
    """Return the unsolved results, e.g. ``limit`` or ``1/3 wrong``; nothing if all are solved."""
    kinds = (("limit", cell.limits), ("wrong", cell.wrong), ("failed", cell.failed))
    return ", ".join(word if n == cell.n else f"{n}/{cell.n} {word}" for word, n in kinds if n)


def spread_text(cell: FoldedResults | None, style: Style = PLAIN) -> str:
    """Return the smallest and the largest value, e.g. ``1.2..1.5``, if they differ."""
    if cell is None or cell.low is None or cell.high is None or cell.low == cell.high:
        return style.missing
    return f"{style.number(cell.low, 3)}..{style.number(cell.high, 3)}"


def ratio_text(cell: FoldedResults | None, style: Style = PLAIN) -> str:
    """Return the ratio to the baseline, e.g. ``0.850`` or ``≥2.400``."""
    if cell is None or cell.ratio is None:
        return style.missing
    return BOUNDS[cell.bound] + factor(cell.ratio)


def tendency(cell: FoldedResults | None, column: ShownColumn) -> str:
    """Return ``better`` or ``worse`` if the ratio is more than 10 % from 1, else nothing.

    Also nothing if less is not known to be better, or if a limit leaves open which it is.
    """
    ratio = cell.ratio if cell else None
    if cell is None or ratio is None or abs(ratio - 1) <= DIFFERS or not column.less_is_better:
        return ""
    is_open = cell.bound in {"about", "at least" if ratio < 1 else "at most"}
    return "" if is_open else "better" if ratio < 1 else "worse"


def filtered(content: SideBySide, name: str | None) -> tuple[InstanceRow, ...]:
    """Return the instances that match one of ``FILTERS``; all of them without one."""
    return tuple(row for row in content.rows if name is None or FILTERS[name](row))


def instance_grid(
    content: SideBySide,
    rows: Sequence[InstanceRow],
    chosen: Sequence[int],
    *,
    spread: bool,
) -> Grid:
    """Return these instances and settings (by position) as cells of text."""
    header = [INSTANCE]
    columns: list[Sequence[str]] = [[row.instance for row in rows]]
    for at in chosen:
        cells = [row.cells[at] for row in rows]
        header.append(content.settings[at])
        columns.append([value_text(cell) for cell in cells])
        if spread:
            header.append(SPREAD)
            columns.append([spread_text(cell) for cell in cells])
        if at and not content.of_words:
            header.append(RATIO)
            columns.append([ratio_text(cell) for cell in cells])
    return Grid(tuple(header), tuple(zip(*columns, strict=True)))


def instance_frame(content: SideBySide, rows: Sequence[InstanceRow]) -> pd.DataFrame:
    """Return a row per instance.

    The column of a setting has its mean (or its texts); ``low/``, ``high/``, ``n/``, ``result/``
    and ``ratio/`` before its name are the further columns; ``ratio_is/`` says whether the ratio is
    a bound. Each row has the warnings about its numbers.
    """
    columns: dict[str, list[object]] = {INSTANCE: [row.instance for row in rows]}
    for at, name in enumerate(content.settings):
        cells = [row.cells[at] for row in rows]
        own = f"mean/{name}" if name == INSTANCE else name
        columns[own] = [cell and (cell.words or cell.value) for cell in cells]
        columns[f"low/{name}"] = [cell and cell.low for cell in cells]
        columns[f"high/{name}"] = [cell and cell.high for cell in cells]
        columns[f"n/{name}"] = [cell.n if cell else 0 for cell in cells]
        columns[f"result/{name}"] = [cell and (state_text(cell) or "solved") for cell in cells]
        if at:
            columns[f"ratio/{name}"] = [cell and cell.ratio for cell in cells]
            columns[f"ratio_is/{name}"] = [cell and (cell.bound or None) for cell in cells]
    columns["warnings"] = ["; ".join(content.warnings) or None] * len(rows)
    return pd.DataFrame(columns)


def instance_file(
    content: SideBySide, rows: Sequence[InstanceRow], options: Options, kind: str
) -> bytes:
    """Return these instances as ``json``, ``csv``, ``markdown``, ``latex`` or ``parquet``."""
    match kind:
        case "json":
            tree = {
                "column": content.column.name,
                "label": label_of(content.column),
                "settings": content.settings,
                "warnings": content.warnings,
                "rows": [_tree(row) for row in rows],
            }
            return (json.dumps(tree, indent=2) + "\n").encode()
        case "csv":
            return to_csv(instance_frame(content, rows)).encode()
        case "parquet":
            file = io.BytesIO()
            instance_frame(content, rows).to_parquet(file, index=False)
            return file.getvalue()
        case "markdown":
            return _markdown(content, rows, options).encode()
        case _:
            return instance_latex(content, rows, options).encode()


def _tree(row: InstanceRow) -> dict[str, object]:
    tree = asdict(row)
    del tree["number"]
    return tree | {
        "differs": row.differs,
        "failed": row.bad,
        "solved_by_one": row.solved_by_one,
    }


def _markdown(content: SideBySide, rows: Sequence[InstanceRow], options: Options) -> str:
    table = _whole_grid(content, rows)
    lines = [table.header, ["---", *["--:"] * (len(table.header) - 1)], *table.rows]
    escaped = [" | ".join(cell.replace("|", "\\|") for cell in line) for line in lines]
    body = "\n".join(f"| {line} |" for line in escaped)
    warnings = [f"Warning: {warning}" for warning in content.warnings]
    return "\n\n".join([caption(content, options), *warnings, body]) + "\n"


def instance_latex(content: SideBySide, rows: Sequence[InstanceRow], options: Options) -> str:
    """Return a ``longtable`` in the style of the package booktabs."""
    table = _whole_grid(content, rows)
    frame = pd.DataFrame(list(table.rows), columns=list(table.header))
    warnings = (f"Warning: {warning}." for warning in content.warnings)
    body = str(
        frame.to_latex(
            index=False,
            escape=True,
            longtable=True,
            column_format="l" + "r" * (len(table.header) - 1),
            caption=in_latex(" ".join([caption(content, options), *warnings])),
        )
    )
    for sign, command in LATEX_SIGNS.items():
        body = body.replace(sign, command)
    return body


def _whole_grid(content: SideBySide, rows: Sequence[InstanceRow]) -> Grid:
    chosen = range(len(content.settings))
    spread = content.of_seeds and not content.of_words
    return instance_grid(content, rows, chosen, spread=spread)
