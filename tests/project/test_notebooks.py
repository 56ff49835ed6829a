"""The notebooks in examples/, executed in a copy of their folder."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parent.parent.parent
NOTEBOOKS = sorted((ROOT / "examples").glob("*.ipynb"))


def read(path: Path) -> Any:
    """Return a notebook."""
    return nbformat.reads(path.read_text(), as_version=4)  # type: ignore[no-untyped-call]


def code(notebook: Any) -> list[Any]:
    """Return the cells of code."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_is_kept_without_what_it_printed(path: Path) -> None:
    """No output, no count: they would change with each execution."""
    for cell in code(read(path)):
        assert not cell.outputs
        assert cell.execution_count is None


@pytest.mark.slow
def test_the_comparison_shows_itself_in_a_notebook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_temp: dict[str, str]
) -> None:
    """Frames and the comparison as tables, figures as plotly's, without any warning."""
    for name in ("examples", "instances"):
        shutil.copytree(ROOT / name, tmp_path / name)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TMPDIR", own_temp["TMPDIR"])  # the kernel is killed at the end
    notebook = read(ROOT / "examples" / "compare.ipynb")
    folder = {"metadata": {"path": str(tmp_path / "examples")}}
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources=folder).execute()
    outputs = [output for cell in code(notebook) for output in cell.outputs]
    shown = [output.get("data", {}) for output in outputs]
    tables = [data["text/html"] for data in shown if "<table" in data.get("text/html", "")]
    assert len(tables) == 3
    assert "n too small to tell nocuts from default" in tables[-1]
    assert sum("application/vnd.plotly.v1+json" in data for data in shown) == 2
