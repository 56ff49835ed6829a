"""The published tables of docs/interop.md come out of its commands."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

TEXT = (Path(__file__).parent.parent.parent / "docs" / "interop.md").read_text()
FOOTER, OET, PAVER, BENCHEXEC = (
    re.findall(r"^\$ (.*)", block, re.MULTILINE)
    for block in re.findall(r"^```console\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
)
SERVER = "http://127.0.0.1:9"
"""Where nobody listens: results stay in the journal, which is what is compared."""


@pytest.fixture
def execute(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, shell: Callable[..., Any]
) -> Callable[[str], str]:
    """Return a function that executes a command of the page in an empty folder."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", SERVER)

    def printed(command: str) -> str:
        done = shell(command, tmp_path, code=None)
        assert done.code in {0, 1}, done.err
        return str(done.out)

    return printed


@pytest.mark.slow
def test_the_footer_of_scips_table(
    execute: Callable[[str], str], shared: Path, tmp_path: Path
) -> None:
    """74.2 and 405.8 nodes, 27.6 and 36.0 s; 177 passed, 4 failed."""
    (table,) = (shared / "tables" / "scip_check").glob("*.res")
    (tmp_path / table.name).symlink_to(table)
    for command in FOOTER[:2]:
        execute(command)
    for command, mean in zip(FOOTER[2:], ("74.2", "405.8", "27.6", "36.0"), strict=True):
        row = next(line for line in execute(command).splitlines() if line.startswith("a "))
        _, solved, failed, found, *_ = row.split()
        assert (solved, failed) == ("177", "4")
        assert f"{float(found):.1f}" == mean


@pytest.mark.slow
def test_the_numbers_of_open_energy(
    execute: Callable[[str], str], shared: Path, tmp_path: Path
) -> None:
    """A sample of the 30, which are all in tests/bench/cli/test_published_tables.py."""
    folder = shared / "tables" / "oet"
    rows = pd.read_csv(folder / "benchmark_results.csv")
    rows = rows.merge(pd.read_csv(folder / "metadata_slim.csv"), on="bench-size")
    chosen = ~rows["Solver"].isin(["highs-ipx", "highs-hipo"]) & (rows["Variables"] < 1e6)
    rows[chosen].to_csv(tmp_path / "oet.csv", index=False)
    *_, printed = map(execute, OET)
    found = pd.read_csv(io.StringIO(printed)).set_index("setting")
    assert len(found) == 15
    for name, share, mean in (
        ("glpk-5.0", "0.315789", "1412.172931"),
        ("gurobi-12.0.0", "0.835526", "103.719601"),
        ("scip-10.0.0", "0.631579", "398.251468"),
    ):
        one = found.loc[name]
        assert (f"{one['solved'] / 152:.6f}", f"{one['sgm']:.6f}") == (share, mean)


def stated(after: str) -> list[list[str]]:
    """Return the cells of the table that follows a text of the page, without its header."""
    rows = re.findall(r"^\| (.*) \|$", TEXT[TEXT.index(after) :].split("\n\n")[2], re.MULTILINE)
    return [row.split(" | ") for row in rows[2:]]


@pytest.mark.slow
def test_the_means_of_paver(execute: Callable[[str], str], shared: Path, tmp_path: Path) -> None:
    """Each number of the page's table comes out, to its last digit."""
    for file in ("CBC.trc", "SCIPspx.trc"):
        (tmp_path / file).symlink_to(shared / "tables" / "paver" / file)
    *_, printed = map(execute, PAVER)
    found = pd.read_csv(io.StringIO(printed))
    for _, cbc, scip, column in stated("`--timeouts measured` keeps them"):
        for expected, value in zip((cbc, scip), found[column.strip("`")], strict=True):
            assert value == pytest.approx(float(expected), abs=1e-6), column


@pytest.mark.slow
def test_the_statistics_of_benchexec(
    execute: Callable[[str], str], shared: Path, tmp_path: Path
) -> None:
    """CPU times, then wall times."""
    for file in (shared / "tables" / "benchexec").glob("*.xml"):
        (tmp_path / file.name).symlink_to(file)
    _, *printed = map(execute, BENCHEXEC)
    cpu, wall = (pd.read_csv(io.StringIO(text)) for text in printed)
    table = stated("wall times with `--measure wall`")
    for found, rows in ((cpu, table[:3]), (wall, table[3:])):
        for _, *expected, column in rows:
            values = found[column.strip("`")]
            assert list(values) == [pytest.approx(float(each), rel=1e-9) for each in expected]
