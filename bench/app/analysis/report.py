"""The HTML report of a comparison, in a file and on a run in MLflow."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.app.analysis.sources import ComparisonOptions, SourceOptions
from bench.app.campaign.attached_run import AttachedRun
from bench.app.progress import listener_of, tell
from bench.comparison.sources import RecordedResults, for_store
from bench.errors import BenchError, UsageError
from bench.journal.campaign import Campaign
from bench.journal.manifest import places
from bench.model.record_level import RecordLevel
from bench.model.whole_files import written_whole
from bench.report.page.page import report_page
from bench.report.records import report_record
from bench.report.tuning_page import tuning_page
from bench.tuning.record import SPLIT, name_of_test, read_progress, read_split


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportOptions(ComparisonOptions):
    """Which results the report shows, and where it is written.

    - ``output``: file to write
    - ``repeat``: function that returns, for the names of the results, the command that makes the
      page again
    """

    output: str | Path = Path("report.html")
    repeat: Callable[[tuple[str, ...]], str] | None = None


def write_report(options: ReportOptions, run: AttachedRun | None = None) -> Path:
    """Write the page, add it to the run if there is one, and return the file.

    Raise UsageError if the results cannot be compared, BenchError if the file cannot be written.
    """
    tuning_folder = _tuning_folder(options)
    if tuning_folder is not None:
        return _write_tuning_report(tuning_folder, options, run)
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


def _tuning_folder(options: ReportOptions) -> Path | None:
    """Return the folder of the tuning that is the only source, None for other sources."""
    sources = options.given_sources()
    words = [each for each in sources if isinstance(each, str | Path)]
    if len(sources) != 1 or not words or options.run_ids or options.given_experiment():
        return None
    name = str(words[0])
    found = (one for one in places(Path(options.work_dir), name) if (one / SPLIT).exists())
    return next(found, None)


def _write_tuning_report(folder: Path, options: ReportOptions, run: AttachedRun | None) -> Path:
    """Write the page of a tuning, and add it to the run if there is one."""
    given, name, output = str(options.given_sources()[0]), folder.resolve().name, options.output
    _refuse_counting(options, folder)
    progress, split = read_progress(folder), read_split(folder)
    if progress is None or split is None:
        raise UsageError(f"{given}: the tuning has no results yet; see bench status {given}")
    command = options.repeat((given,)) if options.repeat else f"bench report {given}"
    page = Path(output)
    _write(tuning_page(name, progress, split, command), page)
    if run is not None:
        pages = (page,) if Campaign.read(folder).record.includes(RecordLevel.TABLES) else ()
        run.fill(report_record((name,), pages, round(1000 * time.time())))
    return page


def _refuse_counting(options: ReportOptions, folder: Path) -> None:
    """Raise UsageError for an option about counting, which the page of a tuning does not use."""
    counting = {each.name for each in fields(ComparisonOptions)}
    counting -= {each.name for each in fields(SourceOptions)}
    for each in fields(options):
        value = getattr(options, each.name)
        if each.name in counting and value != each.default:
            option = f"--{each.name.replace('_', '-')}"
            words = [option] if value is True else [option, str(value)]
            test = folder.with_name(name_of_test(folder.name))
            instead = shlex.join(["bench", "report", test.name, *words])
            takes = f"; a report on the test takes it: {instead}" if test.is_dir() else ""
            raise UsageError(
                f"{option} does not apply to the page of a tuning, which shows the race and its "
                f"test as they were counted{takes}"
            )


def _names(options: ReportOptions, recorded: RecordedResults) -> tuple[str, ...]:
    """Return the names of the sources; if none are given, the sweep that was found."""
    if sources := options.given_sources():
        return tuple(map(str, sources))
    elsewhere = options.run_ids or options.given_experiment()
    return () if elsewhere else recorded.names


def _write(page: str, output: Path) -> None:
    try:
        with written_whole(output) as partial:
            partial.write_text(page, encoding="utf-8", newline="\n")
    except OSError as error:
        raise BenchError(f"{output}: cannot be written: {error.strerror}") from error
