"""Compare settings: tables for all results and for groups, written to files and MLflow."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.app.analysis.sources import ComparisonOptions
from bench.app.campaign.attached_run import AttachedRun
from bench.app.output_folder import check_unused
from bench.app.progress import listener_of
from bench.comparison.compare import compare, prepare
from bench.comparison.comparison import Comparison
from bench.comparison.groups import groups
from bench.comparison.options import SUBSETS, Options
from bench.comparison.sequential import at_look, each_look, with_looks
from bench.comparison.side_by_side import SideBySide, shown_column, side_by_side
from bench.comparison.sources import RecordedResults
from bench.errors import UsageError
from bench.model.record_level import RecordLevel
from bench.report.comparison_formats import write_files
from bench.report.listener import Listener
from bench.report.records import comparison_record
from bench.report.terminal.comparison import tables_of


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareOptions(ComparisonOptions):
    """What is compared.

    - ``subsets``: only these subsets of pairs; none means all
    - ``by``: also compare within each group, by ``family`` or a column of the results
    - ``by_instance``: also show settings side by side on each instance: a measure, or a column of
      the results; an empty name means ``measure``
    - ``sequential``: compare the results of the last complete look at its level; for a sweep that
      is still running, or that you looked at while it was running
    - ``output_dir``: new folder for all tables and figures
    """

    subsets: Sequence[str] = ()
    by: str | None = None
    by_instance: str | None = None
    sequential: bool = False
    output_dir: str | Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A comparison with its data; ``by_group`` has a comparison for each group of ``by``.

    ``by_instance`` is the table by instance if it was requested. ``looks`` has the comparison at
    each look so far if the comparison is sequential.
    """

    recorded: RecordedResults
    options: Options
    comparison: Comparison
    by: str | None
    by_group: Mapping[str, Comparison]
    by_instance: SideBySide | None = None
    looks: tuple[Comparison, ...] = ()

    @property
    def with_groups(self) -> Comparison:
        """The comparison, with the tables of the groups added to its own."""
        if self.by is None:
            return self.comparison
        tables = tables_of(self.by_group, self.by)
        return replace(self.comparison, tables=(*self.comparison.tables, *tables))


def compare_settings(options: CompareOptions) -> Compared:
    """Compare settings, without writing any file yet.

    Raise UsageError if the results cannot be compared, or if ``output_dir`` has files in it.
    """
    if options.output_dir is not None:
        check_unused(Path(options.output_dir))
    recorded = options.recorded()
    counting = options.counting(recorded, tuple(options.subsets) or SUBSETS)
    if options.sequential:
        table = with_looks(recorded.table, recorded.planned, options.level)
        recorded = replace(recorded, table=table)
    looks = each_look(recorded.table, replace(counting, subsets=("all",)))
    table, counting = at_look(recorded.table, counting)
    recorded = replace(recorded, table=table)
    comparison = compare(table, counting)
    by_group: dict[str, Comparison] = {}
    if options.by is not None:
        alike = replace(counting, baseline=comparison.baseline, subsets=("all",))
        by_group = _by_group(recorded, alike, options.by, listener_of(options.progress))
    return Compared(
        recorded=recorded,
        options=counting,
        comparison=comparison,
        by=options.by,
        by_group=by_group,
        by_instance=_by_instance(recorded, counting, options.by_instance),
        looks=tuple(compare(table, look) for table, look in looks),
    )


def keep_comparison(compared: Compared, folder: Path | None, run: AttachedRun | None) -> None:
    """Write tables and figures to the folder and the run, if they are given."""
    if folder is None and run is None:
        return
    recorded, comparison = compared.recorded, compared.with_groups
    with TemporaryDirectory(prefix="bench-") as temporary:
        ready = prepare(recorded.table, compared.options)
        files = write_files(comparison, ready, compared.options, folder or Path(temporary))
        if run is not None:
            files = files if recorded.record.includes(RecordLevel.TABLES) else ()
            run.fill(comparison_record(comparison, recorded, files, round(1000 * time.time())))


def _by_instance(
    recorded: RecordedResults, options: Options, name: str | None
) -> SideBySide | None:
    if name is None:
        return None
    column = shown_column(recorded.table, name or options.measure)
    return side_by_side(recorded.table, prepare(recorded.table, options), options, column)


def _by_group(
    recorded: RecordedResults, options: Options, by: str, listener: Listener
) -> dict[str, Comparison]:
    parts = {}
    for name, part in groups(recorded.table, by).items():
        try:
            parts[name] = compare(part, options)
        except UsageError as error:
            listener.message(f"Note: {by} {name} is left out: {error}")
    return parts
