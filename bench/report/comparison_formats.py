"""A comparison in the formats of other programs: CSV, JSON, Markdown, LaTeX, Parquet."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from bench.report.comparison_tables import MAIN
from bench.report.tables import Column, grid
from bench.report.terminal.comparison import basis_text

if TYPE_CHECKING:
    import pandas as pd

    from bench.comparison.comparison import Comparison, Row, Table

TEXT_FORMATS = ("json", "csv", "markdown", "latex")
FORMATS = (*TEXT_FORMATS, "parquet")
BRANCHES = frozenset({"against", "interval", "variability"})
"""What has parts of its own, where there is any."""
RATIO: Column[Row] = Column(
    "ratio",
    "ratio",
    lambda row, style: style.number(None if row.against is None else row.against.ratio),
)
"""In four digits: what is copied into a paper is not aligned."""
COLUMNS = tuple(
    RATIO if column.name == RATIO.name else column
    for column in MAIN
    if column.name not in {"limits", "failed", "win/tie/loss"}
)


def flat(comparison: Comparison) -> list[dict[str, Any]]:
    """Return a row for each subset and setting; each number has what it stands on beside it."""
    basis = {name: _word(value) for name, value in asdict(comparison.basis).items()}
    return [
        {
            "subset": table.subset,
            "n_blocks": table.n_blocks,
            "n_counted": table.n_counted,
            "n_instances": table.n_instances,
            "baseline": comparison.baseline,
            **_flattened(asdict(row)),
            **{f"basis_{name}": value for name, value in basis.items()},
        }
        for table in comparison.tables
        for row in table.rows
    ]


def to_text(comparison: Comparison, kind: str, words: list[str]) -> str:
    """Return the comparison as ``json``, ``csv``, ``markdown`` or ``latex``."""
    match kind:
        case "json":
            return json.dumps(asdict(comparison) | {"words": words}, indent=2) + "\n"
        case "csv":
            return str(frame(comparison).to_csv(index=False))
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
    import pandas as pd  # noqa: PLC0415 - takes 0.5 s

    return pd.DataFrame(flat(comparison))


def markdown(comparison: Comparison, words: list[str]) -> str:
    """Return the words, what they stand on, and a table a subset."""
    parts = [*words, basis_text(comparison).replace("\n", "  \n")]
    for table in comparison.tables:
        content = grid(COLUMNS, table.rows)
        rows = [[cell.replace("|", "\\|") for cell in row] for row in content.rows]
        lines = [content.header, ["---", *["--:"] * (len(COLUMNS) - 1)], *rows]
        parts.append(f"**{table.subset}** ({table.n_blocks} blocks)")
        parts.append("\n".join(f"| {' | '.join(line)} |" for line in lines))
    return "\n\n".join(parts) + "\n"


def latex(comparison: Comparison) -> str:
    """Return one ``tabular`` a subset, in the style of the package booktabs."""
    return "\n".join(_tabular(comparison, table) for table in comparison.tables)


def _tabular(comparison: Comparison, table: Table) -> str:
    import pandas as pd  # noqa: PLC0415 - takes 0.5 s

    content = grid(COLUMNS, table.rows)
    rows = pd.DataFrame(list(content.rows), columns=list(content.header))
    basis = " ".join(basis_text(comparison).split()).replace("%", "\\%").replace("_", "\\_")
    return str(
        rows.to_latex(
            index=False,
            escape=True,
            column_format="l" + "r" * (len(COLUMNS) - 1),
            caption=f"{table.subset} ({table.n_blocks} blocks). {basis}",
        )
    )


def _flattened(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return a tree of values with the names joined by an underscore."""
    leaves: dict[str, Any] = {}
    for name, value in tree.items():
        if isinstance(value, Mapping):
            leaves |= _flattened(value, f"{prefix}{name}_")
        elif name not in BRANCHES:
            leaves[prefix + name] = value
    return leaves


def _word(value: object) -> object:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else value
