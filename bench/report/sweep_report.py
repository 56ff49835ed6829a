"""The files on MLflow's run of a sweep: the report, and the comparison that it is based on."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from bench.comparison.summary.summaries import SummaryMetrics
from bench.errors import BenchError
from bench.journal.counted_results import left_out_lines
from bench.model.results.result import Result
from bench.tracking.run_metrics import RunMetrics

if TYPE_CHECKING:
    from bench.comparison.comparison import Comparison
    from bench.comparison.options import Options
    from bench.comparison.sources import RecordedResults

REPORT = "report.html"
MARKDOWN = "comparison.md"
JSON = "comparison.json"
INTERACTIVE_FIGURES = "figures.html"


class ReportBuilder:
    """Builds summaries, and for the sweep the report as a file next to its journal.

    An error in the report is noted in the description; no result is lost.
    """

    def __init__(self, folder: Path) -> None:
        """Take the folder of the campaign."""
        self._folder = folder
        self._summaries = SummaryMetrics(self._comparison)
        self._made: tuple[Sequence[Result], _Source] | None = None

    def setting(self, subset: Sequence[Result], all_results: Sequence[Result]) -> RunMetrics:
        """Return the summary of a setting."""
        return self._summaries.setting(subset, all_results)

    def sweep(self, all_results: Sequence[Result]) -> RunMetrics:
        """Return the summary of the sweep, with its headline and files."""
        run_metrics = self._summaries.sweep(all_results)
        try:
            found, files = _written(self._folder, self._source(all_results))
        except (BenchError, OSError) as error:
            found, files = f"There is no report: {error}.", ()
        except Exception as error:  # noqa: BLE001 - whatever it is, the results are delivered
            found, files = f"There is no report: {error!r}.", ()
        told = f"**{found}**" if files and found else found
        description = "\n\n".join(part for part in (told, run_metrics.description) if part)
        return replace(
            run_metrics,
            files=(*run_metrics.files, *files),
            description=description,
            headline=found if files else "",
        )

    def _comparison(self, all_results: Sequence[Result]) -> Comparison | None:
        """Return the comparison of the settings; None if it is impossible."""
        try:
            return self._source(all_results).comparison
        except Exception:  # noqa: BLE001 - `sweep` says it; whatever it is, results are delivered
            return None

    def _source(self, all_results: Sequence[Result]) -> _Source:
        """Return the source of all data about these results, computed once."""
        if self._made is None or self._made[0] is not all_results:
            self._made = all_results, _source(self._folder, all_results)
        return self._made[1]


@dataclass(frozen=True, slots=True)
class _Source:
    """The results of a sweep, their comparison, and its conclusion; None with one setting."""

    recorded: RecordedResults
    options: Options
    comparison: Comparison | None


def _source(folder: Path, all_results: Sequence[Result]) -> _Source:
    from bench.comparison.compare import compare  # noqa: PLC0415 - 0.5 s, at the end only
    from bench.comparison.integrals import with_integrals  # noqa: PLC0415 - see above
    from bench.comparison.normalize import (  # noqa: PLC0415 - see above
        with_distinct_settings,
    )
    from bench.comparison.options import Options  # noqa: PLC0415 - see above
    from bench.comparison.sources import of_results  # noqa: PLC0415 - see above

    recorded = of_results(folder, all_results)
    recorded = replace(
        recorded,
        table=with_integrals(recorded.table, recorded.results),
        left_out=left_out_lines(folder),
        shows_logs=recorded.record.has_texts,
    )
    options = Options(baseline=recorded.baseline, left_out=recorded.left_out)
    several = with_distinct_settings(recorded.table)["setting"].nunique() > 1
    return _Source(recorded, options, compare(recorded.table, options) if several else None)


def _written(folder: Path, source: _Source) -> tuple[str, tuple[Path, ...]]:
    """Write the files; return the headline, and the files."""
    from bench.comparison.compare import prepare  # noqa: PLC0415 - 0.5 s, at the end only
    from bench.comparison.wording.narrative import conclusions, headline  # noqa: PLC0415 - see above
    from bench.report.comparison_formats import to_text  # noqa: PLC0415 - see above
    from bench.report.figures.browser import html_page  # noqa: PLC0415 - see above
    from bench.report.figures.settings import SETTING_FIGURES  # noqa: PLC0415 - see above
    from bench.report.page.page import report_page  # noqa: PLC0415 - see above

    recorded, options, comparison = source.recorded, source.options, source.comparison
    repeat = shlex.join(["bench", "report", *recorded.names])
    texts = {REPORT: report_page(recorded, options, (*recorded.commands, repeat))}
    found = ""
    if comparison is not None:
        words = [each.sentence for each in conclusions(comparison)]
        texts[MARKDOWN] = to_text(comparison, "markdown", words)
        texts[JSON] = to_text(comparison, "json", words)
        ready = prepare(recorded.table, options)
        texts[INTERACTIVE_FIGURES] = html_page(
            *(make(ready, ready.options) for make in SETTING_FIGURES.values())
        )
        found = headline(comparison)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return found, tuple(folder / name for name in texts)
