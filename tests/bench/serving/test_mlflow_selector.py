"""A registered selector under MLflow: a problem in, a setting out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import bench
from bench.app.options import StoreOptions
from bench.app.registry.register import code_of, requirements
from bench.app.selection.register import CODE
from bench.model.registered_setting import SELECTOR
from bench.model.setting import Setting
from bench.selection.chooser import Chooser
from bench.selection.forest import Forest
from bench.selection.selector import Selector
from bench.solvers import registry
from tests.bench.serving.test_mlflow_serving import Served

THIN = "min\n x0 + x1\nst\n a: x0 + x1 >= 1\nend\n"
WIDE = "min\n x0\nst\n a: " + " + ".join(f"x{at}" for at in range(20)) + " >= 1\nend\n"


def selector() -> Selector:
    """Return one that takes ``cuts`` for more than nine columns, else ``default``."""
    tree = Forest(
        roots=np.array([0]),
        feature=np.array([0, -1, -1]),
        threshold=np.array([np.log1p(9.5), 0.0, 0.0]),
        left=np.array([1, -1, -1]),
        right=np.array([2, -1, -1]),
        value=np.array([[0.0, 0.0], [-1.0, 1.0], [1.0, -1.0]]),
    )
    chooser = Chooser(
        single_best=0,
        forest=tree,
        fill=np.array([1.0]),
        low=np.array([0.0]),
        high=np.array([9.0]),
    )
    settings = (
        Setting(name="default", solver="scip"),
        Setting(name="cuts", solver="scip", params={"separating/maxrounds": 0}),
    )
    return Selector(
        settings=settings,
        solver_version=registry.load("scip").version(),
        bench_version=bench.__version__,
        features=("n_vars",),
        chooser=chooser,
    )


@pytest.fixture
def model(fork_server: None, tmp_path: Path) -> Any:
    """Return the model that MLflow loads, in this process and with the bench that is tested."""
    from mlflow.pyfunc.model import PythonModelContext

    from bench.serving.mlflow_selector import SelectorModel

    del fork_server
    paths = {}
    for name, content in selector().to_files().items():
        (tmp_path / name).write_bytes(content)
        paths[Path(name).stem] = str(tmp_path / name)
    loaded = SelectorModel()
    loaded.load_context(PythonModelContext(paths, {}))  # type: ignore[no-untyped-call]
    return loaded


def test_each_row_gets_a_setting(model: Any) -> None:
    """With its parameters, and why it was chosen, as plain values."""
    thin, wide = model.predict(None, pd.DataFrame([{"model": THIN}, {"model": WIDE}]))
    assert (thin["setting"], thin["params"]) == ("default", {})
    assert (wide["setting"], wide["params"]) == ("cuts", {"separating/maxrounds": 0})
    assert wide["reason"] == "predicted to cost 86 % less than default"
    assert wide["solver_version"] == registry.load("scip").version()
    json.dumps([thin, wide], allow_nan=False)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"model": "hello"}, "neither MPS"),
        ({"model": 3}, "expected a problem as text"),
        ({"model": THIN, "path": "/etc/passwd"}, "unknown column 'path'"),
        ({"model": "min\n x +\nst\n a: x >= >= 1\nend\n"}, "refuses"),
    ],
)
def test_what_is_no_problem_is_refused(model: Any, row: dict[str, Any], said: str) -> None:
    """As an error of MLflow that its server answers with 400."""
    from mlflow.exceptions import MlflowException

    with pytest.raises(MlflowException, match=said) as error:
        model.predict(None, pd.DataFrame([row]))
    assert error.value.error_code == "INVALID_PARAMETER_VALUE"


MPS = """NAME wide
ROWS
 N cost
 G a
COLUMNS
{columns}RHS
 RHS a 1
ENDATA
"""


def mps(n_columns: int) -> str:
    """Return a problem with so many columns as an MPS file."""
    columns = [f" x{at} {row} 1\n" for at in range(n_columns) for row in ("cost", "a")]
    return MPS.format(columns="".join(columns))


def registered_selector(folder: Path) -> str:
    """Register a selector in a store in this folder, and return its URI in the registry."""
    from bench.tracking import model_registry

    made = model_registry.register(
        f"sqlite:///{folder}/mlflow.db",
        StoreOptions().target_experiment(),
        model_registry.ModelDraft(
            name="pick",
            kind=model_registry.ModelKind.SELECTOR,
            artifacts=selector().to_files(),
            code=code_of(CODE),
            package=Path(bench.__file__).parent,
            requirements=requirements(),
            params={},
            tags={SELECTOR: "wide"},
            description="",
            run_id=None,
        ),
    )
    return f"models:/{made.name}/{made.version}"


@pytest.mark.soak
def test_mlflow_serves_a_registered_selector(
    tmp_path: Path, own_temp: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An MPS file in, a setting out; what is no problem is refused, and the server goes on."""
    monkeypatch.chdir(tmp_path)
    server = Served(registered_selector(tmp_path), tmp_path, own_temp)
    try:
        status, content = server.ask([{"model": mps(2)}, {"model": mps(20)}])
        assert status == 200
        assert [one["setting"] for one in content["predictions"]] == ["default", "cuts"]
        assert content["predictions"][1]["params"] == {"separating/maxrounds": 0}
        status, content = server.ask([{"model": "hello"}])
        assert (status, "neither MPS" in content["message"]) == (400, True)
        assert server.ask([{"model": THIN}])[0] == 200
    finally:
        server.end()
