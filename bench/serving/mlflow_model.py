"""The code of a registered setting: MLflow copies this file into the model and executes it.

It imports mlflow, and no module imports it. In a model it is next to ``code/bench.zip``, the bench
that registered the setting, which takes precedence over an installed one.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
from mlflow.environment_variables import MLFLOW_SCORING_SERVER_REQUEST_TIMEOUT as TIMEOUT
from mlflow.exceptions import MlflowException
from mlflow.models import set_model
from mlflow.pyfunc.model import PythonModel, PythonModelContext

OWN = Path(__file__).parent / "code" / "bench.zip"
if OWN.is_file():
    sys.path.insert(0, str(OWN))

import bench  # noqa: E402
from bench.app.solve import SolveConfig, preload, solve  # noqa: E402
from bench.errors import BenchError, InstanceError, UsageError  # noqa: E402
from bench.execution.process.fork_servers import fork_server  # noqa: E402
from bench.model.registered_setting import from_json  # noqa: E402
from bench.serving.children import let_children_find_bench  # noqa: E402
from bench.serving.invocations import solve_requests  # noqa: E402
from bench.solvers import registry  # noqa: E402

MAX_MIB = 32.0
MARGIN_S = 1.0
"""The solve ends this long before MLflow's server would report a timeout."""


class SettingModel(PythonModel):
    """Solves each row's problem with the setting, in separate processes, one after the other."""

    def load_context(self, context: PythonModelContext) -> None:
        """Read the setting, check the versions, and start the fork server."""
        path = Path(context.artifacts["setting"])
        setting = from_json(path.read_bytes(), str(path))
        setting.check_versions(
            solver=registry.load(setting.setting.solver).version(),
            bench=bench.__version__,
            name="this model",
        )
        timeout = float(os.environ.get(TIMEOUT.name, TIMEOUT.default)) - MARGIN_S
        self._config = SolveConfig(setting=setting, timeout=timeout)
        let_children_find_bench()
        fork_server.prepare_for_good(preload(setting))

    def predict(
        self,
        context: PythonModelContext,
        model_input: pd.DataFrame,
        params: dict[str, Any] | None = None,
    ) -> list[dict[str, Any]]:
        """Return an answer for each row; MlflowException if one cannot be answered."""
        del context
        began = time.monotonic()
        rows = [
            {str(name): value for name, value in row.items()}
            for row in model_input.to_dict("records")
        ]
        try:
            with TemporaryDirectory(prefix="bench-requests-") as folder:
                requests = solve_requests(
                    rows,
                    params or {},
                    timeout=self._config.timeout,
                    folder=Path(folder),
                    max_mib=MAX_MIB,
                )
                return [
                    solve(each, self._config.with_time_since(began)).to_object()
                    for each in requests
                ]
        except (UsageError, InstanceError) as error:
            raise MlflowException.invalid_parameter_value(str(error)) from None
        except BenchError as error:
            raise MlflowException(str(error)) from None


set_model(SettingModel())
