"""Records of a comparison and of a report for their runs in MLflow."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bench.comparison.comparison import Comparison
from bench.comparison.sources import RecordedResults
from bench.comparison.wording.narrative import headline
from bench.journal import provenance
from bench.report.terminal.comparison import basis_text
from bench.store.truncation import MAX_KEY, truncate_key
from bench.tracking.records.record import Record, outcome_record

if TYPE_CHECKING:
    from bench.comparison.comparison import SettingRow


MOST_SETTINGS = 80
"""MLflow accepts at most 1000 metrics at a time."""
LONGEST = MAX_KEY - len("ratio_high/") - len(" 1000000")


def headline_metrics(comparison: Comparison) -> dict[str, float | None]:
    """Return the numbers of the first requested subset, by the name of their metric.

    ``sgm/<setting>``, ``ratio/<setting>`` and so on; None if unknown, or not defined for the
    baseline. If MLflow cannot distinguish the names of settings, the later ones get a number. Of
    very many settings, the first 80 are included.
    """
    table = comparison.tables[0]
    numbers: dict[str, float | None] = {
        "n_settings": len(comparison.settings),
        "n_blocks": table.n_blocks,
        "n_counted": table.n_counted,
        "n_instances": table.n_instances,
    }
    for setting, label in _labels(comparison.settings[:MOST_SETTINGS]).items():
        own = _of_setting(table.row(setting))
        numbers |= {f"{name}/{label}": value for name, value in own.items()}
    return numbers


def _of_setting(row: SettingRow) -> dict[str, float | None]:
    numbers: dict[str, float | None] = {
        "solved": row.solved,
        "limits": row.limits,
        "wrong": row.wrong,
        "failed": row.failed,
        "sgm": row.sgm,
        "par10_s": row.par10_s,
    }
    if (difference := row.against) is not None:
        numbers |= {
            "ratio": difference.ratio,
            "p_wilcoxon": difference.p_wilcoxon,
            "p_holm": difference.p_holm,
        }
        if difference.interval is not None:
            numbers |= {
                "ratio_low": difference.interval.low,
                "ratio_high": difference.interval.high,
            }
    return numbers


def _labels(settings: Sequence[str]) -> dict[str, str]:
    """Return the name of each setting in metrics, which are all different."""
    labels: dict[str, str] = {}
    for at, setting in enumerate(settings, start=1):
        label = truncate_key(setting)[:LONGEST]
        labels[setting] = f"{label} {at}" if label in labels.values() else label
    return labels


COMPARISON = "comparison"


def comparison_record(
    comparison: Comparison, recorded: RecordedResults, artifacts: tuple[Path, ...], now_ms: int
) -> Record:
    """Return the record: metrics, their basis as tags, and the files as artifacts.

    ``now_ms`` is in ms since the epoch.
    """
    basis = comparison.basis
    tags = {
        "bench.source": ", ".join(recorded.names),
        "bench.baseline": comparison.baseline,
        "bench.settings": ", ".join(comparison.settings),
        "bench.subset": comparison.tables[0].subset,
        "bench.measure": basis.measure,
        "bench.shift": basis.shift,
        "bench.failures": basis.failures,
    }
    return outcome_record(
        COMPARISON,
        f"against {comparison.baseline}",
        metrics=headline_metrics(comparison),
        tags=tags,
        description=f"{headline(comparison)}\n\n{basis_text(comparison)}",
        artifacts=artifacts,
        now_ms=now_ms,
        provenance=provenance.collect(),
    )


REPORT = "report"


def report_record(names: Sequence[str], pages: tuple[Path, ...], now_ms: int) -> Record:
    """Return the record: the page, if any, as artifact; ``names`` are the sources."""
    where = "".join(f" is the artifact {page.name}" for page in pages) or " is not recorded"
    return outcome_record(
        REPORT,
        "report",
        metrics={},
        tags={"bench.source": ", ".join(names)},
        description=f"The report on {', '.join(names)}{where}.",
        artifacts=pages,
        now_ms=now_ms,
        provenance=provenance.collect(),
    )
