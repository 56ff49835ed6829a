"""A comparison as a folder of files: tables to read and to compute with, and figures."""

from __future__ import annotations

from pathlib import Path

from bench.comparison.compare import Prepared
from bench.comparison.comparison import Comparison
from bench.comparison.narrative import findings
from bench.comparison.options import Options
from bench.errors import BenchError
from bench.report.comparison_formats import to_text
from bench.report.figures.files import save
from bench.report.figures.settings import SETTING_FIGURES

TABLES = {"comparison.md": "markdown", "comparison.json": "json", "comparison.csv": "csv"}
FIGURES = {f"{kind}.svg": kind for kind in SETTING_FIGURES}


def write_files(
    comparison: Comparison, ready: Prepared, options: Options, folder: Path
) -> tuple[Path, ...]:
    """Write tables and figures into a folder, made where it is missing, and return their paths.

    The same comparison is the same bytes. BenchError where the folder cannot be written.
    """
    said = [found.sentence for found in findings(comparison)]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, kind in TABLES.items():
            (folder / name).write_text(to_text(comparison, kind, said), encoding="utf-8")
    except OSError as error:
        raise BenchError(f"{folder}: cannot be written: {error.strerror}") from error
    for name, kind in FIGURES.items():
        save(SETTING_FIGURES[kind](ready, options), folder / name)
    return tuple(folder / name for name in (*TABLES, *FIGURES))
