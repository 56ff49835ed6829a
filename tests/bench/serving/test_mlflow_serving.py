"""The registered model under MLflow's own commands: what they let it keep."""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pandas as pd
import psutil
import pytest

from tests.bench.serving.conftest import TINY, registered
from tests.bench.serving.test_server import alive
from tests.commands import PROGRAMS
from tests.servers import free_port
from tests.waiting import until

INFEASIBLE = "min\n x\nst\n a: x >= 3\n b: x <= 2\nend\n"


def market_split(n_rows: int = 5, n_columns: int = 40) -> str:
    """Return a problem that takes any solver longer than a test has (Cornuejols and Dawande)."""
    draw = random.Random(1)
    lines = []
    for i in range(n_rows):
        weights = [draw.randint(1, 99) for _ in range(n_columns)]
        terms = " + ".join(f"{weight} x{j}" for j, weight in enumerate(weights))
        lines.append(f" r{i}: {terms} + s{i} - t{i} = {sum(weights) // 2}")
    slacks = " + ".join(f"s{i} + t{i}" for i in range(n_rows))
    binary = " ".join(f"x{j}" for j in range(n_columns))
    return "\n".join(["min", f" {slacks}", "st", *lines, "binary", f" {binary}", "end", ""])


def environment(folder: Path, temporary: dict[str, str]) -> dict[str, str]:
    """Return what MLflow's commands need to know."""
    store = f"sqlite:///{folder}/mlflow.db"
    return {**os.environ, **temporary, "PATH": PROGRAMS, "MLFLOW_TRACKING_URI": store}


class Served:
    """``mlflow models serve``, which has begun to answer."""

    def __init__(self, model: str, folder: Path, temporary: dict[str, str]) -> None:
        """Start it in the folder with the store, and wait for it."""
        self.port = free_port()
        local = ("--env-manager", "local", "-p", str(self.port))
        self.process = subprocess.Popen(
            ["mlflow", "models", "serve", "-m", model, *local],
            cwd=folder,
            env=environment(folder, temporary),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until(self._answers)

    def begin(self, rows: list[Any], **params: Any) -> http.client.HTTPConnection:
        """Send rows."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        body = json.dumps({"dataframe_records": rows, "params": params})
        connection.request("POST", "/invocations", body, {"Content-Type": "application/json"})
        return connection

    def ask(self, rows: list[Any], **params: Any) -> tuple[int, Any]:
        """Return status and content of the response, which has to be strict JSON."""
        with closing(self.begin(rows, **params)) as connection:
            response = connection.getresponse()
            return response.status, json.load(response, parse_constant=pytest.fail)

    def end(self) -> None:
        """Kill the server and all below it."""
        for process in psutil.Process(self.process.pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self.process.kill()
        self.process.wait()

    def _answers(self) -> bool:
        assert self.process.poll() is None
        with suppress(OSError), closing(socket.create_connection(("127.0.0.1", self.port))):
            return True
        return False


@pytest.fixture
def served(registered_once: Path, own_temp: dict[str, str]) -> Iterator[Served]:
    """Return a server of the setting ``cuts``; end all of it afterwards."""
    server = Served("models:/cuts/1", registered_once, own_temp)
    yield server
    server.end()


@pytest.fixture
def model(fork_server: None, tmp_path: Path) -> Any:
    """Return the model that MLflow loads, in this process and with the bench that is tested."""
    from mlflow.pyfunc.model import PythonModelContext

    from bench.serving.mlflow_model import SettingModel

    del fork_server
    path = tmp_path / "setting.json"
    path.write_text(registered().registered.to_json())
    loaded = SettingModel()
    context = PythonModelContext({"setting": str(path)}, {})  # type: ignore[no-untyped-call]
    loaded.load_context(context)
    return loaded


def test_the_model_answers_each_row(model: Any) -> None:
    """With what `bench serve` answers, as plain values."""
    rows = pd.DataFrame([{"model": TINY, "start": {"x": 5}}, {"model": INFEASIBLE}])
    tiny, infeasible = model.predict(None, rows, {"time_limit": None, "gap": 0.0})
    assert (tiny["status"], tiny["objective"], tiny["solution"]) == ("optimal", 3.0, {"x": 3.0})
    assert (infeasible["status"], infeasible["objective"]) == ("infeasible", None)
    json.dumps([tiny, infeasible], allow_nan=False)


@pytest.mark.parametrize(
    ("row", "params", "said"),
    [
        ({"model": TINY}, {"time_limit": 50.0}, "time_limit = 50: expected more than 0 and at"),
        ({"model": TINY}, {"gap": -1.0}, "gap = -1"),
        ({"model": "hello"}, {}, "neither MPS"),
        ({"model": TINY, "start": {"y": 1}}, {}, "the problem has no column 'y'"),
    ],
)
def test_the_model_refuses_what_the_server_refuses(
    model: Any, row: dict[str, Any], params: dict[str, Any], said: str
) -> None:
    """As an error of MLflow that its server answers with 400."""
    from mlflow.exceptions import MlflowException

    with pytest.raises(MlflowException, match=said) as error:
        model.predict(None, pd.DataFrame([row]), params)
    assert error.value.error_code == "INVALID_PARAMETER_VALUE"


@pytest.mark.soak
def test_mlflow_serves_a_registered_setting(served: Served, own_temp: dict[str, str]) -> None:
    """Right, with null where there is nothing, and no solver left when the worker is killed."""
    status, content = served.ask([{"model": TINY, "start": {"x": 5}}, {"model": INFEASIBLE}])
    assert status == 200
    tiny, infeasible = content["predictions"]
    assert (tiny["objective"], tiny["solution"]) == (3.0, {"x": 3.0})
    assert (infeasible["status"], infeasible["objective"]) == ("infeasible", None)
    status, content = served.ask([{"model": TINY}], time_limit=59.0)
    assert status == 400
    assert "time_limit = 59: expected more than 0 and at most 49 s" in content["message"]
    with closing(served.begin([{"model": market_split()}])):
        folder = Path(own_temp["TMPDIR"])
        until(lambda: list(folder.glob("bench-solve-*/task/solving")))
        (worker,) = psutil.Process(served.process.pid).children()
        below = worker.children(recursive=True)
        assert len(below) >= 3
        worker.send_signal(signal.SIGKILL)
        until(lambda: not alive(below))


@pytest.mark.soak
def test_mlflow_predicts_with_a_registered_setting(
    registered_once: Path, own_temp: dict[str, str], tmp_path: Path
) -> None:
    """From a file to a file, as a batch job does."""
    (tmp_path / "in.json").write_text(json.dumps({"dataframe_records": [{"model": TINY}]}))
    files = ("-i", str(tmp_path / "in.json"), "-o", str(tmp_path / "out.json"))
    subprocess.run(
        ["mlflow", "models", "predict", "-m", "models:/cuts/1", "--env-manager", "local", *files],
        cwd=registered_once,
        env=environment(registered_once, own_temp),
        check=True,
        capture_output=True,
    )
    (answer,) = json.loads((tmp_path / "out.json").read_text())["predictions"]
    assert answer["objective"] == 3.0


PREDICT = """
import json, sys
import mlflow
model = mlflow.pyfunc.load_model(sys.argv[1])
import bench
print(json.dumps([bench.__file__, *model.predict({"model": sys.argv[2]})]))
"""


def instructions(dockerfile: Path) -> list[tuple[str, str]]:
    """Return the instructions of a Dockerfile with their arguments, in order."""
    text = dockerfile.read_text().replace("\\\n", " ")
    lines = [line.strip() for line in text.splitlines()]
    parts = [line.partition(" ") for line in lines if line and not line.startswith("#")]
    return [(name, rest.strip()) for name, _, rest in parts]


@pytest.mark.soak
def test_the_dockerfile_installs_what_the_model_needs(
    registered_once: Path, own_temp: dict[str, str], tmp_path: Path
) -> None:
    """Its install steps, in an environment of their own without bench, are enough to solve."""
    image = tmp_path / "image"
    env = environment(registered_once, own_temp)
    subprocess.run(
        ["mlflow", "models", "generate-dockerfile", "-m", "models:/cuts/1", "-d", str(image)],
        cwd=registered_once,
        env=env,
        check=True,
        capture_output=True,
    )
    found = instructions(image / "Dockerfile")
    python = f"{sys.version_info.major}.{sys.version_info.minor}."
    assert found[0][0] == "FROM"
    assert found[0][1].startswith(f"python:{python}")
    assert ("COPY", "model_dir /opt/ml/model") in found
    installs = [rest for name, rest in found if name == "RUN" and "install" in rest]
    steps = [step for step in installs if step.startswith(("pip install", "python -c"))]
    assert len(steps) == 2
    place = Path(own_temp["TMPDIR"]) / "venv"  # of a gigabyte: pytest would keep it
    venv.create(place, with_pip=True)
    programs = place / "bin"
    own = {**env, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": ""}
    for step in steps:
        command = step.replace("/opt/ml/model", str(image / "model_dir"))
        subprocess.run(command, shell=True, cwd=tmp_path, env=own, check=True, capture_output=True)
    done = subprocess.run(
        [programs / "python", "-c", PREDICT, str(image / "model_dir"), TINY],
        cwd=tmp_path,
        env=own,
        check=True,
        capture_output=True,
        text=True,
    )
    origin, answer = json.loads(done.stdout.splitlines()[-1])
    assert origin.startswith(str(image / "model_dir" / "code"))
    assert answer["objective"] == 3.0
