"""Serve a random forest and an SVR on two ports at once, and ask both over HTTP."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack

import background_servers
import diabetes
import example_store
import pandas as pd
from background_servers import HOST, BackgroundServer, ServerError
from mlflow import MlflowClient

FOREST = "diabetes-forest"
SVR = "diabetes-svr"
ALIAS = "best"


def register_two() -> None:
    """Register both models; the alias of each names its new version."""
    for name, estimator in ((FOREST, diabetes.forest()), (SVR, diabetes.svr())):
        version = diabetes.record(estimator, name, {"model_type": "sklearn"})
        MlflowClient().set_registered_model_alias(name, ALIAS, version.version)


def server(model: str, port: int, tracking_uri: str) -> BackgroundServer:
    """Return ``mlflow models serve`` of the version that an alias names, not started yet."""
    serve = [sys.executable, "-m", "mlflow", "models", "serve", "--env-manager", "local"]
    where = ["-m", f"models:/{model}@{ALIAS}", "--host", HOST, "--port", str(port)]
    environment = {"MLFLOW_TRACKING_URI": tracking_uri}
    return BackgroundServer([*serve, *where], f"http://{HOST}:{port}/ping", environment)


def ask(port: int, patients: pd.DataFrame) -> list[float]:
    """Return the predictions of the server at a port."""
    body = json.dumps({"dataframe_split": patients.to_dict(orient="split", index=False)})
    answer = background_servers.request(f"http://{HOST}:{port}/invocations", body.encode())
    predictions: list[float] = json.loads(answer)["predictions"]
    return predictions


def serve_and_ask(ports: Mapping[str, int], tracking_uri: str, *, keep_running: bool) -> None:
    """Serve each model on its port, print what all of them answer, and end them."""
    patients = diabetes.load_data().x_test.head(3)
    with background_servers.ended_by_signals(), ExitStack() as stack:
        started = [
            stack.enter_context(server(model, port, tracking_uri)) for model, port in ports.items()
        ]
        for one in started:
            one.wait_until_ready()
        for model, port in ports.items():
            answers = ", ".join(f"{value:.1f}" for value in ask(port, patients))
            print(f"{model} at http://{HOST}:{port}/invocations: {answers}", flush=True)
        if keep_running:
            print("Ctrl-C ends both", flush=True)
            signal.pause()


def main(argv: Sequence[str] | None = None) -> None:
    """Register both models in the store of the command line, and serve them."""
    parser = example_store.parser(__doc__)
    parser.add_argument("--forest-port", type=int, default=8001, help="[default: %(default)s]")
    parser.add_argument("--svr-port", type=int, default=8002, help="[default: %(default)s]")
    parser.add_argument("--keep-running", action="store_true", help="serve until Ctrl-C")
    chosen = parser.parse_args(argv)
    ports = {FOREST: chosen.forest_port, SVR: chosen.svr_port}
    if chosen.forest_port == chosen.svr_port:
        parser.error("the two models need two ports")
    try:
        for port in ports.values():
            background_servers.require_free(port)
        example_store.use_store(chosen.tracking_uri, chosen.experiment)
        register_two()
        serve_and_ask(ports, chosen.tracking_uri, keep_running=chosen.keep_running)
    except ServerError as error:
        sys.exit(f"Error: {error}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    example_store.ended(main)
