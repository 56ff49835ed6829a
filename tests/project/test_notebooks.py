"""The notebooks in examples/, executed in a copy of their folder."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import background_servers
import nbformat
import pytest
import run_client_notebook
from nbclient import NotebookClient

from tests.forked import Loaded
from tests.mlflow_server import MlflowServer
from tests.templates import empty_store

ROOT = Path(__file__).parent.parent.parent
NOTEBOOKS = sorted((ROOT / "examples").rglob("*.ipynb"))


def read(path: Path) -> Any:
    """Return a notebook."""
    return nbformat.reads(path.read_text(), as_version=4)  # type: ignore[no-untyped-call]


def code(notebook: Any) -> list[Any]:
    """Return the cells of code."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def execute(notebook: Any, folder: Path) -> None:
    """Execute all cells in a folder; what they show stands in the notebook afterwards."""
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources=resources).execute()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_is_kept_without_what_it_printed(path: Path) -> None:
    """No output, no count: they would change with each execution."""
    for cell in code(read(path)):
        assert not cell.outputs
        assert cell.execution_count is None


@pytest.fixture
def kernel_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_temp: dict[str, str]
) -> None:
    """Let a kernel be of this Python, at home in the folder of the test."""
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TMPDIR", own_temp["TMPDIR"])  # the kernel is killed at the end


@pytest.mark.slow
@pytest.mark.usefixtures("kernel_environment")
def test_the_comparison_shows_itself_in_a_notebook(tmp_path: Path) -> None:
    """Frames and the comparison as tables, figures as plotly's, without any warning."""
    for name in ("examples", "instances"):
        shutil.copytree(ROOT / name, tmp_path / name)
    notebook = read(ROOT / "examples" / "compare.ipynb")
    execute(notebook, tmp_path / "examples")
    outputs = [output for cell in code(notebook) for output in cell.outputs]
    shown = [output.get("data", {}) for output in outputs]
    tables = [data["text/html"] for data in shown if "<table" in data.get("text/html", "")]
    assert len(tables) == 3
    assert "too few instances to decide between nocuts and default" in tables[-1]
    assert sum("application/vnd.plotly.v1+json" in data for data in shown) == 2


@pytest.fixture
def server(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, loaded: Loaded
) -> Iterator[MlflowServer]:
    """Return a server that takes artifacts by HTTP; its folder is not that of the client."""
    folder = tmp_path / "server"
    folder.mkdir()
    shutil.copy(empty_store(tmp_path_factory), folder / "mlflow.db")
    store = ("--backend-store-uri", f"sqlite:///{folder}/mlflow.db")
    kept = ("--artifacts-destination", str(folder / "kept"))
    server = MlflowServer(loaded, folder, (*store, *kept))
    server.start()
    try:
        yield server
    finally:
        server.kill()


@pytest.mark.slow
@pytest.mark.usefixtures("kernel_environment")
def test_a_client_in_a_notebook_writes_to_a_remote_server_and_reads_back(
    tmp_path: Path,
    server: MlflowServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """In Jupyter and by the script of its entry point; the UI's own request finds both runs."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server.uri)
    notebook = read(ROOT / "examples" / "mlflow" / "client.ipynb")
    execute(notebook, tmp_path)
    outputs = [output for cell in code(notebook) for output in cell.outputs]
    shown = [output.data["text/plain"] for output in outputs if "data" in output]
    assert shown[0] == repr(server.uri)
    assert shown[2:] == [
        "({'max_depth': '6'}, {'rmse': 57.2})",
        "[(0, 61.0), (1, 58.5), (2, 57.2)]",
        r"'three steps\n'",
        "(1, 'client')",
    ]
    assert [path.read_text() for path in (tmp_path / "server").rglob("notes.txt")] == [
        "three steps\n"
    ]
    run_client_notebook.main(["--server", server.uri])
    assert capsys.readouterr().out.splitlines()[-1] == "(2, 'client')"
    assert runs_in_the_ui(server, 'tags.model_type = "sklearn"') == ["client", "client"]
    assert runs_in_the_ui(server, 'tags.model_type = "mean"') == []


def runs_in_the_ui(server: MlflowServer, searched: str) -> list[str]:
    """Return the names of the runs that the page shows for a text in its search box."""
    wanted = json.dumps({"experiment_ids": ["1"], "filter": searched})
    page = f"{server.uri}/ajax-api/2.0/mlflow/runs/search"
    found = json.loads(background_servers.request(page, wanted.encode()))
    return [run["info"]["run_name"] for run in found.get("runs", [])]
