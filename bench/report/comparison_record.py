"""A comparison as what stands on its run in MLflow."""

from __future__ import annotations

from pathlib import Path

from bench.analysis.comparison import Comparison
from bench.analysis.key_numbers import key_numbers
from bench.analysis.words import headline
from bench.report.comparison import basis_text
from bench.tracking import provenance
from bench.tracking.record import Record, outcome_record
from bench.tracking.sources import Recorded

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
