"""A comparison as what stands on its run in MLflow."""

from __future__ import annotations

from pathlib import Path

from bench.comparison.comparison import Comparison
from bench.comparison.headline_metrics import key_numbers
from bench.comparison.narrative import headline
from bench.comparison.sources import Recorded
from bench.journal import provenance
from bench.report.terminal.comparison import basis_text
from bench.tracking.records.record import Record, outcome_record

KIND = "comparison"


def comparison_record(
    comparison: Comparison, recorded: Recorded, artifacts: tuple[Path, ...], now_ms: int
) -> Record:
    """Return the record: key numbers, what they stand on as tags, and the files as artifacts.

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
        **provenance.collect(),
    }
    return outcome_record(
        KIND,
        f"against {comparison.baseline}",
        metrics=key_numbers(comparison),
        tags=tags,
        description=f"{headline(comparison)}\n\n{basis_text(comparison)}",
        artifacts=artifacts,
        now_ms=now_ms,
    )
