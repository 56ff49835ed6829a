"""docs/solvers.md: its commands work, and its numbers come out."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

TEXT = (Path(__file__).parent.parent.parent / "docs" / "solvers.md").read_text()
SERVER = "http://127.0.0.1:9"
"""Where nobody listens: results stay in the journal, which is what is read."""


def section(title: str) -> str:
    """Return the text of a section."""
    return TEXT[TEXT.index(f"## {title}") :].partition("\n## ")[0]


def commands(title: str) -> list[str]:
    """Return the commands of a section."""
    blocks = re.findall(r"^```console\n(.*?)^```", section(title), re.DOTALL | re.MULTILINE)
    return [line for block in blocks for line in re.findall(r"^\$ (.*)", block, re.MULTILINE)]


@pytest.mark.slow
def test_the_history_of_scip_in_the_open_energy_benchmark(
    shell: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, shared: Path, tmp_path: Path
) -> None:
    """The table of the page is what is printed, and no step is marked."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", SERVER)
    folder = shared / "tables" / "oet"
    rows = pd.read_csv(folder / "benchmark_results.csv")
    rows = rows.merge(pd.read_csv(folder / "metadata_slim.csv"), on="bench-size")
    chosen = (rows["Solver"] == "scip") & (rows["Variables"] < 1e6)
    rows[chosen].to_csv(tmp_path / "oet.csv", index=False)
    printed = [
        shell(f"{command} || test $? = 1", tmp_path).out for command in commands("Over time")
    ]
    (table,) = re.findall(r"^```\n(.*?)^```", section("Over time"), re.DOTALL | re.MULTILINE)
    assert table in printed[-1]
    assert "*" not in table
    page = (tmp_path / "history.html").read_text()
    assert "<svg" in page
    assert "8.0.3" in page
    assert "http" not in page.replace("http://www.w3.org", "")
