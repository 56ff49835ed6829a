"""Execute the cells of client.ipynb against an MLflow server, without Jupyter.

Without an address it starts a server on the store of the other examples, and ends it afterwards.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import background_servers
import example_store
from background_servers import HOST, BackgroundServer, ServerError

NOTEBOOK = Path(__file__).with_name("client.ipynb")


def execute(notebook: Path, tracking_uri: str) -> None:
    """Execute the cells of code one after the other, and print the value of each expression."""
    os.environ["MLFLOW_TRACKING_URI"] = tracking_uri
    names: dict[str, object] = {"__name__": "__main__"}
    for cell in json.loads(notebook.read_text())["cells"]:
        if cell["cell_type"] == "code":
            statements = ast.Interactive(ast.parse("".join(cell["source"])).body)
            exec(compile(statements, notebook.name, "single"), names)  # noqa: S102 - the cells are ours


def server(port: int) -> BackgroundServer:
    """Return an MLflow server that also takes the artifacts of its clients, not started yet."""
    command = [sys.executable, "-m", "mlflow", "server", "--workers", "1"]
    where = ["--host", HOST, "--port", str(port)]
    store = ["--backend-store-uri", example_store.STORE, "--artifacts-destination", "mlartifacts"]
    return BackgroundServer([*command, *where, *store], f"http://{HOST}:{port}/health")


def main(argv: Sequence[str] | None = None) -> None:
    """Execute the notebook against the server of the command line, or one of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", default="", help="address, such as http://host:5000")
    chosen = parser.parse_args(argv)
    if chosen.server:
        execute(NOTEBOOK, chosen.server)
        return
    port = background_servers.free_port()
    try:
        with background_servers.ended_by_signals(), server(port) as own:
            own.wait_until_ready()
            execute(NOTEBOOK, f"http://{HOST}:{port}")
    except ServerError as error:
        sys.exit(f"Error: {error}")


if __name__ == "__main__":
    example_store.ended(main)
