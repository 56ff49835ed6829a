"""Two published tables: imported, and compared by bench, they give the published numbers."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd
import pytest

from bench.app import import_results
from bench.comparison.compare import compare
from bench.comparison.comparison import SettingRow
from bench.comparison.options import Failures, Options
from bench.interop.any_format import read
from bench.interop.reported import ImportHints, ReportedResult
from bench.journal.table import frame

OET = {
    "instance": "bench-size",
    "setting": "solver-version",
    "solver": "Solver",
    "version": "Solver Version",
    "time": "Runtime (s)",
    "time_limit": "Timeout",
    "status": "Status",
    "primal": "Objective Value",
}
PUBLISHED = {
    "cbc-2.10.11": ("0.546053", "453.531740"),
    "cbc-2.10.12": ("0.546053", "456.928077"),
    "glpk-5.0": ("0.315789", "1412.172931"),
    "gurobi-10.0.0": ("0.828947", "104.875870"),
    "gurobi-11.0.0": ("0.835526", "102.968326"),
    "gurobi-12.0.0": ("0.835526", "103.719601"),
    "gurobi-13.0.0": ("0.828947", "101.160950"),
    "highs-1.12.0": ("0.657895", "263.290272"),
    "highs-1.5.0.dev0": ("0.644737", "269.281541"),
    "highs-1.6.0.dev0": ("0.638158", "266.468057"),
    "highs-1.9.0": ("0.644737", "267.024821"),
    "scip-10.0.0": ("0.631579", "398.251468"),
    "scip-8.0.3": ("0.631579", "398.757925"),
    "scip-8.1.0": ("0.631579", "397.864161"),
    "scip-9.2.0": ("0.631579", "398.707912"),
}


def results(reported: Iterable[ReportedResult]) -> pd.DataFrame:
    """Return the table of what a file reports."""
    return frame(import_results._result(one, {}, Path(), 0.0) for one in reported)


def compared(table: pd.DataFrame, **options: object) -> tuple[SettingRow, ...]:
    """Return the row of each setting over all instances."""
    chosen = Options(n_resamples=100, subsets=("all",), force=True, **options)  # type: ignore[arg-type]
    return compare(table, chosen).tables[0].rows


@pytest.mark.parametrize(
    ("measure", "shift", "clip", "mean"),
    [
        ("nodes", 0.0, 1.0, "74.2"),
        ("nodes", 100.0, 0.0, "405.8"),
        ("solve", 0.0, 1.0, "27.6"),
        ("solve", 10.0, 0.0, "36.0"),
    ],
)
def test_the_footer_of_scips_table_follows_from_its_rows(
    shared: Path, measure: str, shift: float, clip: float, mean: str
) -> None:
    """182 instances, 177 passed, 1 timeout, 4 failed that count as they were recorded.

    A comparison takes two settings: the table under two names, which are equal in everything.
    """
    (file,) = (shared / "tables" / "scip_check").glob("*.res")
    readings = [read(file, None, ImportHints(setting=name)) for name in ("a", "b")]
    assert not any(reading.problems for reading in readings)
    table = results(one for reading in readings for one in reading.reported)
    one, same = compared(table, measure=measure, shift=shift, clip=clip, failures=Failures.KEEP)
    assert f"{one.sgm:.1f}" == mean
    assert (one.solved, one.limits, one.failed) == (177, 1, 4)
    assert same.against is not None
    assert same.against.ratio == 1


@pytest.mark.slow
def test_the_table_of_a_public_benchmark_gives_its_30_published_numbers(shared: Path) -> None:
    """15 solvers: the share solved and the shifted geometric mean, to every printed digit."""
    folder = shared / "tables" / "oet"
    sizes = pd.read_csv(folder / "metadata_slim.csv").set_index("bench-size")["Variables"]
    hints = ImportHints(columns=OET, statuses={"warning": "optimal"})
    reading = read(folder / "benchmark_results.csv", None, hints)
    assert not reading.problems
    table = results(
        one
        for one in reading.reported
        if one.task.setting.name in PUBLISHED and sizes[one.task.instance.name] < 1e6
    )
    rows = compared(table, shift=10.0, clip=0.0, failures=Failures.CAP)
    found = {row.setting: (f"{row.solved / 152:.6f}", f"{row.sgm:.6f}") for row in rows}
    assert found == PUBLISHED
