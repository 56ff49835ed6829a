"""A comparison as CSV, JSON, Markdown, LaTeX, Parquet, and as a folder of tables and figures."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from bench.comparison.compare import Prepared
from bench.comparison.comparison import Comparison, SettingRow, SubsetTable
from bench.comparison.options import Options
from bench.comparison.wording.narrative import conclusions
from bench.errors import BenchError
from bench.interop.csv_cells import to_csv
from bench.report.comparison_tables import MAIN
from bench.report.figures.files import save
from bench.report.figures.settings import SETTING_FIGURES
from bench.report.tables import Column, grid, in_latex
from bench.report.terminal.comparison import basis_text

TEXT_FORMATS = ("json", "csv", "markdown", "latex")
FORMATS = (*TEXT_FORMATS, "parquet")
BRANCHES = frozenset({"against", "evidence", "interval", "tobit", "variability"})
"""Fields that have subfields, if they are set."""
RATIO: Column[SettingRow] = Column(
    "ratio",
    "ratio",
    lambda row, style: style.number(None if row.against is None else row.against.ratio),
)
"""Four significant digits, because numbers copied into a paper are not aligned."""
COLUMNS = tuple(
    RATIO if column.name == RATIO.name else column
    for column in MAIN
    if column.name not in {"limits", "failed", "win/tie/loss"}
)


def flat(comparison: Comparison) -> list[dict[str, Any]]:
    """Return a row for each subset and setting, with the basis of the numbers in each row.

    Only the first subset has conclusions.
    """
    basis = {name: _word(value) for name, value in asdict(comparison.basis).items()}
    kinds = {(0, found.setting): found.outcome.value for found in conclusions(comparison)}
    return [
        {
            "subset": table.subset,
            "n_blocks": table.n_blocks,
            "n_counted": table.n_counted,
            "n_instances": table.n_instances,
            "baseline": comparison.baseline,
            **_flattened(asdict(row)),
            **{f"basis_{name}": value for name, value in basis.items()},
            "conclusion": kinds.get((at, row.setting)),
            "warnings": "; ".join(comparison.warnings) or None,
        }
        for at, table in enumerate(comparison.tables)
        for row in table.rows
    ]


def to_text(comparison: Comparison, kind: str, words: list[str]) -> str:
    """Return the comparison as ``json``, ``csv``, ``markdown`` or ``latex``."""
    match kind:
        case "json":
            return json.dumps(asdict(comparison) | {"words": words}, indent=2) + "\n"
        case "csv":
            return to_csv(frame(comparison))
        case "markdown":
            return markdown(comparison, words)
        case _:
            return latex(comparison)


def to_parquet(comparison: Comparison) -> bytes:
    """Return the flat rows as a Parquet file."""
    file = io.BytesIO()
    frame(comparison).to_parquet(file, index=False)
    return file.getvalue()


def frame(comparison: Comparison) -> pd.DataFrame:
    """Return the flat rows as a DataFrame."""
    return pd.DataFrame(flat(comparison))


def markdown(comparison: Comparison, words: list[str]) -> str:
    """Return the sentences, the caveats and the basis, and a table per subset."""
    limits = [f"Warning: {warning}" for warning in comparison.warnings]
    parts = [*words, *limits, basis_text(comparison).replace("\n", "  \n")]
    for table in comparison.tables:
        content = grid(COLUMNS, table.rows)
        rows = [[cell.replace("|", "\\|") for cell in row] for row in content.rows]
        lines = [content.header, ["---", *["--:"] * (len(COLUMNS) - 1)], *rows]
        parts.append(f"**{table.subset}** ({table.n_blocks} pairs)")
        parts.append("\n".join(f"| {' | '.join(line)} |" for line in lines))
    return "\n\n".join(parts) + "\n"


def latex(comparison: Comparison) -> str:
    """Return one ``tabular`` per subset, in the style of the package booktabs."""
    return "\n".join(_tabular(comparison, table) for table in comparison.tables)


def _tabular(comparison: Comparison, table: SubsetTable) -> str:
    content = grid(COLUMNS, table.rows)
    rows = pd.DataFrame(list(content.rows), columns=list(content.header))
    limits = [f"Warning: {warning}." for warning in comparison.warnings]
    basis = in_latex(" ".join([*basis_text(comparison).split(), *limits]))
    return str(
        rows.to_latex(
            index=False,
            escape=True,
            column_format="l" + "r" * (len(COLUMNS) - 1),
            caption=f"{table.subset} ({table.n_blocks} pairs). {basis}",
        )
    )


def _flattened(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return a tree of values as one level, with the names joined by an underscore."""
    leaves: dict[str, Any] = {}
    for name, value in tree.items():
        if isinstance(value, Mapping):
            leaves |= _flattened(value, f"{prefix}{name}_")
        elif name not in BRANCHES:
            leaves[prefix + name] = value
    return leaves


def _word(value: object) -> object:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else value


TABLES = {"comparison.md": "markdown", "comparison.json": "json", "comparison.csv": "csv"}
FIGURES = {f"{kind}.svg": kind for kind in SETTING_FIGURES}


def write_files(
    comparison: Comparison, ready: Prepared, options: Options, folder: Path
) -> tuple[Path, ...]:
    """Write tables and figures into a folder, created if it is missing, and return their paths.

    The same comparison gives the same bytes. Raise BenchError if the folder cannot be written.
    """
    said = [found.sentence for found in conclusions(comparison)]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, kind in TABLES.items():
            (folder / name).write_text(to_text(comparison, kind, said), encoding="utf-8")
    except OSError as error:
        raise BenchError(f"{folder}: cannot be written: {error.strerror}") from error
    for name, kind in FIGURES.items():
        save(SETTING_FIGURES[kind](ready, options), folder / name)
    return tuple(folder / name for name in (*TABLES, *FIGURES))
