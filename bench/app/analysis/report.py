"""Everything about a comparison as one page, in a file and on a run in MLflow."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.app.analysis.sources import ComparisonOptions
from bench.app.campaign.attached_run import AttachedRun
from bench.app.progress import listener_of, tell
from bench.comparison.sources import RecordedResults, for_store
from bench.errors import BenchError
from bench.model.record_level import RecordLevel
from bench.report.page.page import report_page
from bench.report.records import report_record


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportOptions(ComparisonOptions):
    """What the page is about, and where it is written.

    - ``output``: file to write
    - ``repeat``: returns, for the names of the results, the command that makes the page again
    """

    output: str | Path = Path("report.html")
    repeat: Callable[[tuple[str, ...]], str] | None = None


def write_report(options: ReportOptions, run: AttachedRun | None = None) -> Path:
    """Write the page, put it on the run if there is one, and return the file.

    Raise UsageError for what cannot be compared, BenchError where the file cannot be written.
    """
    recorded = options.recorded()
    tell(listener_of(options.progress), (f"Note: {line}" for line in recorded.left_out))
    output = Path(options.output)
    commands = recorded.commands
    if options.repeat is not None:
        commands = (*commands, options.repeat(_names(options, recorded)))
    counting = options.counting(recorded)
    _write(report_page(recorded, counting, commands), output)
    if run is None:
        return output
    with TemporaryDirectory(prefix="bench-") as folder:
        page = output
        if not recorded.record.has_texts:
            page = Path(folder) / output.name
            _write(report_page(for_store(recorded), counting, commands), page)
        pages = (page,) if recorded.record.includes(RecordLevel.TABLES) else ()
        run.fill(report_record(recorded.names, pages, round(1000 * time.time())))
    return output


def _names(options: ReportOptions, recorded: RecordedResults) -> tuple[str, ...]:
    """Return the sources as words; without any, the sweep that was found."""
    if options.sources:
        return tuple(map(str, options.sources))
    elsewhere = options.run_ids or options.given_experiment()
    return () if elsewhere else recorded.names


def _write(page: str, output: Path) -> None:
    partial = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        partial.write_text(page, encoding="utf-8", newline="\n")
        partial.replace(output)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise BenchError(f"{output}: cannot be written: {error.strerror}") from error
