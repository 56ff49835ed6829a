"""Commands on the work folder that version 0.1 left."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from bench.journal.table import read_parquet, write_frame
from tests.commands import Run

DATA = Path(__file__).parents[2] / "data" / "version-0.1" / "mixed"
NEWER = ["n_solutions", "peak_mib", "machine"]
"""Columns that a verdict does without, as if that version had not had them yet."""
STORE = ("--tracking-uri", "sqlite:///mlflow.db", "--experiment-name", "old")


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """Return the work folder of version 0.1, in the place where bench looks for it."""
    folder = tmp_path / "bench-work" / "mixed"
    shutil.copytree(DATA, folder)
    return folder


def verdicts(found: dict[str, Any]) -> list[tuple[str, int, int, int, int]]:
    """Return the settings of a comparison with their verdicts, sorted."""
    kinds = ("setting", "solved", "limits", "wrong", "failed")
    return sorted(tuple(each[kind] for kind in kinds) for each in found["tables"][0]["rows"])


def test_its_results_are_checked(bench: Run, work: Path) -> None:
    """Today's rules come to the same verdicts."""
    assert work.is_dir()
    found = bench("check", "mixed", "--dry-run", "--json").json
    assert (found["checked"], found["changed"]) == (24, [])


def test_its_results_are_compared(bench: Run, work: Path) -> None:
    """The journal and its table alike."""
    first = bench("compare", "mixed", "--format", "json").json
    (work / "journal.jsonl").unlink()
    table = work / "results.parquet"
    again = bench("compare", table, "--baseline", "default", "--format", "json").json
    assert len(verdicts(first)) == 12
    assert verdicts(first) == verdicts(again)


@pytest.mark.slow
def test_its_results_are_uploaded_and_its_tables_judged_in_mlflow(
    bench: Run, work: Path, tmp_path: Path
) -> None:
    """Once; and then without the journal, by the table of an earlier version."""
    assert bench("sync", "mixed", *STORE).out == "mixed: 24 uploaded, 0 already there\n"
    assert bench("sync", "mixed", *STORE).out == "mixed: 0 uploaded, 24 already there\n"
    tables = list(tmp_path.glob("**/artifacts/results.parquet"))
    assert len(tables) == 13
    old = read_parquet(work / "results.parquet").drop(columns=NEWER)
    for path in tables:
        write_frame(old[old["key"].isin(read_parquet(path)["key"])], path)
    shutil.rmtree(work)
    found = bench("check", *STORE, "--json").json
    assert (found["checked"], found["changed"]) == (24, [])
