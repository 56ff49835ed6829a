"""A report as what stands on its run in MLflow."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bench.journal import provenance
from bench.tracking.records.record import Record, outcome_record

KIND = "report"


def report_record(names: Sequence[str], page: Path, now_ms: int) -> Record:
    """Return the record: the page as artifact; ``names`` say where its results come from."""
    return outcome_record(
        KIND,
        "report",
        metrics={},
        tags={"bench.source": ", ".join(names), **provenance.collect()},
        description=f"The report on {', '.join(names)} is the artifact {page.name}.",
        artifacts=(page,),
        now_ms=now_ms,
    )
